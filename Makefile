# One command before a change goes in: make check. What it checks, and why, is in .ci/run.
.PHONY: check lint test race torture cover bench bench-embedded bench-real fmt tidy test-real test-mysql97

include deploy/native/cluster.mk

check:
	.ci/run

lint:
	.ci/run lint

test:
	go test ./...

race:
	go test -race -shuffle=on ./...

# The faults for longer than `go test ./...` takes for them: half an hour or so. What it prints first repeats its choices.
torture:
	go test -race -count=1 -timeout 3h -v ./internal/torture -kills 20 -rounds 30 -cuts 500 -kafka-away 60s
	go test -count=1 ./internal/model -rapid.checks 2000
	go test -count=1 -timeout 30m -v -run Withstand ./seckilltest -torture.for 5m

# The suites, the sales and the faults against the servers of `make cluster-up`. A server that is away fails them; so one
# package after another, as the faults take servers away.
test-real:
	go test -count=1 -p 1 -tags real ./internal/realtest ./internal/e2e ./order/gormorder ./examples/internal/clients ./examples/bench/peer ./examples/bench/primitive
	go test -count=1 -tags real -run OnMySQL ./internal/torture

# The ledger and the catalog on Oracle's MySQL, with its own defaults, of `SERVICES=mysql97 make cluster-up`.
test-mysql97: export SECKILL_TEST_MYSQL ?= root:123456@tcp(127.0.0.1:3307)/
test-mysql97:
	go test -count=1 -tags real ./order/gormorder
	go test -count=1 -tags real -run 'Ledger|Catalog' ./internal/realtest

cover:
	go test -coverpkg=./... -coverprofile=coverage.out ./...
	go tool cover -func=coverage.out | tail -n 1

# Numbers to compare: go tool benchstat, or your eyes. A machine that does something else lies.
bench:
	go test -run '^$$' -bench . -benchmem ./...

# The engine beside hello and the honest peer, in one run. The figures also go to bin/, as JSON.
bench-embedded:
	mkdir -p bin
	go run ./examples/bench -json bin/bench-embedded.json

# The same on the servers of `make cluster-up`.
bench-real:
	mkdir -p bin
	go run ./examples/bench -backends real -json bin/bench-real.json

fmt:
	gofmt -w .
	go fix ./...

tidy:
	go mod tidy
	go -C tools mod tidy

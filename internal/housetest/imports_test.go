package housetest_test

import (
	"path"
	"slices"
	"strings"
)

var importRules = []rule{
	{"CoreImportsTheStandardLibraryOnly", impure, map[string]string{
		"brandnew/brandnew.go": "package brandnew\nimport _ \"github.com/redis/go-redis/v9\"",
	}},
	{"LayersPointDown", upward, map[string]string{
		"stock/stock.go": "package stock\nimport _ \"github.com/seckill-go/seckill/order\"",
	}},
	{"TestLibrariesStayOutOfBinaries", testLibraries, map[string]string{
		"stock/redisstock/x.go": "package redisstock\nimport _ \"testing\"",
	}},
	{"ContractAndEngineTestsNeedNoAssertLibrary", assertions, map[string]string{
		"lock/lock_test.go": "package lock_test\nimport _ \"github.com/stretchr/testify/require\"",
	}},
}

// A folder at the top is the room of a contract unless it stands here; so a new
// contract is under the rules from its first file on.
var notContracts = []string{"httpadapter", "console", "client", "otel", "standard", "embedded", "seckilltest", "examples", "deploy", "docs", "internal", "tools"}

// heavy may import what is not in the standard library, as every backend may.
var heavy = []string{"standard", "embedded", "seckilltest", "otel", "examples", "deploy", "internal"}

type kind int

const (
	engine kind = iota
	contract
	suite
	backend
	upper // ways in, wiring, programs
	inner // internal
)

// kindOf says what a folder is, and for a backend or suite of which contract.
func kindOf(folder string) (k kind, of string) {
	room, rest, deep := strings.Cut(folder, "/")
	switch {
	case folder == ".":
		return engine, ""
	case room == "internal":
		return inner, ""
	case slices.Contains(notContracts, room):
		return upper, ""
	case !deep:
		return contract, room
	case rest == room+"test":
		return suite, room
	default:
		return backend, room
	}
}

func isHeavy(folder string) bool {
	k, _ := kindOf(folder)
	room, _, _ := strings.Cut(folder, "/")
	return k == backend || slices.Contains(heavy, room)
}

// impure: whoever uses the engine with backends of their own downloads and links
// nothing but it.
func impure(r *tree) (faults []string) {
	for _, folder := range r.folders() {
		if isHeavy(folder) {
			continue
		}
		for name, chain := range r.reach(folder) {
			if isForeign(name) {
				faults = append(faults, chain+": not in the standard library")
			}
		}
	}
	return faults
}

// upward: a contract knows no other, a backend knows its contract alone, and
// nothing below the engine knows the engine.
func upward(r *tree) (faults []string) {
	for _, folder := range r.folders() {
		for _, name := range r.packages[folder].imports {
			if to, ok := folderOf(name); ok && !mayImport(folder, to) {
				faults = append(faults, folder+" must not import "+to)
			}
		}
	}
	return faults
}

func mayImport(from, to string) bool {
	k, of := kindOf(from)
	what, whose := kindOf(to)
	switch k {
	case contract:
		return what == inner
	case suite, backend:
		return what == inner || what == contract && whose == of || k == suite && to == from
	case engine:
		return what == inner || what == contract
	case inner: // a kit for tests stands above what it tests
		return strings.HasSuffix(from, "test") || what != engine && what != upper
	default:
		return true
	}
}

// testLibraries: a user's binary has no test code in it. What a suite or a kit for
// tests imports is another matter.
func testLibraries(r *tree) (faults []string) {
	for _, folder := range r.folders() {
		if strings.HasSuffix(path.Base(folder), "test") || len(r.packages[folder].files) == 0 {
			continue
		}
		for name, chain := range r.reach(folder) {
			if isTestLibrary(name) {
				faults = append(faults, chain)
			}
		}
	}
	return faults
}

func isTestLibrary(name string) bool {
	for _, library := range []string{"testing", "net/http/httptest", "github.com/stretchr/testify", "go.uber.org/goleak", "pgregory.net/rapid"} {
		if name == library || strings.HasPrefix(name, library+"/") {
			return true
		}
	}
	return false
}

// assertions: contracts, suites and the engine are tested with nothing but the
// standard library's testing, as their readers' own code may be.
func assertions(r *tree) (faults []string) {
	for _, folder := range r.folders() {
		if k, _ := kindOf(folder); k > suite {
			continue
		}
		for _, name := range r.packages[folder].testImports {
			if strings.HasPrefix(name, "github.com/stretchr/testify") {
				faults = append(faults, folder+": its tests import "+name)
			}
		}
	}
	return faults
}

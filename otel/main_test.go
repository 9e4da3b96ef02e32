package otel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
	clientv3 "go.etcd.io/etcd/client/v3"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/otel"
	"github.com/seckill-go/seckill/standard"
)

// nodeVariable tells a child of this test where the servers are; it is a node then
// and no test.
const nodeVariable = "SECKILL_OTEL_TEST_NODE"

func TestMain(m *testing.M) {
	if where := os.Getenv(nodeVariable); where != "" {
		if err := runNode(where); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// addresses are where the servers listen.
type addresses struct {
	Redis, Etcd, Database string
	Brokers               []string
}

// runNode runs an engine until its standard input ends, and writes its spans to its
// standard output, one a line.
func runNode(where string) error {
	var a addresses
	if err := json.Unmarshal([]byte(where), &a); err != nil {
		return err
	}
	clients, closeAll, err := connect(a)
	if err != nil {
		return err
	}
	defer closeAll()
	tracers := sdk.NewTracerProvider(sdk.WithSyncer(lines{json.NewEncoder(os.Stdout)}))
	observer, err := otel.New(otel.Options{Tracers: tracers})
	if err != nil {
		return err
	}
	options, err := standard.Options(clients)
	if err != nil {
		return err
	}
	options.Observer = observer
	engine, err := seckill.New(options)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		os.Stdin.Read(make([]byte, 1)) // ends with the parent
	}()
	return engine.Run(ctx)
}

func connect(a addresses) (standard.Clients, func(), error) {
	db, err := sqlitedb.Open(a.Database)
	if err != nil {
		return standard.Clients{}, nil, err
	}
	etcd, err := clientv3.New(clientv3.Config{Endpoints: []string{a.Etcd}})
	if err != nil {
		return standard.Clients{}, nil, err
	}
	r := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{a.Redis}, MaxRetries: -1, ContextTimeoutEnabled: true})
	return standard.Clients{Redis: r, Etcd: etcd, DB: db, Kafka: standard.Kafka{Brokers: a.Brokers}}, func() {
		r.Close()
		etcd.Close()
		if pool, err := db.DB(); err == nil {
			pool.Close()
		}
	}, nil
}

// span is what a test looks at.
type span struct {
	Name, Trace, ID, Parent string
	Links                   []string // ids of spans
	Kind, Status            string
	Attributes              map[string]string
}

func spanOf(s sdk.ReadOnlySpan) span {
	v := span{
		Name: s.Name(), Trace: s.SpanContext().TraceID().String(), ID: s.SpanContext().SpanID().String(),
		Kind: s.SpanKind().String(), Status: s.Status().Code.String(), Attributes: make(map[string]string),
	}
	if s.Parent().IsValid() {
		v.Parent = s.Parent().SpanID().String()
	}
	for _, l := range s.Links() {
		v.Links = append(v.Links, l.SpanContext.SpanID().String())
	}
	for _, a := range s.Attributes() {
		v.Attributes[string(a.Key)] = a.Value.String()
	}
	return v
}

// lines is an exporter that writes spans as JSON.
type lines struct{ *json.Encoder }

func (l lines) ExportSpans(_ context.Context, spans []sdk.ReadOnlySpan) error {
	for _, s := range spans {
		if err := l.Encode(spanOf(s)); err != nil {
			return err
		}
	}
	return nil
}

func (lines) Shutdown(context.Context) error { return nil }

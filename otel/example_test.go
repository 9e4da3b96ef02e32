package otel_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/otel"
)

// A shop that has set OpenTelemetry's global providers gives no options. This one
// keeps its spans, to show what a purchase leaves.
func ExampleNew() {
	ctx, spans := context.Background(), tracetest.NewInMemoryExporter()
	observer, err := otel.New(otel.Options{
		Tracers: sdk.NewTracerProvider(sdk.WithSyncer(spans)), // a batcher and an OTLP exporter, in production
		Meters:  metric.NewMeterProvider(),
	})
	if err != nil {
		panic(err)
	}
	engine, err := seckill.New(seckill.Options{Observer: observer})
	if err != nil {
		panic(err)
	}
	if _, err := observer.Watch(engine); err != nil {
		panic(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- engine.Run(running) }()

	now := time.Now()
	engine.Admin("ops").PutGoods(ctx, goods.Goods{
		ID: "1001", Title: "Phone", Price: 1999, Currency: "CNY", Total: 1, StartsAt: now, EndsAt: now.Add(time.Hour),
	})
	engine.Admin("ops").Preload(ctx, "1001")
	ticket, _ := engine.Ticket(ctx, "user-1", "1001", 1)
	if _, err := engine.Purchase(ctx, "user-1", "1001", ticket.Token); err != nil {
		panic(err)
	}
	stop()
	<-ended // what was under way has ended, and its spans with it

	all := spans.GetSpans().Snapshots()
	purchase := slices.IndexFunc(all, func(s sdk.ReadOnlySpan) bool { return s.Name() == "seckill.purchase" })
	for _, s := range all {
		if s.SpanContext().TraceID() == all[purchase].SpanContext().TraceID() {
			fmt.Println(s.Name())
		}
	}
	// Unordered output:
	// seckill.purchase
	// seckill.group
	// seckill.lease
	// seckill.reserve
	// seckill.commit
	// seckill.publish
}

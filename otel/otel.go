// Package otel shows what an engine does by OpenTelemetry: a span and a duration for
// each stage, and one trace for the whole life of an order, over all nodes that had
// a hand in it. It is a module of its own, so that only who wants OpenTelemetry
// downloads it.
//
//	observer, err := otel.New(otel.Options{})
//	...
//	options.Observer = observer
//	engine, err := seckill.New(options)
//	...
//	registration, err := observer.Watch(engine)
//
// The trace of a purchase begins with its request, if the HTTP handler is wrapped by
// otelhttp or the like, else with the engine. It goes on in the group that sells it,
// in the outbox and in Kafka's traceparent header, and with the consumers of either.
//
// A group is for many purchases, and so are the writes to Kafka and what is read from
// it. Such a span is in the trace of the first purchase that is sampled, and links to
// the others; each of those has a span of the same name and time that links back. So
// every sampled trace is whole, and the work is shown once with all that belongs to
// it.
package otel

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/seckill-go/seckill"
)

// scope names what makes the spans and the metrics.
const scope = "github.com/seckill-go/seckill/otel"

// Options of [New]. The zero value uses the global providers.
type Options struct {
	// Tracers makes the spans. Zero means the global provider.
	Tracers trace.TracerProvider
	// Meters makes the metrics. Zero means the global provider.
	Meters metric.MeterProvider
}

// Observer is a [seckill.Observer] and [seckill.Carrier]. It is safe for concurrent
// use, and one may serve several engines.
//
// Its metrics are seckill.stage.duration, in seconds, by seckill.stage and
// seckill.outcome ("ok", the code of a refusal, or "fault"), and seckill.stage.size,
// by seckill.stage: how many buyers, events, orders or holds a stage was for.
type Observer struct {
	tracer    trace.Tracer
	meter     metric.Meter
	durations metric.Float64Histogram
	sizes     metric.Int64Histogram
	options   sync.Map // of outcome, the attributes of a measurement
}

var (
	_ seckill.Observer = (*Observer)(nil)
	_ seckill.Carrier  = (*Observer)(nil)
)

// New makes an observer. It starts nothing and sends nothing: that is the providers'
// work. The error is the meter's.
func New(o Options) (*Observer, error) {
	if o.Tracers == nil {
		o.Tracers = otel.GetTracerProvider()
	}
	if o.Meters == nil {
		o.Meters = otel.GetMeterProvider()
	}
	obs := &Observer{tracer: o.Tracers.Tracer(scope), meter: o.Meters.Meter(scope)}
	var faults [2]error
	obs.durations, faults[0] = obs.meter.Float64Histogram("seckill.stage.duration", metric.WithUnit("s"),
		metric.WithDescription("Time that each stage of the engine's work took."),
		metric.WithExplicitBucketBoundaries(.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10))
	obs.sizes, faults[1] = obs.meter.Int64Histogram("seckill.stage.size", metric.WithUnit("{item}"),
		metric.WithDescription("Buyers, events, orders or holds that a stage was for."),
		metric.WithExplicitBucketBoundaries(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024))
	if err := errors.Join(faults[:]...); err != nil {
		return nil, fmt.Errorf("otel: %w", err)
	}
	return obs, nil
}

// Start implements [seckill.Observer].
func (o *Observer) Start(ctx context.Context, s seckill.Stage) (context.Context, func(error)) {
	since := time.Now()
	ctx, spans := o.begin(ctx, s, since)
	return ctx, func(err error) {
		now := time.Now()
		code := seckill.CodeOf(err)
		for _, span := range spans {
			conclude(span, code, err)
			span.End(trace.WithTimestamp(now))
		}
		o.durations.Record(ctx, now.Sub(since).Seconds(), o.measured(outcome{s.Name, code}))
		o.sizes.Record(ctx, int64(s.Size), o.measured(outcome{s.Name, sizeOnly}))
	}
}

// outcome is what a measurement is told apart by.
type outcome struct {
	stage seckill.StageName
	code  seckill.Code
}

// sizeOnly stands for no outcome.
const sizeOnly seckill.Code = "-"

// measured returns the attributes of an outcome, made once.
func (o *Observer) measured(k outcome) metric.MeasurementOption {
	if known, ok := o.options.Load(k); ok {
		return known.(metric.MeasurementOption)
	}
	attributes := []attribute.KeyValue{attribute.Stringer("seckill.stage", k.stage)}
	switch k.code {
	case sizeOnly:
	case "":
		attributes = append(attributes, attribute.String("seckill.outcome", "ok"))
	default:
		attributes = append(attributes, attribute.String("seckill.outcome", string(k.code)))
	}
	made := metric.WithAttributeSet(attribute.NewSet(attributes...))
	o.options.Store(k, made)
	return made
}

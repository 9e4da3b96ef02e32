package otel

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seckill-go/seckill"
)

// begin starts the span of a stage, and one for each trace beside its own that is
// sampled and comes together in it.
func (o *Observer) begin(ctx context.Context, s seckill.Stage, since time.Time) (context.Context, []trace.Span) {
	name := "seckill." + s.Name.String()
	options := []trace.SpanStartOption{
		trace.WithTimestamp(since), trace.WithSpanKind(kindOf(s.Name)),
		trace.WithAttributes(attribute.String("seckill.goods_id", s.GoodsID), attribute.Int("seckill.size", s.Size)),
	}
	ctx, others := join(ctx, s.Links)
	for _, other := range others {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: other}))
	}
	ctx, span := o.tracer.Start(ctx, name, options...)
	spans := []trace.Span{span}
	shared := trace.WithLinks(trace.Link{SpanContext: span.SpanContext()})
	for _, other := range others {
		_, member := o.tracer.Start(trace.ContextWithSpanContext(context.Background(), other), name, append(options[:3:3], shared)...)
		spans = append(spans, member)
	}
	return ctx, spans
}

// join puts a stage that is for several traces in one of them, unless it is in one
// already, and returns the others: those that somebody samples, each once. If nobody
// samples any, it is in the first, and so not sampled itself.
func join(ctx context.Context, links []context.Context) (context.Context, []trace.SpanContext) {
	var others []trace.SpanContext
	var unsampled trace.SpanContext
	for _, l := range links {
		sc := trace.SpanContextFromContext(l)
		switch {
		case sc.IsSampled() && !slices.ContainsFunc(others, sc.Equal):
			others = append(others, sc)
		case !unsampled.IsValid():
			unsampled = sc
		}
	}
	switch {
	case trace.SpanContextFromContext(ctx).IsValid():
	case len(others) > 0:
		ctx = trace.ContextWithSpanContext(ctx, others[0])
		others = others[1:]
	case unsampled.IsValid():
		ctx = trace.ContextWithSpanContext(ctx, unsampled)
	}
	return ctx, others
}

func kindOf(name seckill.StageName) trace.SpanKind {
	switch name {
	case seckill.StagePublish:
		return trace.SpanKindProducer
	case seckill.StageApply:
		return trace.SpanKindConsumer
	}
	return trace.SpanKindInternal
}

// conclude notes how a stage ended. A business no is no error of the engine's.
func conclude(span trace.Span, code seckill.Code, err error) {
	if err == nil || !span.IsRecording() {
		return
	}
	span.SetAttributes(attribute.String("seckill.code", string(code)))
	switch code {
	case "fault", seckill.Busy, seckill.OutcomeUnknown:
		span.RecordError(err)
		span.SetStatus(codes.Error, string(code))
	}
}

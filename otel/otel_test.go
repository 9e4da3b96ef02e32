package otel_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/otel"
)

// shop is an engine with goods 1001 on sale, whose spans and metrics are kept.
type shop struct {
	engine   *seckill.Engine
	observer *otel.Observer
	tracers  *sdk.TracerProvider
	kept     *tracetest.InMemoryExporter
	reader   *metric.ManualReader
}

func openShop(t testing.TB, total int, change func(*seckill.Options), sampling ...sdk.TracerProviderOption) *shop {
	t.Helper()
	s := &shop{kept: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	s.tracers = sdk.NewTracerProvider(append(sampling, sdk.WithSyncer(s.kept))...)
	var err error
	s.observer, err = otel.New(otel.Options{Tracers: s.tracers, Meters: metric.NewMeterProvider(metric.WithReader(s.reader))})
	require.NoError(t, err)
	o := seckill.Options{Observer: s.observer}
	if change != nil {
		change(&o)
	}
	s.engine, err = seckill.New(o)
	require.NoError(t, err)
	admin := s.engine.Admin("test")
	_, err = admin.PutGoods(t.Context(), goods.Goods{
		ID: "1001", Title: "Phone", Price: 1999, Currency: "CNY", Total: total, StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	_, err = admin.Preload(t.Context(), "1001")
	require.NoError(t, err)
	return s
}

func (s *shop) spans() (all []span) {
	for _, stub := range s.kept.GetSpans().Snapshots() {
		all = append(all, spanOf(stub))
	}
	return all
}

func (s *shop) buy(ctx context.Context, user string) (order.Order, error) {
	ticket, err := s.engine.Ticket(ctx, user, "1001", 1)
	if err != nil {
		return order.Order{}, err
	}
	r, err := s.engine.Purchase(ctx, user, "1001", ticket.Token)
	return r.Order, err
}

func ofTrace(spans []span, id string) (found []span) {
	for _, s := range spans {
		if s.Trace == id {
			found = append(found, s)
		}
	}
	return found
}

func named(spans []span, name string) (found []span) {
	for _, s := range spans {
		if s.Name == name {
			found = append(found, s)
		}
	}
	return found
}

// slowLedger lets a crowd gather behind a commit.
type slowLedger struct{ order.Store }

func (l slowLedger) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	time.Sleep(20 * time.Millisecond)
	return l.Store.Commit(ctx, goodsID, fence, drafts)
}

func TestAGroupIsInEachTraceOfItsPurchases(t *testing.T) {
	s := openShop(t, 100, func(o *seckill.Options) { o.Orders = slowLedger{new(order.Memory)} })
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			_, err := s.buy(t.Context(), fmt.Sprint("user-", i))
			assert.NoError(t, err)
		})
	}
	all.Wait()
	var spans []span
	require.Eventually(t, func() bool {
		spans = s.spans()
		return len(named(spans, "seckill.group")) == 40
	}, 10*time.Second, 5*time.Millisecond)

	byID := make(map[string]span)
	for _, p := range spans {
		byID[p.ID] = p
	}
	links := 0
	for _, p := range named(spans, "seckill.purchase") {
		group := named(ofTrace(spans, p.Trace), "seckill.group")
		require.Len(t, group, 1)
		require.Equal(t, p.ID, group[0].Parent)
		for _, id := range group[0].Links {
			if shared := byID[id]; shared.Name == "seckill.group" { // it is beside the group's own
				require.Contains(t, shared.Links, p.ID)
				links++
			}
		}
	}
	require.Greater(t, links, 20, "no group was shared")
	for _, c := range named(spans, "seckill.commit") {
		require.Equal(t, "seckill.group", byID[c.Parent].Name)
		require.Equal(t, "1001", c.Attributes["seckill.goods_id"])
	}
}

// sampledElsewhere samples the traces that somebody began elsewhere, and no other.
var sampledElsewhere = sdk.WithSampler(sdk.ParentBased(sdk.NeverSample()))

func TestOneSampledPurchaseAmongManyIsTracedWhole(t *testing.T) {
	ledger := new(order.Memory)
	s := openShop(t, 100, func(o *seckill.Options) { o.Orders = slowLedger{ledger} }, sampledElsewhere)
	sampled := trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true,
	}))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			ctx := t.Context()
			if i == 13 {
				ctx = sampled
			}
			_, err := s.buy(ctx, fmt.Sprint("user-", i))
			assert.NoError(t, err)
		})
	}
	all.Wait()
	for _, name := range []string{"seckill.purchase", "seckill.group", "seckill.reserve", "seckill.commit"} {
		require.Eventually(t, func() bool { return len(named(s.spans(), name)) == 1 }, 10*time.Second, 5*time.Millisecond, name)
	}
	for _, p := range s.spans() {
		require.Equal(t, trace.TraceID{1}.String(), p.Trace, p.Name)
	}
	carried := 0
	batches, _, err := ledger.Pending(t.Context(), 100)
	require.NoError(t, err)
	for _, b := range batches {
		for _, e := range b.Events {
			if e.Trace != "" {
				carried++
			}
		}
	}
	require.Equal(t, 1, carried, "events with a trace")
}

type brokenStock struct{ order.Store }

var errBroken = errors.New("disk full")

func (brokenStock) Commit(context.Context, string, int64, []order.Draft) ([]order.Outcome, error) {
	return nil, errBroken
}

func TestFaultsAreErrorsAndRefusalsAreNot(t *testing.T) {
	s := openShop(t, 1, func(o *seckill.Options) {
		o.Orders, o.CommitPatience = brokenStock{new(order.Memory)}, 100*time.Millisecond
	})
	_, err := s.buy(t.Context(), "user-1")
	require.ErrorIs(t, err, seckill.OutcomeUnknown)
	_, err = s.engine.Purchase(t.Context(), "user-1", "1001", "forged")
	require.ErrorIs(t, err, seckill.InvalidTicket)
	require.Eventually(t, func() bool { return len(named(s.spans(), "seckill.commit")) == 1 }, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, "Error", named(s.spans(), "seckill.commit")[0].Status)
	purchases := named(s.spans(), "seckill.purchase")
	require.Equal(t, []string{"Error", "Unset"}, []string{purchases[0].Status, purchases[1].Status})
	require.Equal(t, "invalid_ticket", purchases[1].Attributes["seckill.code"])
}

func TestMetricsAreOfStagesAndOutcomes(t *testing.T) {
	s := openShop(t, 1, nil)
	registration, err := s.observer.Watch(s.engine)
	require.NoError(t, err)
	_, err = s.buy(t.Context(), "user-1")
	require.NoError(t, err)
	_, err = s.engine.Purchase(t.Context(), "user-1", "1001", "forged")
	require.ErrorIs(t, err, seckill.InvalidTicket)
	stage := attribute.String("seckill.stage", "purchase")
	for code, want := range map[string]uint64{"ok": 1, "invalid_ticket": 1} {
		h := pointOf[metricdata.HistogramDataPoint[float64]](t, s.collect(t)["seckill.stage.duration"], attribute.NewSet(stage, attribute.String("seckill.outcome", code)))
		require.Equal(t, want, h.Count)
	}
	sizes := pointOf[metricdata.HistogramDataPoint[int64]](t, s.collect(t)["seckill.stage.size"], attribute.NewSet(stage))
	require.Equal(t, uint64(2), sizes.Count)
	leases := pointOf[metricdata.DataPoint[int64]](t, s.collect(t)["seckill.leases"], attribute.NewSet())
	require.Equal(t, int64(1), leases.Value)
	orders := pointOf[metricdata.DataPoint[int64]](t, s.collect(t)["seckill.orders.created"], attribute.NewSet())
	require.Equal(t, int64(1), orders.Value)
	require.NoError(t, registration.Unregister())
	require.NotContains(t, s.collect(t), "seckill.leases")
}

func (s *shop) collect(t *testing.T) map[string]metricdata.Aggregation {
	var all metricdata.ResourceMetrics
	require.NoError(t, s.reader.Collect(t.Context(), &all))
	found := make(map[string]metricdata.Aggregation)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			found[m.Name] = m.Data
		}
	}
	return found
}

// pointOf returns the point with these attributes.
func pointOf[P any](t *testing.T, data metricdata.Aggregation, want attribute.Set) P {
	t.Helper()
	var points []any
	var sets []attribute.Set
	switch d := data.(type) {
	case metricdata.Histogram[float64]:
		for _, p := range d.DataPoints {
			points, sets = append(points, p), append(sets, p.Attributes)
		}
	case metricdata.Histogram[int64]:
		for _, p := range d.DataPoints {
			points, sets = append(points, p), append(sets, p.Attributes)
		}
	case metricdata.Sum[int64]:
		for _, p := range d.DataPoints {
			points, sets = append(points, p), append(sets, p.Attributes)
		}
	}
	for i, set := range sets {
		if set.Equals(&want) {
			return points[i].(P)
		}
	}
	t.Fatalf("no point %v among %v", want.Encoded(attribute.DefaultEncoder()), sets)
	panic("unreachable")
}

func TestWhatIsCarriedComesBack(t *testing.T) {
	s := openShop(t, 1, nil)
	ctx, span := s.tracers.Tracer("test").Start(t.Context(), "here")
	defer span.End()
	there := trace.SpanContextFromContext(s.observer.Extract(t.Context(), s.observer.Inject(ctx)))
	require.True(t, there.IsRemote())
	require.Equal(t, span.SpanContext().TraceID(), there.TraceID())
	require.Equal(t, span.SpanContext().SpanID(), there.SpanID())
	require.Empty(t, s.observer.Inject(t.Context()))
	for _, odd := range []string{"", "00-zz", "x"} {
		require.False(t, trace.SpanContextFromContext(s.observer.Extract(t.Context(), odd)).IsValid(), odd)
	}
}

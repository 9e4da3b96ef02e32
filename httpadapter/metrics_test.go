package httpadapter_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/order"
)

// Prometheus itself takes a histogram whose buckets contradict each other, and draws
// nonsense of it.
func TestHistogramsAddUp(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.buy(fmt.Sprint("user-", i), 1)
	}
	a := w.do(call{method: "GET", path: "/metrics"})
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(a.raw))
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]uint64)
	for _, name := range []string{"seckill_stage_duration_seconds", "seckill_group_size"} {
		for _, m := range families[name].GetMetric() {
			label := name
			for _, l := range m.GetLabel() {
				label = l.GetName() + "=" + l.GetValue()
			}
			h, last := m.GetHistogram(), uint64(0)
			counts[label] = h.GetSampleCount()
			for i, b := range h.GetBucket() {
				if b.GetCumulativeCount() < last || i > 0 && b.GetUpperBound() <= h.GetBucket()[i-1].GetUpperBound() {
					t.Errorf("%s: bucket %v has %d after %d", label, b.GetUpperBound(), b.GetCumulativeCount(), last)
				}
				last = b.GetCumulativeCount()
			}
			if last != h.GetSampleCount() || (h.GetSampleSum() > 0) != (last > 0) {
				t.Errorf("%s: %d in buckets, %d in all, sum %v", label, last, h.GetSampleCount(), h.GetSampleSum())
			}
		}
	}
	if len(counts) != len(seckill.Stages())+1 || counts["stage=purchase"] != 3 || counts["stage=rebuild"] != 0 || counts["seckill_group_size"] == 0 {
		t.Errorf("counts: %v", counts)
	}
}

// A page whose labels grow with the crowd takes Prometheus down with it.
func TestMetricsDoNotGrowWithTheCrowd(t *testing.T) {
	w := newWorld(t)
	lines := func() int { return strings.Count(w.do(call{method: "GET", path: "/metrics"}).raw, "\n") }
	w.buy("user-0", 1)
	before := lines()
	for i := range 20 {
		user := fmt.Sprint("somebody-", i)
		w.buy(user, 1)
		w.do(call{method: "POST", path: "/api/seckill/token", bearer: w.login(user), body: fmt.Sprintf(`{"goods_id":"invented-%d"}`, i%3)})
	}
	if after := lines(); after > before+1 { // goods_not_found
		t.Errorf("%d lines, then %d", before, after)
	}
}

// wrongLedger is a ledger whose row counts units that no order has.
type wrongLedger struct {
	*order.Memory
	sold int
}

func (l *wrongLedger) StocksOf(ctx context.Context, goodsIDs []string) (map[string]order.Stock, error) {
	rows, err := l.Memory.StocksOf(ctx, goodsIDs)
	for id, row := range rows {
		row.Sold += l.sold
		rows[id] = row
	}
	return rows, err
}

func TestADriftIsShownAgainstEachOfTheBooks(t *testing.T) {
	ledger := &wrongLedger{Memory: new(order.Memory)}
	engine, err := seckill.New(seckill.Options{Orders: ledger})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if _, err := engine.Admin("test").PutGoods(t.Context(), goods.Goods{ID: "1001", Title: "Tea", Price: 1, Currency: "CNY", Total: 9, StartsAt: now, EndsAt: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Admin("test").Preload(t.Context(), "1001"); err != nil {
		t.Fatal(err)
	}
	ledger.sold = 3
	w := httptest.NewRecorder()
	httpadapter.Operations(engine, httpadapter.Options{}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	for _, against := range []string{"gate"} {
		if line := fmt.Sprintf("seckill_stock_drift_units{goods=\"1001\",against=%q} 3\n", against); !strings.Contains(w.Body.String(), line) {
			t.Errorf("missing %s in\n%s", line, w.Body)
		}
	}
}

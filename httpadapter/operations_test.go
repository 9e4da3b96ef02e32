package httpadapter_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/seckill-go/seckill/httpadapter"
)

func TestReadyzTellsWhichPartFails(t *testing.T) {
	w := newWorld(t)
	get := func(path string) answer { return w.do(call{method: "GET", path: path}) }
	if a := get("/readyz"); a.status != 200 || a.raw != "ready\n" {
		t.Errorf("ready: %d %s", a.status, a.raw)
	}
	if a := get("/readyz?verbose"); a.status != 200 || !strings.Contains(a.raw, "orders: ok\n") || !strings.HasSuffix(a.raw, "ready\n") {
		t.Errorf("verbose: %d %s", a.status, a.raw)
	}
	w.down.Store(true)
	eventually(t, "the second is over", func() bool { return get("/readyz").status == 503 })
	a := w.want(call{method: "GET", path: "/readyz?verbose"}, 503, "not_ready")
	if detail, _ := a.body["detail"].(string); !strings.Contains(detail, "orders: fault") || !strings.Contains(detail, "stock: ok") || strings.Contains(a.raw, "secret") {
		t.Errorf("verbose: %s", a.raw)
	}
	if a := get("/livez"); a.status != 200 {
		t.Errorf("livez looks below the process: %d", a.status)
	}
	w.down.Store(false)
	eventually(t, "ready again", func() bool { return get("/readyz").status == 200 })
}

func TestProbesAndScrapesDoNotLoadTheBackends(t *testing.T) {
	w := newWorld(t)
	before := w.reads.Load()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 25 {
				w.do(call{method: "GET", path: "/readyz"})
				w.do(call{method: "GET", path: "/metrics"})
			}
		})
	}
	all.Wait()
	// A look of each kind, and once more if a second ended meanwhile.
	if n := w.reads.Load() - before; n > 8 {
		t.Errorf("400 requests cost %d calls to the ledger", n)
	}
}

func TestMetricsAreWellFormed(t *testing.T) {
	w := newWorld(t)
	o := w.buy("user-1", 1)
	eventually(t, "the gate is settled", func() bool { // after the buyer's answer
		s, err := w.engine.Status(t.Context())
		return err == nil && s.Goods[0].Gate.Sold == 1
	})
	w.want(call{method: "POST", path: "/api/seckill", bearer: w.login("user-1"), body: `{"goods_id":"1001","token":"forged"}`}, 403, "invalid_ticket")
	w.want(call{method: "POST", path: "/api/payment/simulate", bearer: w.login("user-1"), body: `{"order_id":"` + o.ID + `"}`}, 202, "")
	a := w.do(call{method: "GET", path: "/metrics"})
	if a.status != 200 || a.header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("%d %v", a.status, a.header)
	}
	faults, err := promlint.New(strings.NewReader(a.raw)).Lint()
	if err != nil || len(faults) > 0 {
		t.Errorf("%v %v\n%s", faults, err, a.raw)
	}
	for _, line := range []string{
		`seckill_tickets_total{code="ok"} 1`, `seckill_purchases_total{code="ok"} 1`, `seckill_purchases_total{code="invalid_ticket"} 1`,
		`seckill_orders_created_total 1`, `seckill_payments_total{code="ok"} 1`, `seckill_group_size_count 1`, `seckill_stage_duration_seconds_count{stage="purchase"} 2`,
		`seckill_stage_duration_seconds_bucket{stage="purchase",le="+Inf"} 2`, `seckill_group_size_bucket{le="1"} 1`, `seckill_leases_ended_total{reason="lost"} 0`,
		`seckill_stock_drift_units{goods="1001",against="gate"} 0`, `seckill_duplicates_total{layer="inbox"} 0`, `seckill_leases_total 1`,
		`seckill_part_up{part="orders"} 1`, `seckill_stock_units{goods="1001",state="left"} 99`,
		`seckill_stock_units{goods="1001",state="sold"} 1`, `seckill_stock_conserved{goods="1001"} 1`, `seckill_outbox_pending_batches 2`,
	} {
		if !strings.Contains(a.raw, "\n"+line+"\n") {
			t.Errorf("missing %s in\n%s", line, a.raw)
		}
	}
	if strings.Contains(a.raw, "user-1") {
		t.Error("a user's id is in the metrics")
	}
}

func TestMetricsOutlastTheBackends(t *testing.T) {
	w := newWorld(t)
	w.buy("user-1", 1)
	w.down.Store(true)
	if a := w.do(call{method: "GET", path: "/metrics"}); a.status != 200 || !strings.Contains(a.raw, "seckill_group_size_count 1\n") {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestFaultsAreLoggedOnceASecond(t *testing.T) {
	var log lockedBuffer
	w := newWorld(t, func(o *httpadapter.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	w.down.Store(true)
	u1 := w.login("u1")
	for range 50 {
		w.want(call{method: "GET", path: "/api/orders", bearer: u1}, 503, "busy")
	}
	lines := strings.Count(log.String(), "\n")
	if lines < 1 || lines > 3 || !strings.Contains(log.String(), errDown.Error()) || !strings.Contains(log.String(), "GET /api/orders") {
		t.Errorf("%d lines: %s", lines, log.String())
	}
	if strings.Contains(log.String(), u1) {
		t.Error("a token is in the log")
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

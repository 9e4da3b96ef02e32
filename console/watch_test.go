package console_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
	"github.com/seckill-go/seckill/goods"
)

func TestAWatcherSeesAChange(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	next, stop := w.login(readToken).events()
	defer stop()
	if s, ok := next(); !ok || len(s.Goods) != 1 || s.Goods[0].Left != 10 || !s.Goods[0].Conserved || !s.Goods[0].Sound || s.Goods[0].State != "open" {
		t.Fatalf("first %v %+v", ok, s)
	}
	w.buy("alice")
	bought := time.Now()
	_, err := w.engine.Admin("test").SetEnabled(t.Context(), false)
	must(t, err)
	for {
		s, ok := next()
		if !ok {
			t.Fatal("the stream ended")
		}
		g := s.Goods[0]
		if g.Left+g.Held+g.Sold != g.Total || !g.Conserved {
			t.Errorf("it does not add up: %+v", g)
		}
		if time.Since(bought) > 10*time.Second {
			t.Fatalf("ten seconds later: %+v", s)
		}
		if g.Sold == 1 && !s.Settings.Enabled && g.State == "disabled" && s.Point != nil && s.Point.Orders > 0 {
			return
		}
	}
}

func TestAStreamOutlivesTheServersLimits(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	next, stop := w.login(readToken).events()
	defer stop()
	for began := time.Now(); time.Since(began) < 2*limit; {
		if _, ok := next(); !ok {
			t.Fatalf("the stream ended after %v", time.Since(began))
		}
	}
}

// slow is a catalog that takes its time to write.
type slow struct{ goods.Memory }

func (s *slow) Put(ctx context.Context, g goods.Goods) (bool, error) {
	time.Sleep(limit + limit/2)
	return s.Memory.Put(ctx, g)
}

func TestAnActionMayTakeLongerThanTheServersLimit(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{Catalog: new(slow)})
	w.login(adminToken).ok("POST", "api/goods/1001/total", `{"from":10,"to":20}`)
}

// counted is a catalog that counts how often all of it is read.
type counted struct {
	goods.Catalog
	lists atomic.Int64
	fault atomic.Bool
}

func (c *counted) List(ctx context.Context) ([]goods.Goods, error) {
	c.lists.Add(1)
	if c.fault.Load() {
		return nil, errors.New("it is away")
	}
	return c.Catalog.List(ctx)
}

func (c *counted) Check(context.Context) error {
	if c.fault.Load() {
		return errors.New("it is away")
	}
	return nil
}

func TestManyWatchersAreOneLookASecond(t *testing.T) {
	t.Parallel()
	catalog := &counted{Catalog: new(goods.Memory)}
	w := open(t, seckill.Options{Catalog: catalog})
	c := w.login(readToken)
	began := catalog.lists.Load()
	start := time.Now()
	var all sync.WaitGroup
	for range 30 {
		next, stop := c.events()
		all.Go(func() {
			defer stop()
			for range 4 {
				if _, ok := next(); !ok {
					t.Error("a stream ended")
				}
			}
		})
		c.ok("GET", "api/state", "")
	}
	all.Wait()
	most := int64(time.Since(start)/time.Second) + 2
	if looks := catalog.lists.Load() - began; looks > most {
		t.Errorf("30 watchers made %d looks in %v", looks, time.Since(start))
	}
}

func TestNobodyWatchingCostsNothing(t *testing.T) {
	t.Parallel()
	catalog := &counted{Catalog: new(goods.Memory)}
	w := open(t, seckill.Options{Catalog: catalog})
	next, stop := w.login(readToken).events()
	next()
	stop()
	before := catalog.lists.Load()
	time.Sleep(1500 * time.Millisecond) // there is no state to wait for
	if after := catalog.lists.Load(); after > before+1 {
		t.Errorf("%d looks, and nobody watches", after-before)
	}
}

func TestWatchersAreBounded(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{}, func(o *console.Options) { o.MaxWatchers = 2 })
	c := w.login(readToken)
	_, stop := c.events()
	_, stopOther := c.events()
	defer stopOther()
	if a := c.call("GET", "api/stream", ""); !a.is(503, "full", "") || a.header.Get("Retry-After") == "" {
		t.Fatalf("the third: %d %s", a.status, a.text)
	}
	if a := c.ok("GET", "api/state", ""); a.body["goods"] == nil {
		t.Error("the third may not ask either")
	}
	stop()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c.hasSeat() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the seat of one who left stays taken")
		}
	}
}

// hasSeat opens a stream and leaves.
func (c *client) hasSeat() bool {
	r, err := c.http.Get(c.w.url + "api/stream")
	must(c.w.t, err)
	defer r.Body.Close()
	return r.StatusCode == 200
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.login(readToken)
	next, stop := c.events()
	defer stop()
	next()
	c.ok("POST", "api/logout", `{}`)
	for began := time.Now(); ; {
		if _, ok := next(); !ok {
			return
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal("logged out, and still watching")
		}
	}
}

func TestStreamsEndWhenTheServerGoesDown(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	w := open(t, seckill.Options{}, func(o *console.Options) { o.Done = done })
	next, stop := w.login(readToken).events()
	defer stop()
	next()
	close(done)
	for range 5 { // some may be on their way
		if _, ok := next(); !ok {
			return
		}
	}
	t.Error("the server goes down, and the stream goes on")
}

func TestAFaultIsShownAndNamesThePart(t *testing.T) {
	t.Parallel()
	catalog := &counted{Catalog: new(goods.Memory)}
	w := open(t, seckill.Options{Catalog: catalog})
	next, stop := w.login(readToken).events()
	defer stop()
	next()
	catalog.fault.Store(true)
	awaits := func(fault bool) {
		t.Helper()
		for began := time.Now(); ; {
			s, ok := next()
			if !ok || time.Since(began) > 30*time.Second {
				t.Fatalf("want fault %v: %v %+v", fault, ok, s)
			}
			if s.Fault != fault {
				continue
			}
			for _, p := range s.Parts {
				if p.OK != !(fault && p.Name == "catalog") {
					t.Errorf("%+v", p)
				}
			}
			return
		}
	}
	awaits(true)
	catalog.fault.Store(false)
	awaits(false)
}

func TestTheHistoryIsThereForWhoComesLater(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.login(readToken)
	next, stop := c.events()
	defer stop()
	for range 3 {
		next()
	}
	other, stopOther := c.events()
	defer stopOther()
	if s, _ := other(); len(s.History) < 2 {
		t.Errorf("%d points", len(s.History))
	}
	if s, _ := other(); len(s.History) != 0 {
		t.Error("the history is sent with every event")
	}
}

func TestAPointTellsOfTheLastSecondAlone(t *testing.T) {
	t.Parallel()
	histogram := func(counts ...uint64) seckill.Histogram {
		h := seckill.Histogram{Bounds: []float64{0.001, 0.002, 1}, Counts: counts}
		return h.Since(seckill.Histogram{})
	}
	purchases := func(counts ...uint64) map[seckill.StageName]seckill.Histogram {
		return map[seckill.StageName]seckill.Histogram{seckill.StagePurchase: histogram(counts...)}
	}
	before := seckill.Tally{Stages: purchases(0, 0, 1000, 0), GroupSizes: histogram(0, 0, 100, 0)}
	after := seckill.Tally{Stages: purchases(100, 0, 1000, 0), GroupSizes: histogram(0, 0, 101, 0)}
	if p50, p99, sizes := console.Spread(before, after); p50 != 0.5 || p99 != 0.99 || sizes != 1 {
		t.Errorf("p50 %v ms, p99 %v ms, p99 of group sizes %v", p50, p99, sizes)
	}
}

func TestAWatcherSeesTimesGroupsAndHolders(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{Node: "node-a"})
	next, stop := w.login(readToken).events()
	defer stop()
	if s, ok := next(); !ok || s.Node != "node-a" || s.Goods[0].Holders == nil || len(s.Goods[0].Holders) != 0 {
		t.Fatalf("first %v %+v", ok, s)
	}
	w.buy("alice")
	var times, sizes bool // the group may be begun in one point and the purchase end in the next
	for deadline := time.Now().Add(10 * time.Second); !times || !sizes; {
		s, ok := next()
		if !ok || time.Now().After(deadline) {
			t.Fatalf("%v %+v", ok, s)
		}
		if s.Point == nil {
			continue
		}
		if p := s.Point.Times; p != nil {
			if times = true; p.P50 <= 0 || p.P99 < p.P50 {
				t.Errorf("times %+v", p)
			}
		}
		if p := s.Point.Sizes; p != nil {
			if sizes = true; p.P50 != 1 || p.P99 != 1 {
				t.Errorf("sizes %+v", p)
			}
		}
		if h := s.Goods[0].Holders; times && (len(h) != 1 || h[0].Node != "node-a" || h[0].Mode != "shared") {
			t.Errorf("holders %+v", h)
		}
	}
}

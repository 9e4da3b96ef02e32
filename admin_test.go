package seckill_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
)

func TestATotalGrowsAndShrinksToWhatIsSold(t *testing.T) {
	s := open(t, 10, 0)
	for i := range 6 {
		s.buy(fmt.Sprint("user-", i))
	}
	retotal := func(total int) error {
		g := s.goods
		g.Total = total
		_, err := s.Admin("test").PutGoods(t.Context(), g)
		return err
	}
	if err := retotal(5); !errors.Is(err, seckill.TotalTooSmall) {
		t.Errorf("total 5 with 6 sold: %v", err)
	}
	s.sound(6)
	if got, _ := s.Goods(t.Context(), "1001"); got.Total != 10 {
		t.Errorf("total is %d after a refused change, want 10", got.Total)
	}
	for _, total := range []int{6, 20} {
		if err := retotal(total); err != nil {
			t.Errorf("total %d: %v", total, err)
		}
		s.sound(6)
		c, err := s.o.Stock.Counts(t.Context(), "1001")
		if err != nil || c.Left != total-6 {
			t.Errorf("total %d: %+v, %v", total, c, err)
		}
	}
}

func TestPreloadIsRepeatable(t *testing.T) {
	s := open(t, 10, 0)
	s.buy("user-1")
	first, second := s.preload(), s.preload()
	if first.Left != 9 || second.Left != 9 || second.Sold != 1 {
		t.Errorf("%+v, then %+v", first, second)
	}
	if _, err := s.Admin("test").Preload(t.Context(), "9999"); !errors.Is(err, seckill.GoodsNotFound) {
		t.Errorf("unknown goods: %v", err)
	}
}

func TestAGoodsThatIsNotPreloadedHasNotStarted(t *testing.T) {
	s := open(t, 10, 0)
	g := s.goods
	g.ID = "1002"
	s.put(g)
	if _, err := s.Ticket(t.Context(), "user-1", "1002", 1); !errors.Is(err, seckill.NotStarted) {
		t.Errorf("got %v, want not_started", err)
	}
	v, err := s.Goods(t.Context(), "1002")
	if err != nil || v.State != seckill.SaleUpcoming || v.Left != 10 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestEveryAdminChangeLeavesOneAuditRow(t *testing.T) {
	s := open(t, 10, 0)
	a, ctx := s.Admin("alice"), t.Context()
	before, err := s.Audits(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, change := range []struct {
		action string
		do     func() error
		fails  bool
	}{
		{"put goods", func() error { _, err := a.PutGoods(ctx, s.goods); return err }, false},
		{"preload", func() error { _, err := a.Preload(ctx, "1001"); return err }, false},
		{"switch", func() error { _, err := a.SetEnabled(ctx, false); return err }, false},
		{"rate limit", func() error { _, err := a.SetRateLimit(ctx, 3, time.Minute); return err }, false},
		{"blacklist add", func() error { _, err := a.Ban(ctx, "user-1", "scalper", time.Hour); return err }, false},
		{"blacklist remove", func() error { _, err := a.Unban(ctx, "user-1"); return err }, false},
		{"reconcile", func() error { _, err := a.Reconcile(ctx, "1001", false); return err }, false},
		{"", func() error { _, err := a.SetRateLimit(ctx, -1, time.Minute); return err }, true},
		{"", func() error { _, err := a.Ban(ctx, "no good", "", 0); return err }, true},
		{"", func() error { _, err := a.Reconcile(ctx, "1001", true); return err }, false},
	} {
		if err := change.do(); (err != nil) != change.fails {
			t.Errorf("change %d: %v", i, err)
		}
		after, err := s.Audits(ctx, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case change.action == "" && len(after) != len(before):
			t.Errorf("change %d changed nothing and left a row", i)
		case change.action != "":
			row := after[0]
			if len(after) != len(before)+1 || row.Action != change.action || row.Actor != "alice" || !row.Done || row.Error != "" || row.After == "" {
				t.Errorf("change %d left %d rows, the last %+v", i, len(after)-len(before), row)
			}
		}
		before = after
	}
}

func TestBadSettingsAreNamedAndChangeNothing(t *testing.T) {
	s := open(t, 10, 0)
	before, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Admin("test").UpdateSettings(t.Context(), "break", func(s *settings.Settings) error {
		s.RateLimit.Limit, s.Lock.TTL, s.Lock.Mode = -1, time.Millisecond, "rw"
		return nil
	})
	for _, field := range []string{"rate_limit.limit", "lock.ttl", "lock.mode"} {
		if !errors.Is(err, seckill.InvalidRequest) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
	if after, _ := s.Settings(t.Context()); after.Version != before.Version || after.RateLimit != before.RateLimit {
		t.Errorf("settings changed from %+v to %+v", before, after)
	}
}

func TestReconcileFindsAndMendsADriftOnce(t *testing.T) {
	s, gate := openForgetful(t, 10)
	for i := range 4 {
		s.buy(fmt.Sprint("user-", i))
	}
	s.sound(4)
	a, ctx := s.Admin("test"), t.Context()
	clean := func() {
		t.Helper()
		r, err := a.Reconcile(ctx, "1001", true)
		if err != nil || len(r.Differences) != 0 {
			t.Errorf("differences %q, %v, want none", r.Differences, err)
		}
	}
	clean()
	for name, drift := range map[string]func(c stock.Counts) error{
		"the gate lost everything": func(stock.Counts) error { gate.forget(); return nil },
		"the gate forgot the sales": func(c stock.Counts) error {
			gate.forget()
			_, err := gate.Load(ctx, "1001", c.Fence, stock.Snapshot{Total: 10, Epoch: c.Epoch})
			return err
		},
		"a hold of a crashed node": func(stock.Counts) error {
			_, err := gate.Reserve(ctx, "1001", 0, []stock.Request{{Attempt: "lost", User: "ghost", Quantity: 2}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := gate.Counts(ctx, "1001")
			if err != nil {
				t.Fatal(err)
			}
			if err := drift(c); err != nil {
				t.Fatal(err)
			}
			dry, err := a.Reconcile(ctx, "1001", true)
			if err != nil || len(dry.Differences) == 0 || len(dry.Mended) != 0 {
				t.Errorf("dry run: %+v, %v", dry, err)
			}
			real, err := a.Reconcile(ctx, "1001", false)
			if err != nil || len(real.Mended) == 0 {
				t.Errorf("real run: %+v, %v", real, err)
			}
			clean()
			s.sound(4)
		})
	}
}

func TestStatusAddsUp(t *testing.T) {
	s := open(t, 10, 0)
	s.run()
	o := s.buy("user-1")
	s.buy("user-2")
	if err := s.Pay(t.Context(), "user-1", o.ID, ""); err != nil {
		t.Fatal(err)
	}
	s.eventually("paid, sent and settled", func() bool {
		st, err := s.Status(t.Context())
		if err != nil || len(st.Goods) != 1 || !seckill.Ready(st.Parts) {
			t.Fatalf("%+v, %v", st, err)
		}
		g := st.Goods[0]
		return g.Conserved && g.Loaded && g.Gate.Sold == 2 && g.Ledger.Sold == 2 && g.Ledger.Paid == 1 &&
			st.Outbox.Pending == 0 && g.Lease != nil && g.Lease.Mode == "shared"
	})
}

func TestOperatorsFindAnybodysOrder(t *testing.T) {
	s := open(t, 1, 0)
	bought := s.buy("alice")
	if o, err := s.AnyOrder(t.Context(), bought.ID); err != nil || o.UserID != "alice" {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := s.AnyOrder(t.Context(), "nothing"); !errors.Is(err, seckill.OrderNotFound) {
		t.Errorf("an order that is not there: %v", err)
	}
	if _, err := s.AnyOrder(t.Context(), "no order"); !errors.Is(err, seckill.InvalidRequest) {
		t.Errorf("no id at all: %v", err)
	}
}

package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/order"
)

func TestZeroOptionsSell(t *testing.T) {
	e, err := seckill.New(seckill.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{Engine: e, t: t}
	s.put(open(t, 1, 0).goods)
	s.preload()
	if o := s.buy("user-1"); o.Amount != 1999 || o.Currency != "CNY" || o.Quantity != 1 {
		t.Errorf("order %+v", o)
	}
}

func TestEveryWrongOptionIsNamed(t *testing.T) {
	_, err := seckill.New(seckill.Options{
		Sink: discard{}, TicketTTL: -1, MaxQuantity: 5000, PayWithin: time.Millisecond, MaxGroup: 2000, MaxQueue: 10,
		CommitPatience: time.Hour, HoldTimeout: time.Millisecond, Node: "node a",
	})
	for _, field := range []string{"Sink, Source", "TicketTTL", "MaxQuantity", "PayWithin", "MaxGroup", "MaxQueue", "CommitPatience", "HoldTimeout", "Node"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%q is not named in: %v", field, err)
		}
	}
}

// TestTicketChecksInTheirOrder makes everything wrong at once and mends one thing
// after the other: the refusal is always that of the first thing still wrong.
func TestTicketChecksInTheirOrder(t *testing.T) {
	s := open(t, 1, 0)
	ctx, admin := t.Context(), s.Admin("test")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(e *seckill.Engine, goodsID string, quantity int, want seckill.Code) {
		t.Helper()
		if _, err := e.Ticket(ctx, "user-1", goodsID, quantity); !errors.Is(err, want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_, err := admin.SetEnabled(ctx, false)
	must(err)
	_, err = admin.Ban(ctx, "user-1", "scalper", time.Hour)
	must(err)
	expect(s.Engine, "9999", 1, seckill.Disabled)
	_, err = admin.SetEnabled(ctx, true)
	must(err)
	expect(s.Engine, "9999", 1, seckill.Blacklisted)
	_, err = admin.Unban(ctx, "user-1")
	must(err)
	expect(s.Engine, "9999", 1, seckill.GoodsNotFound)

	g := s.goods
	g.StartsAt = time.Now().Add(time.Minute)
	s.put(g)
	_, err = s.Ticket(ctx, "user-1", "1001", 1)
	if r, ok := errors.AsType[*seckill.Refusal](err); !ok || r.Code != seckill.NotStarted || r.RetryAfter <= 50*time.Second {
		t.Errorf("got %v, want not_started with the time until the start", err)
	}
	g.StartsAt, g.EndsAt = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	s.put(g)
	expect(s.Engine, "1001", 1, seckill.Ended)

	s.put(s.goods)
	expect(s.Engine, "1001", 0, seckill.InvalidRequest)
	expect(s.Engine, "1001", 11, seckill.InvalidRequest)
	expect(s.Engine, "1001", 2, seckill.SoldOut)
	_, err = admin.SetRateLimit(ctx, 1, time.Hour)
	must(err)
	s.buy("user-2")
	expect(s.another(), "1001", 1, seckill.SoldOut)
	g = s.goods
	g.Total = 5
	s.put(g)
	s.ticket("user-1", 1)
	_, err = s.Ticket(ctx, "user-1", "1001", 1)
	if r, ok := errors.AsType[*seckill.Refusal](err); !ok || r.Code != seckill.RateLimited || r.RetryAfter <= 0 {
		t.Errorf("got %v, want rate_limited with a time to retry", err)
	}
}

func TestATicketEndsWithTheSale(t *testing.T) {
	s := open(t, 1, 0)
	g := s.goods
	g.EndsAt = time.Now().Add(2 * time.Second).UTC().Truncate(time.Microsecond)
	s.put(g)
	tk, err := s.Ticket(t.Context(), "user-1", "1001", 1)
	if err != nil || !tk.ExpiresAt.Equal(g.EndsAt) {
		t.Errorf("ticket %+v, %v, want it to expire at %v", tk, err, g.EndsAt)
	}
}

func TestBadNamesAreNamed(t *testing.T) {
	s := open(t, 1, 0)
	for _, bad := range []string{"", "a b", "{x}", "用户", strings.Repeat("x", 65)} {
		_, err := s.Ticket(t.Context(), bad, "1001", 1)
		if !errors.Is(err, seckill.InvalidRequest) || !strings.Contains(err.Error(), "user_id") {
			t.Errorf("user %q: %v", bad, err)
		}
		_, err = s.Purchase(t.Context(), "user-1", bad, "x")
		if !errors.Is(err, seckill.InvalidRequest) || !strings.Contains(err.Error(), "goods_id") {
			t.Errorf("goods %q: %v", bad, err)
		}
	}
}

// countingLimiter counts its calls.
type countingLimiter struct {
	limiter.Limiter
	calls int
}

func (c *countingLimiter) Allow(ctx context.Context, key string, r limiter.Rate) (limiter.Decision, error) {
	c.calls++
	return c.Limiter.Allow(ctx, key, r)
}

func TestALimitedUserIsRefusedFromMemoryUntilTheLimitChanges(t *testing.T) {
	counting := &countingLimiter{Limiter: new(limiter.Memory)}
	s := open(t, 10, 0, func(o *seckill.Options) { o.Limiter = counting })
	if _, err := s.Admin("test").SetRateLimit(t.Context(), 1, time.Hour); err != nil {
		t.Fatal(err)
	}
	s.ticket("user-1", 1)
	for range 100 {
		if _, err := s.Ticket(t.Context(), "user-1", "1001", 1); !errors.Is(err, seckill.RateLimited) {
			t.Fatalf("got %v, want rate_limited", err)
		}
	}
	if counting.calls != 2 {
		t.Errorf("%d calls of the limiter, want 2", counting.calls)
	}
	if _, err := s.Admin("test").SetRateLimit(t.Context(), 2, time.Hour); err != nil {
		t.Fatal(err)
	}
	s.ticket("user-1", 1)
}

func TestASwitchedOffSaleStillHonoursUsedTickets(t *testing.T) {
	s := open(t, 10, 0)
	used, unused := s.ticket("user-1", 1), s.ticket("user-2", 1)
	first, err := s.Purchase(t.Context(), "user-1", "1001", used)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Admin("test").SetEnabled(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purchase(t.Context(), "user-2", "1001", unused); !errors.Is(err, seckill.Disabled) {
		t.Errorf("unused ticket: %v, want disabled", err)
	}
	again, err := s.Purchase(t.Context(), "user-1", "1001", used)
	if err != nil || again.Order.ID != first.Order.ID {
		t.Errorf("used ticket: %+v, %v, want the same order", again, err)
	}
}

// deafLedger finds nothing, as it does not answer.
type deafLedger struct{ *order.Memory }

func (deafLedger) Find(context.Context, []string) ([]order.Order, error) { return nil, errCut }

func TestATicketThatMayHaveWonIsNotToldOffByALedgerThatIsAway(t *testing.T) {
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders = deafLedger{new(order.Memory)} })
	token := s.ticket("user-1", 1)
	if _, err := s.Admin("test").SetEnabled(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.OutcomeUnknown) {
		t.Errorf("got %v, want outcome_unknown", err)
	}
}

func TestGoodsShowTheirState(t *testing.T) {
	s := open(t, 1, 0)
	show := func(left int, want seckill.SaleState) {
		t.Helper()
		v, err := s.another().Goods(t.Context(), "1001")
		if err != nil || v.State != want || v.Left != left {
			t.Errorf("%+v, %v, want %d left, %s", v, err, left, want)
		}
	}
	show(1, seckill.SaleOpen)
	s.Admin("test").SetEnabled(t.Context(), false)
	show(1, seckill.SaleDisabled)
	s.Admin("test").SetEnabled(t.Context(), true)
	s.buy("user-1")
	show(0, seckill.SaleSoldOut)
	g := s.goods
	g.StartsAt = time.Now().Add(time.Minute)
	s.put(g)
	show(0, seckill.SaleUpcoming)
	g.StartsAt, g.EndsAt = time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
	s.put(g)
	show(0, seckill.SaleEnded)
	if _, err := s.Goods(t.Context(), "9999"); !errors.Is(err, seckill.GoodsNotFound) {
		t.Errorf("unknown goods: %v", err)
	}
}

// ill fails its check.
type ill struct{ deadLocker }

func (ill) Check(context.Context) error { return errDead }

// illLedger fails its check.
type illLedger struct{ *order.Memory }

func (illLedger) Check(context.Context) error { return errDead }

func TestAnEngineIsReadyWithoutTheLockAndNotWithoutTheLedger(t *testing.T) {
	for name, c := range map[string]struct {
		options seckill.Options
		part    string
		ready   bool
	}{
		"well":               {seckill.Options{}, "", true},
		"the lock is away":   {seckill.Options{Locker: ill{}}, "locker", true},
		"the ledger is away": {seckill.Options{Orders: illLedger{new(order.Memory)}}, "orders", false},
	} {
		e, err := seckill.New(c.options)
		if err != nil {
			t.Fatal(err)
		}
		health := e.Health(t.Context())
		if seckill.Ready(health) != c.ready {
			t.Errorf("%s: ready is %v", name, !c.ready)
		}
		for _, h := range health {
			if (h.Fault != nil) != (h.Part == c.part) {
				t.Errorf("%s: part %s has fault %v", name, h.Part, h.Fault)
			}
		}
	}
}

func TestRunTwiceIsAnError(t *testing.T) {
	e, err := seckill.New(seckill.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Run(ctx); err != nil {
		t.Errorf("first Run: %v", err)
	}
	if err := e.Run(ctx); err == nil {
		t.Error("second Run: no error")
	}
}

func TestOrdersAreOnlyTheirOwners(t *testing.T) {
	s := open(t, 10, 0)
	var mine []string
	for range 3 {
		mine = append([]string{s.buy("user-1").ID}, mine...)
	}
	other := s.buy("user-2")
	if _, err := s.Order(t.Context(), "user-1", other.ID); !errors.Is(err, seckill.OrderNotFound) {
		t.Errorf("another user's order: %v", err)
	}
	if err := s.Pay(t.Context(), "user-1", other.ID, ""); !errors.Is(err, seckill.OrderNotFound) {
		t.Errorf("paying another user's order: %v", err)
	}
	var got []string
	for after := ""; ; {
		page, err := s.Orders(t.Context(), "user-1", after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, o := range page {
			got = append(got, o.ID)
		}
		after = got[len(got)-1]
	}
	if fmt.Sprint(got) != fmt.Sprint(mine) {
		t.Errorf("orders %v, want %v", got, mine)
	}
	if _, err := s.Orders(t.Context(), "user-1", "", 1001); !errors.Is(err, seckill.InvalidRequest) {
		t.Errorf("limit 1001: %v", err)
	}
}

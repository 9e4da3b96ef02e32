package seckill_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
)

// noes are what makes a purchase end with a final no that was allowed before.
var noes = map[string]struct {
	change func(*shop, *atomic.Int64) error
	want   seckill.Code
}{
	"switched off": {func(s *shop, _ *atomic.Int64) error {
		_, err := s.Admin("test").SetEnabled(s.t.Context(), false)
		return err
	}, seckill.Disabled},
	"blacklisted": {func(s *shop, _ *atomic.Int64) error {
		_, err := s.Admin("test").Ban(s.t.Context(), "user-1", "", 0)
		return err
	}, seckill.Blacklisted},
	"expired": {func(_ *shop, late *atomic.Int64) error {
		late.Store(int64(10 * time.Minute))
		return nil
	}, seckill.InvalidTicket},
	"ended": {func(s *shop, _ *atomic.Int64) error {
		g := s.goods
		g.EndsAt = time.Now().Add(-time.Minute)
		_, err := s.Admin("test").PutGoods(s.t.Context(), g)
		return err
	}, seckill.Ended},
}

// leave purchases and gives up once the units are held.
func (s *shop) leave(token string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := s.Purchase(ctx, "user-1", "1001", token)
		left <- err
	}()
	s.eventually("held", func() bool { c, _ := s.o.Stock.Counts(s.t.Context(), "1001"); return c.Held == 1 })
	cancel()
	if err := <-left; !errors.Is(err, seckill.OutcomeUnknown) {
		s.t.Fatalf("the buyer who left: %v", err)
	}
}

// A client gives up while the ledger is slow and asks again, with the same ticket,
// after a change by which it may not buy any more.
func TestWhileAPurchaseIsUnderWayItsTicketHearsNoFinalNo(t *testing.T) {
	for name, no := range noes {
		for _, where := range []string{"on its node", "on another node"} {
			t.Run(name+" "+where, func(t *testing.T) {
				var late atomic.Int64
				ledger := &slowLedger{Store: new(order.Memory), gate: make(chan struct{}, 100)}
				s := open(t, 10, 0, func(o *seckill.Options) {
					o.Orders = ledger
					o.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
				})
				asked := s.Engine
				if where == "on another node" {
					asked = s.another()
				}
				token, unused := s.ticket("user-1", 1), s.ticket("user-1", 1)
				s.leave(token)
				if err := no.change(s, &late); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if _, err := asked.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.OutcomeUnknown) {
						t.Fatalf("got %v, want outcome_unknown", err)
					}
				}
				if _, err := asked.Purchase(t.Context(), "user-1", "1001", unused); !errors.Is(err, no.want) {
					t.Errorf("a ticket that was not used: %v, want %s", err, no.want)
				}
				ledger.gate <- struct{}{}
				s.eventually("the ticket gets its order", func() bool {
					r, err := asked.Purchase(t.Context(), "user-1", "1001", token)
					if err != nil && !errors.Is(err, seckill.OutcomeUnknown) {
						t.Fatalf("got %v, want outcome_unknown or the order", err)
					}
					return err == nil && r.Replayed
				})
			})
		}
	}
}

// The gate is reached only once a queue is worked off: until then nothing but the
// node knows of the purchase.
func TestAQueuedPurchaseIsUnderWay(t *testing.T) {
	ledger := &slowLedger{Store: new(order.Memory), gate: make(chan struct{}, 100)}
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders = ledger })
	first, token := s.ticket("user-2", 1), s.ticket("user-1", 1)
	go s.Purchase(context.Background(), "user-2", "1001", first)
	s.eventually("held", func() bool { c, _ := s.o.Stock.Counts(t.Context(), "1001"); return c.Held == 1 })
	queued := make(chan error, 1)
	go func() {
		_, err := s.Purchase(context.Background(), "user-1", "1001", token)
		queued <- err
	}()
	s.eventually("queued", func() bool { return s.Waiting("1001") == 1 })
	if _, err := s.Admin("test").Ban(t.Context(), "user-1", "", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.OutcomeUnknown) {
		t.Errorf("got %v, want outcome_unknown", err)
	}
	ledger.gate <- struct{}{}
	ledger.gate <- struct{}{}
	<-queued
	if n := s.Open(); n != 0 {
		t.Errorf("%d attempts are remembered, want none", n)
	}
}

// lookups counts how often the ledger is asked for orders of attempts.
type lookups struct {
	order.Store
	n atomic.Int64
}

func (l *lookups) Find(ctx context.Context, ids []string) ([]order.Order, error) {
	l.n.Add(1)
	return l.Store.Find(ctx, ids)
}

// Two nodes: one is asked while the ticket has no order, the other sells, and the
// first is asked again at once. That there is no order is never answered from memory,
// and a flood of one ticket still is a few looks.
func TestThatThereIsNoOrderIsNotRemembered(t *testing.T) {
	ledger := &lookups{Store: new(order.Memory)}
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders = ledger })
	asked, admin := s.another(), s.Admin("test")
	token, flood := s.ticket("user-1", 1), s.ticket("user-2", 1)
	if _, err := admin.SetEnabled(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if _, err := asked.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.Disabled) {
		t.Fatalf("got %v, want disabled", err)
	}
	if _, err := admin.SetEnabled(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	bought, err := s.Purchase(t.Context(), "user-1", "1001", token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.SetEnabled(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if r, err := asked.Purchase(t.Context(), "user-1", "1001", token); err != nil || r.Order.ID != bought.Order.ID {
		t.Errorf("got %+v, %v, want the order", r, err)
	}
	before, began := ledger.n.Load(), time.Now()
	done := make(chan error, 500)
	for range 500 {
		go func() {
			_, err := asked.Purchase(context.Background(), "user-2", "1001", flood)
			done <- err
		}()
	}
	for range 500 {
		if err := <-done; !errors.Is(err, seckill.Disabled) {
			t.Errorf("got %v, want disabled", err)
		}
	}
	if n, most := ledger.n.Load()-before, int64(time.Since(began)/(100*time.Millisecond))+2; n > most {
		t.Errorf("%d looks in %v, want at most %d", n, time.Since(began), most)
	}
}

// A node without the hold's numbers does not know that nobody sells.
func TestAGateWithoutNumbersIsNoNo(t *testing.T) {
	gate := new(forgetful)
	gate.forget()
	s := open(t, 10, 0, func(o *seckill.Options) { o.Stock = gate })
	token := s.ticket("user-1", 1)
	if _, err := s.Admin("test").SetEnabled(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	gate.forget()
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.OutcomeUnknown) {
		t.Errorf("got %v, want outcome_unknown", err)
	}
	s.eventually("the gate is filled, and the answer is sure", func() bool {
		_, err := s.Purchase(t.Context(), "user-1", "1001", token)
		return errors.Is(err, seckill.Disabled)
	})
}

// overtaking books the first commit, loses its answer, and has another node fill the
// gate and keep the lease before the commit is tried again.
type overtaking struct {
	order.Store
	after func()
	away  atomic.Bool // Find does not answer
	once  atomic.Bool
}

func (l *overtaking) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	outcomes, err := l.Store.Commit(ctx, goodsID, fence, drafts)
	if l.once.CompareAndSwap(false, true) {
		l.after()
		return nil, errCut
	}
	return outcomes, err
}

func (l *overtaking) Find(ctx context.Context, ids []string) ([]order.Order, error) {
	if l.away.Load() {
		return nil, errCut
	}
	return l.Store.Find(ctx, ids)
}

// keptLocker grants no lease to a seller once it is kept.
type keptLocker struct {
	lock.Locker
	kept atomic.Bool
}

func (l *keptLocker) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	if l.kept.Load() {
		return nil, lock.ErrNotObtained
	}
	return l.Locker.Acquire(ctx, name, o)
}

func TestAfterACommitWithoutAnAnswerABuyerIsNeverToldThatNothingWasSold(t *testing.T) {
	for name, c := range map[string]struct {
		away bool
		want seckill.Code
	}{
		"the ledger answers": {false, ""},
		"the ledger is away": {true, seckill.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			ledger, locker := &overtaking{Store: new(order.Memory)}, &keptLocker{Locker: new(lock.Memory)}
			s := open(t, 10, 0, func(o *seckill.Options) {
				o.Orders, o.Locker, o.CommitPatience = ledger, locker, 200*time.Millisecond
			})
			ledger.after = func() {
				row, err := ledger.Store.Stock(context.Background(), "1001")
				if err == nil {
					_, err = ledger.Store.Open(context.Background(), "1001", row.Fence+1000, row.Total)
				}
				if err != nil {
					t.Error(err)
				}
				locker.kept.Store(true)
				ledger.away.Store(c.away)
			}
			token := s.ticket("user-1", 1)
			r, err := s.Purchase(t.Context(), "user-1", "1001", token)
			if seckill.CodeOf(err) != c.want || err == nil && r.Order.UserID != "user-1" {
				t.Fatalf("got %+v, %v, want %q", r, err, c.want)
			}
			if _, err = s.Purchase(t.Context(), "user-1", "1001", token); errors.Is(err, seckill.Busy) {
				t.Errorf("the same ticket again: %v", err)
			}
		})
	}
}

package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/ticket"
)

var testKeys = []ticket.Key{{ID: "test", Secret: []byte("0123456789abcdef0123456789abcdef")}}

// rush sends n buyers of so many users at the engines.
func rush(t testing.TB, n, users int, engines ...*seckill.Engine) []saletest.Bought {
	return saletest.Rush(t, "1001", n, users, engines...)
}

func TestACrowdGetsEveryUnitOnce(t *testing.T) {
	s := open(t, 100, 0)
	won := saletest.Winners(t, rush(t, 600, 600, s.Engine), seckill.SoldOut)
	if len(won) != 100 {
		t.Errorf("%d orders, want 100", len(won))
	}
	saletest.Distinct(t, won, s.Engine)
	s.sound(100)
}

func TestNobodyGetsMoreThanTheLimit(t *testing.T) {
	s := open(t, 100, 2)
	won := saletest.Winners(t, rush(t, 300, 30, s.Engine), seckill.LimitReached, seckill.SoldOut)
	if len(won) != 60 {
		t.Errorf("%d orders of 30 users, want 60", len(won))
	}
	mine := map[string]int{}
	for _, b := range won {
		if mine[b.User]++; mine[b.User] > 2 {
			t.Errorf("%s has %d", b.User, mine[b.User])
		}
	}
	s.sound(60)
}

func TestThreeEnginesShareOneSale(t *testing.T) {
	s := open(t, 100, 0)
	engines := []*seckill.Engine{s.Engine, s.another(), s.another()}
	won := saletest.Winners(t, rush(t, 600, 600, engines...), seckill.SoldOut)
	if len(won) != 100 {
		t.Errorf("%d orders, want 100", len(won))
	}
	saletest.Distinct(t, won, engines[1], engines[2], engines[0])
	s.sound(100)
}

func TestOneTicketIsOneOrderHoweverOftenSent(t *testing.T) {
	s := open(t, 100, 0)
	engines := []*seckill.Engine{s.Engine, s.another(), s.another()}
	token := s.ticket("user-1", 2)
	all := saletest.Crowd(1000, func(i int) saletest.Bought {
		r, err := engines[i%3].Purchase(t.Context(), "user-1", "1001", token)
		return saletest.Bought{User: "user-1", Receipt: r, Err: err}
	})
	fresh := 0
	for _, b := range saletest.Winners(t, all) {
		if b.Receipt.Order.ID != all[0].Receipt.Order.ID {
			t.Fatalf("orders %s and %s", b.Receipt.Order.ID, all[0].Receipt.Order.ID)
		}
		if !b.Receipt.Replayed {
			fresh++
		}
	}
	if fresh != 1 {
		t.Errorf("%d receipts are not replays, want 1", fresh)
	}
	s.sound(2)
}

func TestAForeignTicketBuysNothing(t *testing.T) {
	s := open(t, 10, 0)
	token := s.ticket("user-1", 1)
	for name, try := range map[string]func() error{
		"another user": func() error { _, err := s.Purchase(t.Context(), "user-2", "1001", token); return err },
		"altered": func() error {
			_, err := s.Purchase(t.Context(), "user-1", "1001", token[:len(token)-2]+"AA")
			return err
		},
		"empty": func() error { _, err := s.Purchase(t.Context(), "user-1", "1001", ""); return err },
	} {
		if err := try(); !errors.Is(err, seckill.InvalidTicket) {
			t.Errorf("%s: %v, want invalid_ticket", name, err)
		}
	}
	s.sound(0)
}

func TestAnExpiredTicketBuysNothingButKeepsItsOrder(t *testing.T) {
	now := time.Now()
	var ahead atomic.Int64
	s := open(t, 10, 0, func(o *seckill.Options) {
		o.TicketTTL = time.Second
		o.Now = func() time.Time { return now.Add(time.Duration(ahead.Load())) }
	})
	used, unused := s.ticket("user-1", 1), s.ticket("user-2", 1)
	first, err := s.Purchase(t.Context(), "user-1", "1001", used)
	if err != nil {
		t.Fatal(err)
	}
	ahead.Store(int64(2 * time.Second))
	if _, err := s.Purchase(t.Context(), "user-2", "1001", unused); !errors.Is(err, seckill.InvalidTicket) {
		t.Errorf("unused: %v, want invalid_ticket", err)
	}
	again, err := s.Purchase(t.Context(), "user-1", "1001", used)
	if err != nil || again.Order.ID != first.Order.ID {
		t.Errorf("used: %+v, %v, want the same order", again, err)
	}
	s.sound(1)
}

func TestATicketIsGoodOnANodeWhoseClockIsBehind(t *testing.T) {
	s := open(t, 10, 0)
	token := s.ticket("user-1", 1)
	s.o.Now = func() time.Time { return time.Now().Add(-5 * time.Second) }
	if _, err := s.another().Purchase(t.Context(), "user-1", "1001", token); err != nil {
		t.Errorf("got %v", err)
	}
}

// slowLedger commits only when told to, and counts.
type slowLedger struct {
	order.Store
	commits atomic.Int64
	gate    chan struct{}
}

func (l *slowLedger) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	<-l.gate
	l.commits.Add(1)
	return l.Store.Commit(ctx, goodsID, fence, drafts)
}

func TestBuyersWhoArriveDuringACommitShareTheNext(t *testing.T) {
	ledger := &slowLedger{Store: new(order.Memory), gate: make(chan struct{}, 100)}
	s := open(t, 1000, 0, func(o *seckill.Options) { o.Orders = ledger })
	purchase := func(i int, token string) saletest.Bought {
		r, err := s.Purchase(context.Background(), fmt.Sprint("user-", i), "1001", token)
		return saletest.Bought{Receipt: r, Err: err}
	}
	tokens := make([]string, 201)
	for i := range tokens {
		tokens[i] = s.ticket(fmt.Sprint("user-", i), 1)
	}
	done := make(chan []saletest.Bought)
	go func() { done <- []saletest.Bought{purchase(200, tokens[200])} }()
	s.eventually("the first is in the ledger", func() bool { c, _ := s.o.Stock.Counts(t.Context(), "1001"); return c.Held == 1 })
	go func() { done <- saletest.Crowd(200, func(i int) saletest.Bought { return purchase(i, tokens[i]) }) }()
	s.eventually("a second group is in the ledger, and all others wait", func() bool {
		c, _ := s.o.Stock.Counts(t.Context(), "1001")
		return c.Held > 16 && c.Held+s.Waiting("1001") == 201
	})
	for range 100 {
		ledger.gate <- struct{}{}
	}
	if won := saletest.Winners(t, append(<-done, <-done...)); len(won) != len(tokens) {
		t.Errorf("%d orders, want %d", len(won), len(tokens))
	}
	if n := ledger.commits.Load(); n > 3 { // 2 if the second group began when all had come
		t.Errorf("%d commits, want 3", n)
	}
}

func TestAFullQueueRefusesAndSellsNothing(t *testing.T) {
	ledger := &slowLedger{Store: new(order.Memory), gate: make(chan struct{}, 100)}
	s := open(t, 1000, 0, func(o *seckill.Options) { o.Orders, o.MaxGroup, o.MaxQueue = ledger, 1, 2 })
	first := s.ticket("user-first", 1)
	go s.Purchase(context.Background(), "user-first", "1001", first)
	s.eventually("the first is in the ledger", func() bool { c, _ := s.o.Stock.Counts(t.Context(), "1001"); return c.Held == 1 })
	results := make(chan error, 10)
	for i := range 10 {
		token := s.ticket(fmt.Sprint("user-", i), 1)
		go func() {
			_, err := s.Purchase(context.Background(), fmt.Sprint("user-", i), "1001", token)
			results <- err
		}()
	}
	for range 8 {
		err := <-results
		r, ok := errors.AsType[*seckill.Refusal](err)
		if !ok || r.Code != seckill.Busy || r.RetryAfter <= 0 {
			t.Errorf("got %v, want busy with a time to retry", err)
		}
	}
	for range 100 {
		ledger.gate <- struct{}{}
	}
	for range 2 {
		if err := <-results; err != nil {
			t.Errorf("a queued buyer got %v", err)
		}
	}
	s.sound(3)
}

func TestABuyerWhoLeavesKeepsTheAnswer(t *testing.T) {
	ledger := &slowLedger{Store: new(order.Memory), gate: make(chan struct{}, 100)}
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders = ledger })
	token := s.ticket("user-1", 1)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := s.Purchase(ctx, "user-1", "1001", token)
		left <- err
	}()
	s.eventually("held", func() bool { c, _ := s.o.Stock.Counts(t.Context(), "1001"); return c.Held == 1 })
	cancel()
	if err := <-left; !errors.Is(err, seckill.OutcomeUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want outcome_unknown because of the cancel", err)
	}
	for range 100 {
		ledger.gate <- struct{}{}
	}
	r, err := s.Purchase(t.Context(), "user-1", "1001", token)
	if err != nil || !r.Replayed {
		t.Errorf("same ticket again: %+v, %v, want the order of the first try", r, err)
	}
	s.sound(1)
}

// failing fails calls of the gate and the ledger as told, before or after they
// took effect.
type failing struct {
	order.Store
	commitBefore, commitAfter, reserveAfter, settle atomic.Int64
}

var errCut = errors.New("connection cut")

func down(n *atomic.Int64) bool { return n.Add(-1) >= 0 }

func (f *failing) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	if down(&f.commitBefore) {
		return nil, errCut
	}
	outcomes, err := f.Store.Commit(ctx, goodsID, fence, drafts)
	if down(&f.commitAfter) {
		return nil, errCut
	}
	return outcomes, err
}

type failingStock struct {
	*stock.Memory
	cuts *failing
}

func (f failingStock) Reserve(ctx context.Context, goodsID string, fence int64, rs []stock.Request) (stock.Reservation, error) {
	r, err := f.Memory.Reserve(ctx, goodsID, fence, rs)
	if down(&f.cuts.reserveAfter) {
		return stock.Reservation{}, errCut
	}
	return r, err
}

func (f failingStock) Settle(ctx context.Context, goodsID string, ss []stock.Settlement) error {
	if down(&f.cuts.settle) {
		return errCut
	}
	return f.Memory.Settle(ctx, goodsID, ss)
}

func (f failingStock) Confirm(ctx context.Context, goodsID string, groups []string) ([]string, error) {
	if down(&f.cuts.settle) {
		return nil, errCut
	}
	return f.Memory.Confirm(ctx, goodsID, groups)
}

// openFailing gives up on the ledger after patience.
func openFailing(t *testing.T, total int, patience time.Duration) (*shop, *failing) {
	f := &failing{Store: new(order.Memory)}
	s := open(t, total, 0, func(o *seckill.Options) {
		o.Orders, o.Stock = f, failingStock{new(stock.Memory), f}
		o.CommitPatience, o.HoldTimeout = patience, patience+100*time.Millisecond
	})
	return s, f
}

func TestALostReplyLosesNoOrderAndMakesNone(t *testing.T) {
	for name, cut := range map[string]func(*failing){
		"of the gate":              func(f *failing) { f.reserveAfter.Store(1) },
		"of the ledger":            func(f *failing) { f.commitAfter.Store(1) },
		"before the ledger":        func(f *failing) { f.commitBefore.Store(2) },
		"of gate and ledger twice": func(f *failing) { f.reserveAfter.Store(2); f.commitAfter.Store(2) },
		"of the confirmation":      func(f *failing) { f.settle.Store(2) },
	} {
		t.Run(name, func(t *testing.T) {
			s, f := openFailing(t, 10, 20*time.Second)
			cut(f)
			s.buy("user-1")
			s.sound(1)
		})
	}
}

func TestALedgerThatStaysAwayIsAnUnknownOutcomeThatTheTicketResolves(t *testing.T) {
	s, f := openFailing(t, 1, 900*time.Millisecond)
	token := s.ticket("user-1", 1)
	f.commitAfter.Store(1000)
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.OutcomeUnknown) {
		t.Fatalf("got %v, want outcome_unknown", err)
	}
	f.commitAfter.Store(0)
	r, err := s.Purchase(t.Context(), "user-1", "1001", token)
	if err != nil || r.Order.UserID != "user-1" {
		t.Fatalf("same ticket again: %+v, %v", r, err)
	}
	s.sound(1)
}

func TestTheSweepGivesBackHoldsThatHaveNoOrder(t *testing.T) {
	s, f := openFailing(t, 1, 900*time.Millisecond)
	token := s.ticket("user-1", 1)
	f.commitBefore.Store(1000)
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.OutcomeUnknown) {
		t.Fatalf("got %v, want outcome_unknown", err)
	}
	f.commitBefore.Store(0)
	s.run()
	s.sound(0)
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.InvalidTicket) {
		t.Errorf("the buried attempt: %v, want invalid_ticket", err)
	}
	s.sound(0)
	s.buy("user-2")
	s.sound(1)
}

func TestTheSweepConfirmsHoldsThatHaveAnOrder(t *testing.T) {
	s, f := openFailing(t, 1, 900*time.Millisecond)
	f.settle.Store(1000)
	s.buy("user-1")
	s.eventually("the group gave the gate up", func() bool { return s.Idle("1001") })
	f.settle.Store(0)
	c, err := s.o.Stock.Counts(t.Context(), "1001")
	if err != nil || c.Held != 1 {
		t.Fatalf("%+v, %v, want the unit held", c, err)
	}
	s.run()
	s.sound(1)
}

// deadLocker never answers.
type deadLocker struct{}

var errDead = errors.New("etcd does not answer")

func (deadLocker) Acquire(context.Context, string, lock.Options) (lock.Lease, error) {
	return nil, errDead
}

func (deadLocker) TryAcquire(context.Context, string, lock.Options) (lock.Lease, error) {
	return nil, errDead
}

func TestSalesGoOnWithoutTheLock(t *testing.T) {
	s := open(t, 100, 0)
	s.o.Locker = deadLocker{}
	engines := []*seckill.Engine{s.another(), s.another()}
	won := saletest.Winners(t, rush(t, 300, 300, engines...), seckill.SoldOut)
	if len(won) != 100 {
		t.Errorf("%d orders, want 100", len(won))
	}
	s.sound(100)
}

func TestPreloadWhileSellingAddsNothing(t *testing.T) {
	s := open(t, 200, 0)
	stop, begun := make(chan struct{}), make(chan struct{})
	ended := make(chan struct{})
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				close(ended)
				return
			default:
				if n++; n == 2 {
					close(begun)
				}
				s.Admin("test").Preload(context.Background(), "1001")
			}
		}
	}()
	<-begun
	won := saletest.Winners(t, rush(t, 600, 600, s.Engine, s.another()), seckill.SoldOut, seckill.Busy)
	close(stop)
	<-ended
	if len(won) > 200 {
		t.Errorf("%d orders of 200 units", len(won))
	}
	saletest.Distinct(t, won, s.Engine)
	s.sound(len(won))
}

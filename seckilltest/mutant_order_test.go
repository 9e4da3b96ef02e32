package seckilltest_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seckill-go/seckill/order"
)

// oversells updates the row whatever it says.
type oversells struct{ order.Store }

const tooMuch = 3

func (s *oversells) Open(ctx context.Context, id string, fence int64, total int) (order.Stock, error) {
	row, err := s.Store.Open(ctx, id, fence, total*tooMuch)
	row.Total = total
	return row, err
}

func (s *oversells) Stock(ctx context.Context, id string) (order.Stock, error) {
	row, err := s.Store.Stock(ctx, id)
	row.Total /= tooMuch
	return row, err
}

func (s *oversells) Recount(ctx context.Context, id string) (order.Recount, error) {
	r, err := s.Store.Recount(ctx, id)
	r.Total /= tooMuch
	return r, err
}

// miscounts is a ledger whose row is wrong by so many units.
type miscounts struct {
	order.Store
	mu   sync.Mutex
	more map[string]int
}

func (s *miscounts) add(id string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.more == nil {
		s.more = map[string]int{}
	}
	s.more[id] += n
}

func (s *miscounts) Open(ctx context.Context, id string, fence int64, total int) (order.Stock, error) {
	row, err := s.Store.Open(ctx, id, fence, total)
	return s.wrong(row), err
}

func (s *miscounts) Stock(ctx context.Context, id string) (order.Stock, error) {
	row, err := s.Store.Stock(ctx, id)
	return s.wrong(row), err
}

func (s *miscounts) Recount(ctx context.Context, id string) (order.Recount, error) {
	r, err := s.Store.Recount(ctx, id)
	r.Stock = s.wrong(r.Stock)
	return r, err
}

func (s *miscounts) wrong(row order.Stock) order.Stock {
	s.mu.Lock()
	defer s.mu.Unlock()
	row.Sold += s.more[row.GoodsID]
	return row
}

// keepsUnits cancels orders and leaves the row as it is.
type keepsUnits struct{ miscounts }

func (s *keepsUnits) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	changed, err := s.Store.Move(ctx, changes)
	for _, c := range changed {
		if c.Moved && c.Order.State == order.Cancelled {
			s.add(c.Order.GoodsID, c.Order.Quantity)
		}
	}
	return changed, err
}

// restoresTwice returns the units of an order each time it is told to cancel it:
// no inbox, no compare-and-set.
type restoresTwice struct{ miscounts }

func (s *restoresTwice) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	changed, err := s.Store.Move(ctx, changes)
	for i, c := range changed {
		if !c.Moved && changes[i].Move == order.Cancel && c.Order.State == order.Cancelled {
			s.add(c.Order.GoodsID, -c.Order.Quantity)
		}
	}
	return changed, err
}

// limitlessLedger knows of no limit.
type limitlessLedger struct{ order.Store }

func (s limitlessLedger) Commit(ctx context.Context, id string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	free := append([]order.Draft(nil), drafts...)
	for i := range free {
		free[i].Limit = 0
	}
	return s.Store.Commit(ctx, id, fence, free)
}

// twoOrders has no unique key on the attempt.
type twoOrders struct {
	order.Store
	mu    sync.Mutex
	times int
}

func (s *twoOrders) Commit(ctx context.Context, id string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	fresh := append([]order.Draft(nil), drafts...)
	s.mu.Lock()
	for i := range fresh {
		s.times++
		fresh[i].ID = fmt.Sprintf("%s.%d", fresh[i].ID, s.times)
	}
	s.mu.Unlock()
	outcomes, err := s.Store.Commit(ctx, id, fence, fresh)
	for i := range outcomes {
		outcomes[i].Order = plain(outcomes[i].Order)
	}
	return outcomes, err
}

func plain(o order.Order) order.Order {
	o.ID, _, _ = strings.Cut(o.ID, ".")
	return o
}

func (s *twoOrders) Sales(ctx context.Context, id string) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for o, err := range s.Store.Sales(ctx, id) {
			if !yield(plain(o), err) {
				return
			}
		}
	}
}

// guesses takes every third commit of which it does not know the outcome for one
// that failed, and says that nothing was left.
type guesses struct {
	order.Store
	times atomic.Int64
}

func (s *guesses) Commit(ctx context.Context, id string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	outcomes, err := s.Store.Commit(ctx, id, fence, drafts)
	if s.times.Add(1)%3 == 0 {
		for i := range outcomes {
			outcomes[i] = order.Outcome{Status: order.SoldOut}
		}
	}
	return outcomes, err
}

// forgetsPayments acknowledges every third payment event and does not keep it.
type forgetsPayments struct {
	order.Store
	mu    sync.Mutex
	times int
}

func (s *forgetsPayments) Enqueue(ctx context.Context, events []order.Event) error {
	s.mu.Lock()
	s.times++
	forgets := s.times%3 == 1
	s.mu.Unlock()
	if forgets {
		return nil
	}
	return s.Store.Enqueue(ctx, events)
}

// lags reads an order as it was when it was read first.
type lags struct {
	order.Store
	seen sync.Map
}

func (s *lags) Commit(ctx context.Context, id string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	outcomes, err := s.Store.Commit(ctx, id, fence, drafts)
	for _, o := range outcomes {
		if o.Status == order.Committed {
			s.seen.Store(o.Order.ID, o.Order)
		}
	}
	return outcomes, err
}

func (s *lags) Get(ctx context.Context, id string) (order.Order, error) {
	if o, ok := s.seen.Load(id); ok {
		return o.(order.Order), nil
	}
	return s.Store.Get(ctx, id)
}

// unfencedLedger lets anybody commit.
type unfencedLedger struct{ order.Store }

func (s unfencedLedger) Commit(ctx context.Context, id string, _ int64, drafts []order.Draft) ([]order.Outcome, error) {
	return s.Store.Commit(ctx, id, 0, drafts)
}

// forgetsOutbox marks what it hands out before it is sent, and the oldest of several
// batches without handing it out.
type forgetsOutbox struct{ order.Store }

func (s forgetsOutbox) InLane(ctx context.Context, lane order.Lane, limit int) ([]order.Batch, error) {
	batches, err := s.Store.InLane(ctx, lane, limit)
	var ids []int64
	for _, b := range batches {
		ids = append(ids, b.ID)
	}
	_ = s.Store.MarkSent(ctx, ids)
	if len(batches) > 1 {
		batches = batches[1:]
	}
	return batches, err
}

// skipsAudits does not write every third row.
type skipsAudits struct {
	order.Store
	mu    sync.Mutex
	times int
}

func (s *skipsAudits) BeginAudit(ctx context.Context, a order.Audit) (int64, error) {
	s.mu.Lock()
	s.times++
	skips := s.times%3 == 1
	s.mu.Unlock()
	if skips {
		return 0, nil
	}
	return s.Store.BeginAudit(ctx, a)
}

// unfinishedAudits does not write what came of it.
type unfinishedAudits struct{ order.Store }

func (unfinishedAudits) EndAudit(context.Context, int64, string, string) error { return nil }

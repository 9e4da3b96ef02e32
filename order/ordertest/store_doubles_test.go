package ordertest_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/order"
)

type oversells struct{ *order.Memory }

func (s oversells) Open(ctx context.Context, goodsID string, fence int64, total int) (order.Stock, error) {
	return s.Memory.Open(ctx, goodsID, fence, total+1)
}

// forgetsAttempts gives each draft an id of its own.
type forgetsAttempts struct {
	*order.Memory
	n atomic.Int64
}

func (s *forgetsAttempts) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	drafts = slices.Clone(drafts)
	for i := range drafts {
		drafts[i].ID = fmt.Sprint("id-", s.n.Add(1))
	}
	return s.Memory.Commit(ctx, goodsID, fence, drafts)
}

type stockFirst struct{ *order.Memory }

func (s stockFirst) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	if row, err := s.Stock(ctx, goodsID); err == nil && row.Sold == row.Total {
		out := make([]order.Outcome, len(drafts))
		for i := range out {
			out[i].Status = order.SoldOut
		}
		return out, nil
	}
	return s.Memory.Commit(ctx, goodsID, fence, drafts)
}

type ignoresLimits struct{ *order.Memory }

func (s ignoresLimits) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	drafts = slices.Clone(drafts)
	for i := range drafts {
		drafts[i].Limit = 0
	}
	return s.Memory.Commit(ctx, goodsID, fence, drafts)
}

// allOrNothing refuses a group of which one was refused before.
type allOrNothing struct{ *order.Memory }

func (s allOrNothing) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	for _, d := range drafts {
		if known, _ := s.Find(ctx, []string{d.ID}); len(known) > 0 && len(drafts) > 1 {
			return make([]order.Outcome, len(drafts)), nil
		}
	}
	return s.Memory.Commit(ctx, goodsID, fence, drafts)
}

// poisons has the next group fail with what was wrong with the last one.
type poisons struct {
	*order.Memory
	mu  sync.Mutex
	err error
}

func (s *poisons) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	out, err := s.Memory.Commit(ctx, goodsID, fence, drafts)
	s.err = err
	return out, err
}

type ignoresFence struct{ *order.Memory }

func (s ignoresFence) Commit(ctx context.Context, goodsID string, _ int64, drafts []order.Draft) ([]order.Outcome, error) {
	return s.Memory.Commit(ctx, goodsID, 0, drafts)
}

type keepsNanoseconds struct{ *order.Memory }

func (s keepsNanoseconds) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	out, err := s.Memory.Commit(ctx, goodsID, fence, drafts)
	for i := range out {
		out[i].Order.PayBy = drafts[i].PayBy
	}
	return out, err
}

// restoresTwice gives units back for every cancel of an order that is not paid.
type restoresTwice struct {
	*order.Memory
	extra atomic.Int64
}

func (s *restoresTwice) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	out, err := s.Memory.Move(ctx, changes)
	for i, c := range out {
		if changes[i].Move == order.Cancel && c.Order.State == order.Cancelled && !c.Moved {
			s.extra.Add(int64(c.Order.Quantity))
		}
	}
	return out, err
}

func (s *restoresTwice) Recount(ctx context.Context, goodsID string) (order.Recount, error) {
	r, err := s.Memory.Recount(ctx, goodsID)
	r.Sold -= int(s.extra.Load())
	return r, err
}

// illegalEdge tells that a late payment made the order paid.
type illegalEdge struct{ *order.Memory }

func (s illegalEdge) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	out, err := s.Memory.Move(ctx, changes)
	for i := range out {
		if out[i].Order.State == order.RefundDue {
			out[i].Order.State = order.Paid
		}
	}
	return out, err
}

type forgetsEventIDs struct{ *order.Memory }

func (s forgetsEventIDs) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	changes = slices.Clone(changes)
	for i := range changes {
		changes[i].EventID = ""
	}
	return s.Memory.Move(ctx, changes)
}

// remembersAll remembers an event before it knows whether there is an order.
type remembersAll struct {
	*order.Memory
	early sync.Map
}

func (s *remembersAll) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	changes = slices.Clone(changes)
	for i, c := range changes {
		if _, err := s.Get(ctx, c.OrderID); err != nil {
			s.early.Store(c.EventID, true)
		} else if _, ok := s.early.Load(c.EventID); ok {
			changes[i].Move = 0
		}
	}
	return s.Memory.Move(ctx, changes)
}

type buriesNothing struct{ *order.Memory }

func (s buriesNothing) Bury(ctx context.Context, goodsID string, attempts []string) ([]order.Outcome, error) {
	out := make([]order.Outcome, len(attempts))
	for i := range out {
		out[i].Status = order.Buried
	}
	return out, nil
}

// racesWithBurials looks for the order first and buries later.
type racesWithBurials struct{ *order.Memory }

func (s racesWithBurials) Bury(ctx context.Context, goodsID string, attempts []string) ([]order.Outcome, error) {
	found, err := s.Find(ctx, attempts)
	if err != nil || len(found) > 0 {
		return s.Memory.Bury(ctx, goodsID, attempts)
	}
	for deadline := time.Now().Add(10 * time.Millisecond); len(found) == 0 && time.Now().Before(deadline); {
		found, _ = s.Find(ctx, attempts)
	}
	s.Memory.Bury(ctx, goodsID, attempts)
	return slices.Repeat([]order.Outcome{{Status: order.Buried}}, len(attempts)), nil
}

type forgetsEvents struct{ *order.Memory }

func (s forgetsEvents) Pending(ctx context.Context, limit int) ([]order.Batch, order.Queue, error) {
	batches, q, err := s.Memory.Pending(ctx, limit)
	return batches[:min(1, len(batches))], q, err
}

// oneTrace traces every order of a group as the first.
type oneTrace struct{ *order.Memory }

func (s oneTrace) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	drafts = slices.Clone(drafts)
	for i := range drafts {
		drafts[i].Trace = drafts[0].Trace
	}
	return s.Memory.Commit(ctx, goodsID, fence, drafts)
}

// neverKnown does not tell that a change came before.
type neverKnown struct{ *order.Memory }

func (s neverKnown) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	out, err := s.Memory.Move(ctx, changes)
	for i := range out {
		out[i].Known = false
	}
	return out, err
}

type newestFirst struct{ *order.Memory }

func (s newestFirst) Pending(ctx context.Context, limit int) ([]order.Batch, order.Queue, error) {
	batches, q, err := s.Memory.Pending(ctx, limit)
	slices.Reverse(batches)
	return batches, q, err
}

// enqueuesTwice puts a number behind each id, so that none was there before.
type enqueuesTwice struct {
	*order.Memory
	n atomic.Int64
}

func (s *enqueuesTwice) Enqueue(ctx context.Context, events []order.Event) error {
	events = slices.Clone(events)
	for i := range events {
		events[i].ID = fmt.Sprint(events[i].ID, s.n.Add(1))
	}
	return s.Memory.Enqueue(ctx, events)
}

type marksNothing struct{ *order.Memory }

func (marksNothing) MarkSent(context.Context, []int64) error { return nil }

type overdueAll struct{ *order.Memory }

func (s overdueAll) Overdue(ctx context.Context, before time.Time, limit int) ([]order.Order, error) {
	var all []order.Order
	for o := range s.Sales(ctx, "goods-1") {
		if o.PayBy.Before(before) {
			all = append(all, o)
		}
	}
	return all[:min(limit, len(all))], nil
}

type nothingOwed struct{ *order.Memory }

func (nothingOwed) Unrestored(context.Context, int) ([]order.Order, error) { return nil, nil }

type onePage struct{ *order.Memory }

func (s onePage) List(ctx context.Context, userID, _ string, limit int) ([]order.Order, error) {
	return s.Memory.List(ctx, userID, "", limit)
}

type liveSales struct{ *order.Memory }

func (s liveSales) Sales(ctx context.Context, goodsID string) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for o, err := range s.Memory.Sales(ctx, goodsID) {
			if (err != nil || o.State.Live()) && !yield(o, err) {
				return
			}
		}
	}
}

type endsNoAudit struct{ *order.Memory }

func (endsNoAudit) EndAudit(context.Context, int64, string, string) error { return nil }

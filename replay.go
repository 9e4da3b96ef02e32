package seckill

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/ticket"
)

// outcome is what gate and ledger said of an attempt.
type outcome struct {
	at    time.Time   // when they were asked
	order order.Order // zero if there is none
	held  bool        // it may have one yet
}

var errUnderWay = errors.New("another call with the ticket is under way")

// replayOr answers a genuine ticket whose purchase is refused now: with its order,
// if it was used in time, with OutcomeUnknown while it may yet get one, else with
// the refusal.
func (e *Engine) replayOr(ctx context.Context, t ticket.Ticket, refusal error) (Receipt, error) {
	if errors.Is(refusal, Busy) { // it is to be asked again in any case
		return Receipt{}, e.busyFor(t.Attempt, 0, refusal)
	}
	if e.open.beside(t.Attempt, 0) { // looked at first: what ended before is in the ledger
		return Receipt{}, outcomeUnknown(errUnderWay)
	}
	o, err := e.outcome(ctx, t, e.refusedEverywhere(ctx, t, refusal))
	switch {
	case err != nil:
		return Receipt{}, outcomeUnknown(err)
	case o.order.ID != "":
		e.tally.duplicates.add("ledger")
		return Receipt{Order: o.order, Replayed: true}, nil
	case o.held:
		return Receipt{}, outcomeUnknown(errUnderWay)
	}
	return Receipt{}, refusal
}

// outcome asks what became of an attempt. An order comes from memory if it was
// found before, and so does the lack of one if every node refuses the ticket since
// then; everything else is true at some moment of the call.
func (e *Engine) outcome(ctx context.Context, t ticket.Ticket, everywhere bool) (outcome, error) {
	for came := time.Now(); ; {
		o, err := e.replays.Get(ctx, t.Attempt, func(ctx context.Context) (outcome, error) { return e.look(ctx, t) })
		if err != nil || o.order.ID != "" || everywhere && !o.held || !o.at.Before(came) {
			return o, err
		}
		if !pause(ctx, time.Until(o.at.Add(replayFreshness))) {
			return o, ctx.Err()
		}
	}
}

// everywhereAfter is how long a refusal must have held here for every node to have
// refused the ticket since before the last look: a change arrives within a second, a
// queue carries no purchase past it for longer than recheckAfter, and a look is kept
// for replayFreshness.
const everywhereAfter = time.Second + recheckAfter + replayFreshness

// refusedEverywhere reports whether no node can have sold with the ticket since the
// last look, so that a refused crowd costs nothing.
func (e *Engine) refusedEverywhere(ctx context.Context, t ticket.Ticket, refusal error) bool {
	now := e.o.Now()
	long := func(since time.Time) bool { return now.Sub(since) > everywhereAfter }
	r, _ := errors.AsType[*Refusal](refusal)
	switch {
	case r == nil:
		return false
	case r.Code == InvalidTicket:
		return long(t.Expires)
	case r.Code == NotStarted:
		return r.RetryAfter > everywhereAfter
	case r.Code == Ended:
		g, err := e.lookup(ctx, t.Goods)
		return err == nil && long(g.EndsAt)
	case r.Code == Blacklisted:
		entry, listed, err := e.o.Blacklist.Find(ctx, t.User, now)
		return err == nil && listed && long(entry.AddedAt)
	case r.Code == Disabled:
		return e.switchedOff.longer(everywhereAfter)
	}
	return false
}

// span is how long something has been so, as this node saw it. The zero value is a
// span that has not begun.
type span struct{ began atomic.Pointer[time.Time] }

func (s *span) set(so bool) {
	if began := s.began.Load(); so && began == nil {
		now := time.Now()
		s.began.CompareAndSwap(nil, &now)
	} else if !so && began != nil {
		s.began.Store(nil)
	}
}

func (s *span) longer(than time.Duration) bool {
	began := s.began.Load()
	return began != nil && time.Since(*began) > than
}

// look asks the gate, then the ledger: what the gate let go of by then is in the
// ledger or never will be.
func (e *Engine) look(ctx context.Context, t ticket.Ticket) (o outcome, err error) {
	o.at = time.Now()
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	ids := []string{t.Attempt}
	held, gate := e.held(ctx, t.Goods, ids)
	found, err := e.o.Orders.Find(ctx, ids)
	if err != nil {
		return o, err
	}
	if len(found) > 0 {
		o.order = found[0]
		return o, nil
	}
	o.held = held[t.Attempt]
	if e.o.Now().After(t.Expires.Add(2 * e.o.HoldTimeout)) {
		return o, nil // its hold was settled long ago, and the gate may be gone
	}
	return o, gate
}

// held returns the attempts of which the gate knows: they have an order, or may
// get one.
func (e *Engine) held(ctx context.Context, goodsID string, ids []string) (map[string]bool, error) {
	statuses, err := e.o.Stock.Known(ctx, goodsID, ids)
	if err == nil && len(statuses) != len(ids) {
		err = fmt.Errorf("gate answered %d of %d attempts", len(statuses), len(ids))
	}
	if errors.Is(err, stock.ErrNotLoaded) {
		if gate, fault := e.gate(ctx, goodsID); gate == nil && fault == nil {
			return nil, nil // it was never on sale
		}
		if retired, fault := e.retired(ctx, goodsID); retired && fault == nil {
			return nil, nil // nothing of it is held any more
		}
	}
	if err != nil {
		return nil, e.notLoaded(goodsID, err)
	}
	known := make(map[string]bool)
	for i, s := range statuses {
		if s != stock.Unknown {
			known[ids[i]] = true
		}
	}
	return known, nil
}

// busyFor refuses a call that sold nothing: with Busy, unless the attempt may have
// been sold all the same. own is as in beside.
func (e *Engine) busyFor(attempt string, own int, cause error) error {
	if r, ok := errors.AsType[*Refusal](cause); ok {
		cause = r.Cause
	}
	if e.open.beside(attempt, own) || e.open.doubtful(attempt) {
		return outcomeUnknown(cause)
	}
	return busy(cause)
}

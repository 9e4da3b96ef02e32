package seckill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/order"
)

const (
	// retryEvery is how often what is parked is tried again without being asked: a
	// fault that passes needs no operator.
	retryEvery = 5 * time.Second
	parkedPage = 256
)

// parkedKeys returns the keys of a lane of which something is parked, with the id of
// the first event.
func (e *Engine) parkedKeys(ctx context.Context, lane order.Lane) (map[string]string, error) {
	first := make(map[string]string)
	for after := int64(0); ; {
		page, _, err := e.o.Orders.Parked(ctx, after, parkedPage)
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			if _, ok := first[p.Key]; !ok && p.Lane == lane {
				first[p.Key] = p.Event.ID
			}
			after = p.ID
		}
		if len(page) < parkedPage {
			return first, nil
		}
	}
}

// byKey splits events by their keys, each with its events in their order, and parks
// those of keys of which something is parked already.
func byKey(events []order.Event, lane order.Lane, first map[string]string, now time.Time) (cargo [][]order.Event, behind []order.Parked) {
	place := make(map[string]int, len(events))
	for _, ev := range events {
		if id, ok := first[ev.Key]; ok {
			if id != ev.ID {
				behind = append(behind, order.Parked{Lane: lane, Key: ev.Key, Event: ev, Reason: "behind event " + id, At: now})
			}
			continue
		}
		i, ok := place[ev.Key]
		if !ok {
			i = len(cargo)
			place[ev.Key] = i
			cargo = append(cargo, nil)
		}
		cargo[i] = append(cargo[i], ev)
	}
	return cargo, behind
}

// asParked parks the first of the events for a reason and the others behind it.
func asParked(events []order.Event, lane order.Lane, why error, now time.Time) []order.Parked {
	reason := brief(why)
	parked := make([]order.Parked, len(events))
	for i, ev := range events {
		parked[i] = order.Parked{Lane: lane, Key: ev.Key, Event: ev, Reason: reason, At: now}
		reason = "behind event " + events[0].ID
	}
	return parked
}

func (e *Engine) park(ctx context.Context, things []order.Parked) error {
	if len(things) == 0 {
		return nil
	}
	if err := e.o.Orders.Park(ctx, things); err != nil {
		return fmt.Errorf("not parked: %w", err)
	}
	for _, p := range things {
		e.tally.parked.add(Code(p.Lane))
		e.log.Error("parked; others go on", "lane", p.Lane, "key", p.Key, "event", p.Event.ID, "reason", p.Reason)
	}
	return nil
}

// retries tries what is parked again, until ctx ends.
func (e *Engine) retries(ctx context.Context) error {
	for pause(ctx, e.retryEvery) {
		if err := e.retryAll(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (e *Engine) retryAll(ctx context.Context) error {
	failed := make(map[string]bool)
	for after := int64(0); ctx.Err() == nil; {
		page, _, err := e.o.Orders.Parked(ctx, after, parkedPage)
		if err != nil {
			return err
		}
		for _, p := range page {
			after = p.ID
			if key := string(p.Lane) + " " + p.Key; !failed[key] { // the events of a key keep their order
				failed[key] = e.retry(ctx, p) != nil
			}
		}
		if len(page) < parkedPage {
			return nil
		}
	}
	return ctx.Err()
}

// retry does what is parked, and forgets it if that succeeds.
func (e *Engine) retry(ctx context.Context, p order.Parked) error {
	if err := guard(func() error { return e.do(ctx, p) }); err != nil {
		if p.Reason = brief(err); ctx.Err() == nil {
			return errors.Join(err, e.o.Orders.Park(ctx, []order.Parked{p}))
		}
		return err
	}
	e.log.Info("what was parked is done", "lane", p.Lane, "key", p.Key, "event", p.Event.ID)
	return e.o.Orders.Unpark(ctx, []int64{p.ID})
}

var errPaymentParked = errors.New("a payment of the order is parked")

// do sends an event, or does what it would have led to: a payment that is parked is
// applied here, whether the sink or the ledger had refused it.
func (e *Engine) do(ctx context.Context, p order.Parked) error {
	switch p.Lane {
	case order.OrderLane:
		return e.o.Sink.Publish(ctx, []order.Event{p.Event})
	case order.PaymentLane:
		return e.move(ctx, e.changes([]order.Event{p.Event}))
	}
	paid, err := e.parkedKeys(ctx, order.PaymentLane)
	if err != nil {
		return err
	}
	if _, ok := paid[p.Key]; ok {
		return errPaymentParked
	}
	return e.move(ctx, []order.Change{e.overdue(p.Key)})
}

// Parked returns up to limit of the things that could not be done, with an ID above
// after, lowest first, and how many there are in all. Each is tried again every few
// seconds, and by [Admin.RetryParked]. limit is 1 to 1000. For operators. Refusals:
// InvalidRequest, Busy.
func (e *Engine) Parked(ctx context.Context, after int64, limit int) ([]order.Parked, int, error) {
	if limit < 1 || limit > 1000 {
		return nil, 0, refuse(InvalidRequest, fmt.Sprintf("limit: want 1 to 1000, got %d", limit))
	}
	list, n, err := e.o.Orders.Parked(ctx, after, limit)
	return list, n, asRefusal(err)
}

// RetryParked tries a parked thing again now, after those of its key that were parked
// before it, and returns how many were done.
//
// Refusals: ParkedNotFound, StillParked (the list says why), Busy, OutcomeUnknown.
func (a Admin) RetryParked(ctx context.Context, id int64) (int, error) {
	things, err := a.e.sameKey(ctx, id)
	if err != nil {
		return 0, asRefusal(err)
	}
	return audited(ctx, a, "retry parked", fmt.Sprint(id), nil, func(ctx context.Context) (int, error) {
		for done, p := range things {
			if err := a.e.retry(ctx, p); err != nil {
				return done, &Refusal{Code: StillParked, Cause: err}
			}
		}
		return len(things), nil
	})
}

// sameKey returns a parked thing behind those of its key and lane that come first.
func (e *Engine) sameKey(ctx context.Context, id int64) ([]order.Parked, error) {
	last, _, err := e.o.Orders.Parked(ctx, id-1, 1)
	if err != nil {
		return nil, err
	}
	if len(last) == 0 || last[0].ID != id {
		return nil, refuse(ParkedNotFound, "")
	}
	var things []order.Parked
	for after := int64(0); after < id; {
		page, _, err := e.o.Orders.Parked(ctx, after, parkedPage)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		for _, p := range page {
			after = p.ID
			if p.ID <= id && p.Lane == last[0].Lane && p.Key == last[0].Key {
				things = append(things, p)
			}
		}
	}
	return things, nil
}

package seckilltest

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
)

// through puts the line between an engine and its parts.
func (l *line) through(o seckill.Options) seckill.Options {
	o.Stock = gate{o.Stock, background{o.Stock}, l}
	o.Orders = ledger{o.Orders, background{o.Orders}, l}
	o.Sink = sink{background{o.Sink}, o.Sink, l}
	o.Source = source{background{o.Source}, o.Source, l}
	o.Locker = locker{background{o.Locker}, o.Locker, l}
	o.Now = l.now
	return o
}

// background hands on the methods that an engine looks for in its parts.
type background struct{ part any }

func (b background) Run(ctx context.Context) error {
	if r, ok := b.part.(interface{ Run(context.Context) error }); ok {
		return r.Run(ctx)
	}
	<-ctx.Done()
	return ctx.Err()
}

func (b background) Check(ctx context.Context) error {
	if c, ok := b.part.(interface{ Check(context.Context) error }); ok {
		return c.Check(ctx)
	}
	return nil
}

type ledger struct {
	order.Store
	background
	*line
}

func (s ledger) Commit(ctx context.Context, id string, fence int64, drafts []order.Draft) (o []order.Outcome, err error) {
	err = s.call(ctx, "Commit", true, func(ctx context.Context) error { o, err = s.Store.Commit(ctx, id, fence, drafts); return err })
	return o, err
}

func (s ledger) Bury(ctx context.Context, id string, attempts []string) (o []order.Outcome, err error) {
	err = s.call(ctx, "Bury", true, func(ctx context.Context) error { o, err = s.Store.Bury(ctx, id, attempts); return err })
	return o, err
}

func (s ledger) Move(ctx context.Context, changes []order.Change) (c []order.Changed, err error) {
	err = s.call(ctx, "Move", true, func(ctx context.Context) error { c, err = s.Store.Move(ctx, changes); return err })
	return c, err
}

func (s ledger) Open(ctx context.Context, id string, fence int64, total int) (row order.Stock, err error) {
	err = s.call(ctx, "Open", true, func(ctx context.Context) error { row, err = s.Store.Open(ctx, id, fence, total); return err })
	return row, err
}

func (s ledger) MarkRestored(ctx context.Context, ids []string) error {
	return s.call(ctx, "MarkRestored", true, func(ctx context.Context) error { return s.Store.MarkRestored(ctx, ids) })
}

func (s ledger) Enqueue(ctx context.Context, events []order.Event) error {
	return s.call(ctx, "Enqueue", true, func(ctx context.Context) error { return s.Store.Enqueue(ctx, events) })
}

func (s ledger) MarkSent(ctx context.Context, ids []int64) error {
	return s.call(ctx, "MarkSent", true, func(ctx context.Context) error { return s.Store.MarkSent(ctx, ids) })
}

func (s ledger) BeginAudit(ctx context.Context, a order.Audit) (id int64, err error) {
	err = s.call(ctx, "BeginAudit", true, func(ctx context.Context) error { id, err = s.Store.BeginAudit(ctx, a); return err })
	return id, err
}

// EndAudit arrives, unless the node is dead: an engine that could not finish a row
// leaves one that says so, which is told from a missing one only by its log.
func (s ledger) EndAudit(ctx context.Context, id int64, after, failure string) error {
	return s.call(ctx, "EndAudit", false, func(ctx context.Context) error { return s.Store.EndAudit(ctx, id, after, failure) })
}

func (s ledger) Get(ctx context.Context, id string) (o order.Order, err error) {
	err = s.call(ctx, "Get", false, func(ctx context.Context) error { o, err = s.Store.Get(ctx, id); return err })
	return o, err
}

func (s ledger) Find(ctx context.Context, attempts []string) (o []order.Order, err error) {
	err = s.call(ctx, "Find", false, func(ctx context.Context) error { o, err = s.Store.Find(ctx, attempts); return err })
	return o, err
}

func (s ledger) Stock(ctx context.Context, id string) (row order.Stock, err error) {
	err = s.call(ctx, "Stock", false, func(ctx context.Context) error { row, err = s.Store.Stock(ctx, id); return err })
	return row, err
}

func (s ledger) Resize(ctx context.Context, id string, total int) (row order.Stock, err error) {
	err = s.call(ctx, "Resize", true, func(ctx context.Context) error { row, err = s.Store.Resize(ctx, id, total); return err })
	return row, err
}

func (s ledger) StocksOf(ctx context.Context, ids []string) (rows map[string]order.Stock, err error) {
	err = s.call(ctx, "StocksOf", false, func(ctx context.Context) error { rows, err = s.Store.StocksOf(ctx, ids); return err })
	return rows, err
}

func (s ledger) Sales(ctx context.Context, id string) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		if err := s.before(ctx, "Sales", false); err != nil {
			yield(order.Order{}, err)
			return
		}
		for o, err := range s.Store.Sales(ctx, id) {
			if !yield(o, errors.Join(err, s.after("Sales", false, nil))) {
				return
			}
		}
	}
}

func (s ledger) Overdue(ctx context.Context, before time.Time, limit int) (o []order.Order, err error) {
	err = s.call(ctx, "Overdue", false, func(ctx context.Context) error { o, err = s.Store.Overdue(ctx, before, limit); return err })
	return o, err
}

func (s ledger) Unrestored(ctx context.Context, limit int) (o []order.Order, err error) {
	err = s.call(ctx, "Unrestored", false, func(ctx context.Context) error { o, err = s.Store.Unrestored(ctx, limit); return err })
	return o, err
}

func (s ledger) Pending(ctx context.Context, limit int) (b []order.Batch, q order.Queue, err error) {
	err = s.call(ctx, "Pending", false, func(ctx context.Context) error { b, q, err = s.Store.Pending(ctx, limit); return err })
	return b, q, err
}

func (s ledger) InLane(ctx context.Context, lane order.Lane, limit int) (b []order.Batch, err error) {
	err = s.call(ctx, "InLane", false, func(ctx context.Context) error { b, err = s.Store.InLane(ctx, lane, limit); return err })
	return b, err
}

func (s ledger) Park(ctx context.Context, things []order.Parked) error {
	return s.call(ctx, "Park", true, func(ctx context.Context) error { return s.Store.Park(ctx, things) })
}

func (s ledger) Parked(ctx context.Context, after int64, limit int) (p []order.Parked, n int, err error) {
	err = s.call(ctx, "Parked", false, func(ctx context.Context) error { p, n, err = s.Store.Parked(ctx, after, limit); return err })
	return p, n, err
}

func (s ledger) Unpark(ctx context.Context, ids []int64) error {
	return s.call(ctx, "Unpark", true, func(ctx context.Context) error { return s.Store.Unpark(ctx, ids) })
}

// sink sends some events twice, as a relay does that could not mark what it sent.
type sink struct {
	background
	order.Sink
	*line
}

func (s sink) Publish(ctx context.Context, events []order.Event) error {
	s.payments(events)
	return s.call(ctx, "Publish", true, func(ctx context.Context) error {
		err := s.Sink.Publish(ctx, events)
		if err == nil && !s.calm.Load() && s.roll(5) == 0 {
			err = s.Sink.Publish(ctx, events)
		}
		return err
	})
}

// source hands some groups over twice, and forgets that some were taken.
type source struct {
	background
	order.Source
	*line
}

func (s source) Consume(ctx context.Context, handle func(context.Context, []order.Event) error) error {
	return s.Source.Consume(ctx, func(ctx context.Context, events []order.Event) error {
		if err := s.before(ctx, "Consume", false); err != nil {
			return err
		}
		err := handle(ctx, events)
		if err == nil && !s.calm.Load() && s.roll(3) == 0 {
			err = handle(ctx, events)
		}
		return s.after("Consume", true, err)
	})
}

// locker loses grants and leases; their end is the backend's matter, after the
// lease's time to live.
type locker struct {
	background
	lock.Locker
	*line
}

func (k locker) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	return k.grant(ctx, o, func(ctx context.Context) (lock.Lease, error) { return k.Locker.Acquire(ctx, name, o) })
}

func (k locker) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	return k.grant(ctx, o, func(ctx context.Context) (lock.Lease, error) { return k.Locker.TryAcquire(ctx, name, o) })
}

func (k locker) grant(ctx context.Context, o lock.Options, ask func(context.Context) (lock.Lease, error)) (lock.Lease, error) {
	var inner lock.Lease
	err := k.call(ctx, "Acquire", true, func(ctx context.Context) (err error) { inner, err = ask(ctx); return err })
	if inner == nil {
		return nil, err
	}
	granted := &lease{inner, k.line, min(max(o.TTL, time.Second), leaseTTL)}
	if err != nil {
		granted.abandon()
		return nil, err
	}
	return granted, nil
}

// lease ends by itself if its node does not live to release it.
type lease struct {
	lock.Lease
	line *line
	ttl  time.Duration
}

func (g *lease) Release(ctx context.Context) error {
	err := g.line.call(ctx, "Release", true, func(ctx context.Context) error { return g.Lease.Release(ctx) })
	if err != nil {
		g.abandon()
	}
	return err
}

func (g *lease) abandon() {
	g.line.ttl(g.ttl, func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = g.Lease.Release(ctx) // released before: nothing
	})
}

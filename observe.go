package seckill

import (
	"context"
	"time"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// Observer hears what an engine does, stage by stage, for traces and for metrics of
// the shop's own. Package otel has one for OpenTelemetry. It is safe for concurrent
// use, and quick: buyers wait for it.
type Observer interface {
	// Start is called when a stage begins. The stage works under the context that it
	// returns, which is ctx or derived from it, so that what the parts' clients do is
	// seen as part of the stage. The function, never nil, is called once, when the
	// stage ends, with its error: nil, a [Refusal], or a fault.
	Start(ctx context.Context, s Stage) (context.Context, func(error))
}

// Carrier is for an [Observer] whose traces go on in other processes: the trace of
// a purchase travels with its event, through the ledger's outbox and the sink.
type Carrier interface {
	// Inject returns the trace of ctx as W3C's traceparent, of at most 128 bytes, or
	// "" if nobody traces it.
	Inject(ctx context.Context) string
	// Extract returns ctx with the trace that came from elsewhere. One that it does
	// not understand leaves ctx as it is.
	Extract(ctx context.Context, traceparent string) context.Context
}

// Stage is one piece of an engine's work.
type Stage struct {
	Name StageName
	// GoodsID is the goods it is about, as it was asked for: a buyer's own words in a
	// ticket or purchase that is refused. "" if it is about several.
	GoodsID string
	// Size is how many buyers, events, orders or holds it is for.
	Size int
	// Links are the contexts of the traces that come together in it: the purchases of
	// a group, the origins of the events that are published or applied. They are for
	// their values; some may have ended. It is nil without a [Carrier], but for
	// groups.
	Links []context.Context
}

// StageName says what a stage does. The set is closed and small enough for a label.
type StageName uint8

// The stages. What is said to contain others begins before them and ends after them.
const (
	// StageTicket: a ticket is asked for.
	StageTicket StageName = iota
	// StagePurchase: a buyer is answered. Its group may end after it.
	StagePurchase
	// StageGroup: a group of purchases is sold. It contains lease, reserve and commit.
	StageGroup
	// StageLease: a group waits for the goods' lease, as the first of many does.
	StageLease
	// StageReserve: a group goes through the gate, with all tries.
	StageReserve
	// StageCommit: a group goes through the ledger, with all tries.
	StageCommit
	// StageSettle: the gate is told what became of holds, behind the groups' backs.
	StageSettle
	// StagePay: the money for an order is asked for.
	StagePay
	// StageCallback: a provider tells of a payment.
	StageCallback
	// StagePublish: events go from the outbox to the sink.
	StagePublish
	// StageApply: payment events move orders.
	StageApply
	// StageCancel: orders that were not paid in time are cancelled.
	StageCancel
	// StageRestore: the gate gets the units of cancelled orders back.
	StageRestore
	// StageSweep: old holds are settled by the ledger's word.
	StageSweep
	// StageLoad: the gate is filled from the ledger.
	StageLoad
	// StageRebuild: a gate that lost its numbers, or has wrong ones, is seen to. It
	// contains load, unless another node was first.
	StageRebuild
	// StageReconcile: everything about a goods is compared, and mended if asked.
	StageReconcile

	stages // how many there are
)

var stageNames = [stages]string{
	"ticket", "purchase", "group", "lease", "reserve", "commit", "settle", "pay", "callback",
	"publish", "apply", "cancel", "restore", "sweep", "load", "rebuild", "reconcile",
}

// String returns the name in one lower case word.
func (n StageName) String() string {
	if n < stages {
		return stageNames[n]
	}
	return "unknown"
}

// Stages returns all names.
func Stages() []StageName {
	all := make([]StageName, stages)
	for i := range all {
		all[i] = StageName(i)
	}
	return all
}

// stage is a Stage under way.
type stage struct {
	e     *Engine
	name  StageName
	since time.Duration // by the clock below
	end   func(error)   // nil if nobody listens
}

// epoch begins a clock that is read in half the time of time.Now, as it does not
// tell the time of day.
var epoch = time.Now()

// start begins a stage. While nobody listens it allocates nothing.
func (e *Engine) start(ctx context.Context, s Stage) (context.Context, stage) {
	st := stage{e: e, name: s.Name, since: time.Since(epoch)}
	if e.o.Observer != nil {
		ctx, st.end = e.observe(ctx, s)
	}
	return ctx, st
}

// observe tells the observer; one that panics does not hear the end.
func (e *Engine) observe(ctx context.Context, s Stage) (observed context.Context, end func(error)) {
	observed = ctx
	e.unharmed("observer", func() { observed, end = e.o.Observer.Start(ctx, s) })
	return observed, end
}

// unharmed logs a panic of f.
func (e *Engine) unharmed(what string, f func()) {
	if err := guard(func() error { f(); return nil }); err != nil {
		e.log.Error(what+" failed", "error", err)
	}
}

func (s stage) done(err error) {
	s.e.tally.stages[s.name].add(uint64(time.Since(epoch) - s.since))
	if s.end != nil {
		s.e.unharmed("observer", func() { s.end(err) })
	}
}

// traced notes the trace of a buyer, for his group and for his order's event.
func (e *Engine) traced(ctx context.Context, b *buyer) *buyer {
	if e.o.Observer != nil {
		b.ctx, b.draft.Trace = ctx, e.inject(ctx)
	}
	return b
}

// startGroup begins the stage of a group, which belongs to no buyer alone.
func (s *sale) startGroup(group []*buyer) (context.Context, stage) {
	s.e.tally.groups.add(uint64(len(group)))
	st := Stage{Name: StageGroup, GoodsID: s.goodsID, Size: len(group)}
	if s.e.o.Observer != nil {
		st.Links = make([]context.Context, len(group))
		for i, b := range group {
			st.Links[i] = b.ctx
		}
	}
	return s.e.start(context.Background(), st)
}

// mostTrace bounds what a carrier may put in the ledger.
const mostTrace = 128

func (e *Engine) inject(ctx context.Context) order.Trace {
	c, ok := e.o.Observer.(Carrier)
	if !ok {
		return ""
	}
	t := c.Inject(ctx)
	if len(t) > mostTrace {
		return ""
	}
	return order.Trace(t)
}

// origins returns the traces that the events come from.
func (e *Engine) origins(events []order.Event) (links []context.Context) {
	c, ok := e.o.Observer.(Carrier)
	if !ok {
		return nil
	}
	for _, ev := range events {
		if ev.Trace != "" {
			links = append(links, c.Extract(context.Background(), string(ev.Trace)))
		}
	}
	return links
}

// duplicates counts the attempts that the gate has seen before.
func duplicates(statuses []stock.Status) (n int) {
	for _, s := range statuses {
		if s == stock.Held || s == stock.Sold || s == stock.Released {
			n++
		}
	}
	return n
}

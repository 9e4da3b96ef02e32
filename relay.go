package seckill

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
)

const (
	relayBatches = 200
	relayPoll    = 100 * time.Millisecond // other nodes fill the outbox too
	// relayRest lets events gather for the next write: a request to Kafka costs as
	// much for one event as for a thousand, and no buyer waits for it.
	relayRest = 200 * time.Millisecond
	// lonePasses is how often nothing at all can be sent before the few events that
	// wait are parked: until then the sink may be down.
	lonePasses = 10
)

// lanes are relayed each by itself, so that neither waits for the other.
var lanes = []order.Lane{order.OrderLane, order.PaymentLane}

// relay sends one lane of the outbox, everything that waits in one write.
type relay struct {
	e    *Engine
	lane order.Lane
	wake chan struct{} // there is something
	lone int           // passes since the sink took anything
}

func (e *Engine) newRelays() (all []*relay) {
	for _, lane := range lanes {
		all = append(all, &relay{e: e, lane: lane, wake: make(chan struct{}, 1)})
	}
	return all
}

// signal wakes the relays: the outbox has something.
func (e *Engine) signal() {
	for _, r := range e.relays {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// relay sends every lane, and tries what is parked again, until ctx ends. None of them
// waits for another.
func (e *Engine) relay(ctx context.Context) error {
	var all sync.WaitGroup
	for _, r := range e.relays {
		all.Go(func() { e.keep(ctx, "relay of the lane "+string(r.lane), r.run) })
	}
	all.Go(func() { e.keep(ctx, "retries of what is parked", e.retries) })
	all.Wait()
	return ctx.Err()
}

// run sends until ctx ends or something fails.
func (r *relay) run(ctx context.Context) error {
	for ctx.Err() == nil {
		sent, err := r.once(ctx)
		if err != nil {
			return err
		}
		if sent == relayBatches {
			continue
		}
		if sent > 0 {
			pause(ctx, relayRest)
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(relayPoll):
		}
	}
	return ctx.Err()
}

// once publishes, then marks: a crash in between sends the events again, and every
// consumer does each id once. Events that the sink refuses by themselves are parked,
// and so is what comes after them of the same key.
func (r *relay) once(ctx context.Context) (int, error) {
	batches, err := r.e.o.Orders.InLane(ctx, r.lane, relayBatches)
	if err != nil || len(batches) == 0 {
		return 0, err
	}
	var events []order.Event
	for _, b := range batches {
		events = append(events, b.Events...)
	}
	ctx, stage := r.e.start(ctx, Stage{Name: StagePublish, Size: len(events), Links: r.e.origins(events)})
	settled, err := r.publish(ctx, events)
	var ids []int64
	for _, b := range batches {
		if settled.all(b.Events) {
			ids = append(ids, b.ID)
		}
	}
	if len(ids) > 0 {
		fault.Point("relay.published")
		if unmarked := r.e.o.Orders.MarkSent(ctx, ids); unmarked != nil {
			err = unmarked
		}
	}
	stage.done(err)
	return len(ids), err
}

// keys are those of which all events were sent or parked.
type keys map[string]bool

func (k keys) all(events []order.Event) bool {
	for _, ev := range events {
		if !k[ev.Key] {
			return false
		}
	}
	return true
}

// publish sends or parks the events, and returns the keys of which it did.
func (r *relay) publish(ctx context.Context, events []order.Event) (keys, error) {
	first, err := r.e.parkedKeys(ctx, r.lane)
	if err != nil {
		return nil, err
	}
	cargo, parked := byKey(events, r.lane, first, r.e.o.Now())
	sent, refused, err := isolate(ctx, cargo, r.send)
	settled := make(keys, len(cargo))
	for _, c := range sent {
		settled[c[0].Key] = true
	}
	if len(sent) > 0 {
		r.lone = 0
	} else if r.lone++; len(refused) > 0 && r.lone < lonePasses {
		return settled, refused[0].why // the sink may be down: nothing shows that it is not
	}
	if len(refused) > 0 {
		r.lone = 0
	}
	for _, one := range refused {
		parked = append(parked, r.isolateEvent(ctx, one)...)
	}
	if fault := r.e.park(ctx, parked); fault != nil {
		return settled, fault
	}
	for _, p := range parked {
		settled[p.Key] = true
	}
	return settled, err
}

func (r *relay) send(ctx context.Context, cargo [][]order.Event) error {
	events := slices.Concat(cargo...)
	err := r.e.o.Sink.Publish(ctx, events)
	if err == nil {
		r.e.tally.events.Add(uint64(len(events)))
	}
	return err
}

// isolateEvent sends the events of a refused key that come before the one that is
// refused, and returns what is to be parked.
func (r *relay) isolateEvent(ctx context.Context, one refused[[]order.Event]) []order.Parked {
	events, why := one.piece, one.why
	for len(events) > 1 {
		err := guard(func() error { return r.send(ctx, [][]order.Event{events[:1]}) })
		if err != nil {
			why = err
			break
		}
		events = events[1:]
	}
	return asParked(events, r.lane, why, r.e.o.Now())
}

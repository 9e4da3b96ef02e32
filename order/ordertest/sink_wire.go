package ordertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seckill-go/seckill/order"
)

var errHandle = errors.New("handler refuses")

// wire is a pair under test, with publishers that do not give up.
type wire struct {
	SinkFixture
	publishers sync.WaitGroup
}

// publish sends calls one after another in the background, each until it
// succeeds as an outbox would, and returns all their events.
func (w *wire) publish(ctx context.Context, calls ...[]order.Event) []order.Event {
	w.publishers.Go(func() {
		for _, events := range calls {
			for w.Sink.Publish(ctx, events) != nil && ctx.Err() == nil {
				time.Sleep(5 * time.Millisecond)
			}
		}
	})
	var all []order.Event
	for _, events := range calls {
		all = append(all, events...)
	}
	return all
}

// consume consumes until every wanted event was handled without an error, and
// reports what was altered or came before an event of its key that was sent
// earlier. refuse may fail a group; nil refuses none.
func (w *wire) consume(ctx context.Context, refuse func() error, want []order.Event) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	inbox := newInbox(want)
	err := w.Source.Consume(ctx, func(_ context.Context, group []order.Event) error {
		if refuse != nil {
			if err := refuse(); err != nil {
				return err
			}
		}
		inbox.take(group)
		if inbox.done() {
			cancel()
		}
		return nil
	})
	if inbox.fault == nil && !inbox.done() {
		return fmt.Errorf("Consume ended with %v; these events never came: %v", err, inbox.missing())
	}
	return inbox.fault
}

// failing refuses the first n groups.
func failing(n int) func() error {
	return func() error {
		if n--; n >= 0 {
			return errHandle
		}
		return nil
	}
}

// inbox notes what was handled. Groups come one at a time, so it needs no lock.
type inbox struct {
	want  map[string][]order.Event // by key, in the order of sending
	known map[string]order.Event   // by id
	seen  map[string]bool
	fault error
}

func newInbox(want []order.Event) *inbox {
	in := &inbox{map[string][]order.Event{}, map[string]order.Event{}, map[string]bool{}, nil}
	for _, e := range want {
		in.want[e.Key] = append(in.want[e.Key], e)
		in.known[e.ID] = e
	}
	return in
}

func (in *inbox) take(group []order.Event) {
	for _, e := range group {
		sent, known := in.known[e.ID]
		if in.seen[e.ID] || !known {
			continue // a repeat, or from before this Consume
		}
		in.seen[e.ID] = true
		if next := in.want[e.Key]; len(next) == 0 || next[0].ID != e.ID {
			in.fail(fmt.Errorf("key %q: %s came before %s", e.Key, e.ID, first(next)))
			continue
		}
		in.want[e.Key] = in.want[e.Key][1:]
		if !sameEvent(sent, e) {
			in.fail(fmt.Errorf("sent %+v\ngot  %+v", sent, e))
		}
	}
}

func (in *inbox) fail(err error) {
	if in.fault == nil {
		in.fault = err
	}
}

func (in *inbox) done() bool { return in.fault != nil || len(in.seen) == len(in.known) }

func (in *inbox) missing() (ids []string) {
	for id := range in.known {
		if !in.seen[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func first(events []order.Event) string {
	if len(events) == 0 {
		return "anything"
	}
	return events[0].ID
}

func sameEvent(a, b order.Event) bool {
	return a.ID == b.ID && a.Type == b.Type && a.Version == b.Version && a.Key == b.Key &&
		a.Time.Equal(b.Time) && string(a.Data) == string(b.Data) && a.Trace == b.Trace
}

// payments makes n events of one key.
func payments(key string, n int) []order.Event {
	events := make([]order.Event, n)
	for i := range events {
		events[i] = order.Event{
			ID:      fmt.Sprintf("%s-%03d", key, i),
			Type:    "payment.succeeded",
			Version: 1,
			Key:     key,
			Time:    time.Date(2026, 11, 11, 0, 0, i, 123456000, time.UTC),
			Data:    json.RawMessage(fmt.Sprintf(`{"amount":%d}`, i)),
		}
	}
	return events
}

// interleave takes one event of each list in turn; the lists are equally long.
func interleave(lists ...[]order.Event) []order.Event {
	var all []order.Event
	for i := range lists[0] {
		for _, list := range lists {
			all = append(all, list[i])
		}
	}
	return all
}

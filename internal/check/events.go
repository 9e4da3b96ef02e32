package check

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/seckill-go/seckill/order"
)

// outbox: what was committed is delivered, what was not is not, each event id says
// one thing, and the first deliveries of an order's events come in their order.
func outbox(b *book, v *verdict) {
	if b.dump.Backlog != nil && b.rules.Recovered {
		v.unless(b.dump.Backlog.Unsent == 0, "%d batches of the outbox were not sent", b.dump.Backlog.Unsent)
	}
	if b.dump.Events == nil {
		v.without("no consumer was listening")
		return
	}
	v.looked()
	delivered := b.deliveries(v)
	if !b.rules.Recovered {
		v.without("the run does not say that it recovered: whether all came was not evaluated")
		return
	}
	for _, o := range b.dump.Orders {
		for _, state := range history(o.State) {
			if !slices.ContainsFunc(delivered[o.ID], func(seen order.Order) bool { return seen.State == state }) {
				v.fail(b.about(o.ID), "order %s is %s, and the event that it was %s never came", o.ID, o.State, state)
			}
		}
	}
}

// history is the states that an order in this state went through.
func history(s order.State) []order.State {
	switch s {
	case order.Paid, order.Cancelled:
		return []order.State{order.Pending, s}
	case order.RefundDue:
		return []order.State{order.Pending, order.Cancelled, s}
	default:
		return []order.State{order.Pending}
	}
}

// deliveries judges each delivery of an order's event and returns the first ones,
// by order.
func (b *book) deliveries(v *verdict) map[string][]order.Order {
	known := map[string]order.Event{}
	first := map[string][]order.Order{}
	for _, e := range b.dump.Events {
		if !strings.HasPrefix(e.Type, "order.") {
			continue
		}
		if before, ok := known[e.ID]; ok {
			if before.Type != e.Type || before.Key != e.Key || !bytes.Equal(before.Data, e.Data) {
				v.fail(nil, "event %s came as %s of %s and as %s of %s", e.ID, before.Type, before.Key, e.Type, e.Key)
			}
			continue
		}
		known[e.ID] = e
		var o order.Order
		if err := json.Unmarshal(e.Data, &o); err != nil {
			v.fail(nil, "event %s: %v", e.ID, err)
			continue
		}
		if b.goods[o.GoodsID] == nil {
			continue // somebody else's
		}
		b.delivery(e, o, first[e.Key], v)
		first[e.Key] = append(first[e.Key], o)
	}
	return first
}

func (b *book) delivery(e order.Event, o order.Order, before []order.Order, v *verdict) {
	ops := b.about(o.ID)
	now, ok := b.orders[e.Key]
	switch {
	case !ok:
		v.fail(ops, "event %s tells of order %s, which the ledger does not have", e.ID, e.Key)
	case o.ID != e.Key || !reaches(o.State, now.State):
		v.fail(ops, "event %s says that order %s was %s, and it is %s", e.ID, e.Key, o.State, now.State)
	}
	if len(before) == 0 {
		if o.State != order.Pending {
			v.fail(ops, "the first event of order %s is %s", e.Key, e.Type)
		}
		return
	}
	if last := before[len(before)-1]; last.Version+1 != o.Version || last.State == o.State || !reaches(last.State, o.State) {
		v.fail(ops, "order %s: the event of version %d (%s) came after that of version %d (%s)", e.Key, o.Version, o.State, last.Version, last.State)
	}
}

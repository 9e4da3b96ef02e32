package check

import (
	"github.com/seckill-go/seckill/order"
)

// sameAnswer: one ticket makes at most one order, and everybody who asks with it
// is told of that one.
func sameAnswer(b *book, v *verdict) {
	for _, id := range sorted(b.of) {
		v.looked()
		if n := len(b.of[id]); n > 1 {
			v.fail(b.about(id), "attempt %s has %d orders", id, n)
		}
	}
	for _, a := range b.attempts {
		v.looked()
		b.oneAnswer(a, v)
	}
}

func (b *book) oneAnswer(a *attempt, v *verdict) {
	var told string
	fresh, since := 0, min(a.firstYes(), never-b.rules.LateReplay.Nanoseconds())
	for _, op := range a.ops {
		switch {
		case op.yes() && told == "":
			told = op.Order
		case op.yes() && op.Order != told:
			v.fail(a.ops, "attempt %s was told of order %s, and of order %s", a.id, told, op.Order)
		case op.final() && op.Call > since+b.mayBeLate(op):
			v.fail(a.ops, "attempt %s has order %s, and was told %s afterwards", a.id, told, op.Code)
		}
		if op.yes() && op.Code == Accepted {
			fresh++
		}
	}
	b.afterRest(a, v)
	if fresh > 1 {
		v.fail(a.ops, "attempt %s was told %d times that it is new", a.id, fresh)
	}
	if told == "" {
		return
	}
	if _, ok := b.orders[told]; !ok && b.goods[a.goods] != nil {
		v.fail(a.ops, "attempt %s was told of order %s, which the ledger does not have", a.id, told)
	}
}

// afterRest: when everything is at rest the ledger knows what became of an attempt,
// so whoever comes back to an order gets it, whether he ever heard of it or not.
func (b *book) afterRest(a *attempt, v *verdict) {
	rest := b.rules.Rest.UnixNano()
	if b.rules.Rest.IsZero() || a.ops[0].Call > rest || len(b.of[a.id]) == 0 {
		return
	}
	for _, op := range a.ops {
		if op.Call > rest && op.yes() && op.Code == Accepted {
			return // it was made after that
		}
		if op.Call > rest && op.final() {
			v.fail(a.ops, "attempt %s has order %s since before everything was at rest, and was told %s", a.id, b.of[a.id][0].ID, op.Code)
			return
		}
	}
}

// mayBeLate is how long after the first yes a refusal may come that does not look
// at the stock.
func (b *book) mayBeLate(op Op) int64 {
	if op.Code == soldOut || op.Code == limitReached {
		return 0
	}
	return b.rules.LateReplay.Nanoseconds()
}

// paidStays: money that was taken counts: the order is paid, or a refund is due.
func paidStays(b *book, v *verdict) {
	if !b.rules.Recovered {
		v.without("the run does not say that it recovered")
		return
	}
	for _, op := range b.ops {
		if op.Pending() || op.Code != Accepted || op.Kind != Pay && op.Kind != Cancel {
			continue
		}
		v.looked()
		o, ok := b.orders[op.Order]
		switch {
		case !ok:
			v.fail([]Op{op}, "order %s was paid for, and the ledger does not have it", op.Order)
		case o.State == order.Pending:
			v.fail([]Op{op}, "order %s: its payment was taken in, and it is still pending", op.Order)
		case op.Kind == Pay && o.State == order.Cancelled:
			v.fail([]Op{op}, "order %s was paid for, and is cancelled with no refund due", op.Order)
		}
	}
	if b.dump.Backlog != nil {
		for _, o := range b.dump.Backlog.Unrestored {
			if o.State.Live() {
				v.fail(b.about(o.ID), "order %s is %s and waits to be restored", o.ID, o.State)
			}
		}
	}
	b.paidAndCancelled(v)
}

// paidAndCancelled: an order that was paid in time was never cancelled.
func (b *book) paidAndCancelled(v *verdict) {
	kinds := map[string]map[string]bool{}
	for _, e := range b.dump.Events {
		if kinds[e.Key] == nil {
			kinds[e.Key] = map[string]bool{}
		}
		kinds[e.Key][e.Type] = true
	}
	for _, id := range sorted(kinds) {
		if kinds[id]["order.paid"] && kinds[id]["order.cancelled"] {
			v.fail(nil, "order %s was told to be paid and to be cancelled", id)
		}
	}
}

// versions of the states: each legal way has one length.
var versions = map[order.State]int{order.Pending: 1, order.Paid: 2, order.Cancelled: 2, order.RefundDue: 3}

// next are the legal edges.
var next = map[order.State][]order.State{
	order.Pending: {order.Paid, order.Cancelled}, order.Cancelled: {order.RefundDue},
}

// reaches reports whether an order that was seen in one state can be seen in the
// other later.
func reaches(from, to order.State) bool {
	if from == to {
		return true
	}
	for _, s := range next[from] {
		if reaches(s, to) {
			return true
		}
	}
	return false
}

// monotoneStates: only legal moves, each raises the version by one, and nobody sees
// an order go back.
func monotoneStates(b *book, v *verdict) {
	for _, o := range b.dump.Orders {
		v.looked()
		if versions[o.State] != o.Version {
			v.fail(b.about(o.ID), "order %s is %s with version %d, want %d", o.ID, o.State, o.Version, versions[o.State])
		}
	}
	seen := map[string][]Op{}
	for _, op := range b.ops {
		if op.State == "" || op.Order == "" || op.Pending() {
			continue
		}
		v.looked()
		if versions[op.State] != op.Version {
			v.fail([]Op{op}, "order %s was shown %s with version %d, want %d", op.Order, op.State, op.Version, versions[op.State])
		}
		for _, before := range seen[op.Order] {
			if before.Return < op.Call && !reaches(before.State, op.State) {
				v.fail([]Op{before, op}, "order %s was %s and then %s", op.Order, before.State, op.State)
				break
			}
		}
		if o, ok := b.orders[op.Order]; ok && !reaches(op.State, o.State) {
			v.fail([]Op{op}, "order %s was %s and is %s at the end", op.Order, op.State, o.State)
		}
		seen[op.Order] = append(seen[op.Order], op)
	}
}

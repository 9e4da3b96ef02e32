package ordertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seckill-go/seckill/order"
)

var outboxLaws = []storeLaw{
	{"CommittedGoesOut", "Each booked order and each move has its event in the outbox once, with the order as its data; the refused and the replayed have none.", func(l *lab) {
		l.open(2)
		d := draft("ada")
		o := l.order(d)
		l.statuses(l.commit(d, of(draft("bob"), 5, 0), of(draft("ada"), 1, 1)), order.Replayed, order.SoldOut, order.LimitReached)
		gone := l.move(cancel(o), cancel(o))[0].Order
		due := l.move(pay(o))[0].Order
		l.isEvent(order.Event{ID: d.ID, Type: "order.created"}, o)
		l.isEvent(order.Event{ID: o.ID + ".2", Type: "order.cancelled"}, gone)
		l.isEvent(order.Event{ID: o.ID + ".3", Type: "order.refund_due"}, due)
		paid := l.move(pay(l.order(draft("eve"))))[0].Order
		l.isEvent(order.Event{ID: paid.ID + ".2", Type: "order.paid"}, paid)
		expect(l, "events", len(l.events()), 5)
	}},
	{"TracesGoOut", "An event has the trace of the draft or the change that made it, or the one it was enqueued with; what nobody traces has none.", func(l *lab) {
		l.open(4)
		var events []order.Event
		traced, quiet := draft("ada"), draft("bob")
		traced.Trace = trace("1")
		o := l.commit(traced, quiet)[0].Order
		again, late := traced, draft("eve")
		again.Trace, late.Trace = trace("2"), trace("3")
		l.statuses(l.commit(again, late, of(draft("joe"), 9, 0)), order.Replayed, order.Committed, order.SoldOut)
		paid := pay(o)
		paid.Trace = trace("4")
		l.move(paid)
		events = append(events, payment("a").With(trace("5")), payment("b"))
		l.must("Enqueue", l.Enqueue(l.ctx, events))
		traces := map[string]order.Trace{
			traced.ID: trace("1"), quiet.ID: "", late.ID: trace("3"), o.ID + ".2": trace("4"), "a": trace("5"), "b": "",
		}
		for _, e := range l.events() {
			expect(l, "trace of "+e.Type+" "+e.ID, e.Trace, traces[e.ID])
			delete(traces, e.ID)
		}
		expect(l, "events that did not go out", len(traces), 0)
	}},
	{"RefusedNeverGoesOut", "What was refused as a whole leaves nothing in the outbox.", func(l *lab) {
		l.openFenced(2, 5)
		_, err := l.Commit(l.ctx, goods, 1, group(2))
		l.is(err, order.ErrFenced)
		l.move(order.Change{OrderID: "nobody", Move: order.Pay, At: start})
		expect(l, "events", len(l.events()), 0)
		expect(l, "queue", l.queue().Pending, 0)
	}},
	{"EventsOfAKeyKeepOrder", "Events of one order are pending in the order in which they became durable.", func(l *lab) {
		l.open(500)
		l.together(10, func(i int) {
			o := l.commit(draft(fmt.Sprint("user-", i)))[0].Order
			l.move(cancel(o))
			l.move(pay(o))
			l.equal("events of an order", l.types(o.ID), []string{"order.created", "order.cancelled", "order.refund_due"})
		})
	}},
	{"EnqueueOnce", "Events that were enqueued before are left out, in one call, in later ones and in concurrent ones.", func(l *lab) {
		a, b, c := payment("a"), payment("b"), payment("c")
		l.must("Enqueue", l.Enqueue(l.ctx, []order.Event{a, b, a}))
		l.must("Enqueue", l.Enqueue(l.ctx, []order.Event{b}))
		l.must("Enqueue", l.Enqueue(l.ctx, nil))
		l.together(20, func(int) { l.must("Enqueue", l.Enqueue(l.ctx, []order.Event{c, a})) })
		var got []string
		for _, e := range l.events() {
			got = append(got, e.ID)
		}
		l.equal("enqueued events", got, []string{"a", "b", "c"})
		e := l.events()[0]
		expect(l, "event", fmt.Sprint(e.Type, e.Version, e.Key, e.Time, string(e.Data)), fmt.Sprint(a.Type, a.Version, a.Key, a.Time, string(a.Data)))
	}},
	{"EnqueuedStaysKnown", "An event that was enqueued and sent is left out as well.", func(l *lab) {
		l.must("Enqueue", l.Enqueue(l.ctx, []order.Event{payment("a")}))
		l.sent(l.batches(9)...)
		l.must("Enqueue", l.Enqueue(l.ctx, []order.Event{payment("a")}))
		expect(l, "pending", l.queue().Pending, 0)
	}},
	{"PendingUntilSent", "A batch is pending until it is marked; the queue tells how many there are and since when.", func(l *lab) {
		expect(l, "empty queue", l.queue(), order.Queue{})
		before := time.Now().Add(-time.Second)
		l.open(50)
		for range 5 {
			l.commit(group(3)...)
		}
		all := l.batches(9)
		expect(l, "batches", len(all), 5)
		expect(l, "events of a batch", len(all[0].Events), 3)
		q := l.queue()
		expect(l, "pending", q.Pending, 5)
		if q.Oldest.Before(before) || q.Oldest.After(time.Now().Add(time.Second)) {
			l.fail("the oldest batch is from %v", q.Oldest)
		}
		expect(l, "first of two", l.batches(2)[0].ID, all[0].ID)
		for range 2 {
			l.sent(all[0], all[3])
			expect(l, "still pending", l.queue().Pending, 3)
		}
		rest := l.batches(2)
		expect(l, "oldest", rest[0].ID, all[1].ID)
		expect(l, "next", rest[1].ID, all[2].ID)
		expect(l, "batches of none", len(l.batches(0)), 0)
	}},
}

var auditLaws = []storeLaw{
	{"AuditsBeginAndEnd", "An action is written before it is tried and finished after it; what began last comes first.", func(l *lab) {
		first := l.begin("preload goods")
		second := l.begin("change settings")
		if second <= first {
			l.fail("audit %d after %d", second, first)
		}
		begun := order.Audit{
			ID: first, At: start.Add(time.Microsecond), Actor: "root", Action: "preload goods", Target: "goods-1", Before: `{"left":1}`,
		}
		expect(l, "begun audit", l.audits(0, 9)[1], begun)
		l.must("EndAudit", l.EndAudit(l.ctx, first, `{"left":2}`, ""))
		l.must("EndAudit", l.EndAudit(l.ctx, second, "", "no lease"))
		begun.Done, begun.After = true, `{"left":2}`
		expect(l, "finished audit", l.audits(0, 9)[1], begun)
		expect(l, "failure", l.audits(0, 9)[0].Error, "no lease")
	}},
	{"AuditsPage", "Audits returns up to limit rows with an id below the given one.", func(l *lab) {
		var begun []int64
		for i := range 5 {
			begun = append(begun, l.begin(fmt.Sprint("action ", i)))
		}
		page := l.audits(0, 2)
		expect(l, "rows", len(page), 2)
		expect(l, "newest", page[0].ID, begun[4])
		page = l.audits(page[1].ID, 2)
		expect(l, "next", page[0].ID, begun[2])
		expect(l, "last", len(l.audits(begun[1], 9)), 1)
		expect(l, "rows of none", len(l.audits(0, 0)), 0)
	}},
}

// isEvent ends the law unless the outbox has the event, with the order.
func (l *lab) isEvent(want order.Event, o order.Order) {
	for _, e := range l.events() {
		if e.ID != want.ID {
			continue
		}
		var data order.Order
		l.must("the data of an event", json.Unmarshal(e.Data, &data))
		expect(l, "type, version and key", fmt.Sprint(e.Type, e.Version, e.Key), fmt.Sprint(want.Type, 1, o.ID))
		expect(l, "time", e.Time, o.UpdatedAt)
		expect(l, "data", data, o)
		return
	}
	l.fail("no event %s in the outbox", want.ID)
}

// trace is a traceparent of its own.
func trace(digit string) order.Trace {
	return order.Trace("00-" + strings.Repeat(digit, 32) + "-" + strings.Repeat(digit, 16) + "-01")
}

// payment is an event that no order makes.
func payment(id string) order.Event {
	return order.Event{ID: id, Type: "payment.succeeded", Version: 1, Key: "order-1", Time: start, Data: []byte(`{"id":"` + id + `"}`)}
}

func (l *lab) batches(limit int) []order.Batch {
	batches, _, err := l.Pending(l.ctx, limit)
	l.must("Pending", err)
	return batches
}

func (l *lab) queue() order.Queue {
	_, q, err := l.Pending(l.ctx, 1)
	l.must("Pending", err)
	return q
}

func (l *lab) sent(batches ...order.Batch) {
	var ids []int64
	for _, b := range batches {
		ids = append(ids, b.ID)
	}
	l.must("MarkSent", l.MarkSent(l.ctx, ids))
}

func (l *lab) begin(action string) int64 {
	id, err := l.BeginAudit(l.ctx, order.Audit{
		At: start.Add(time.Microsecond + 1), Actor: "root", Action: action, Target: "goods-1", Before: `{"left":1}`,
	})
	l.must("BeginAudit", err)
	return id
}

func (l *lab) audits(before int64, limit int) []order.Audit {
	page, err := l.Audits(l.ctx, before, limit)
	l.must("Audits", err)
	return page
}

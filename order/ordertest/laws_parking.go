package ordertest

import (
	"fmt"
	"time"

	"github.com/seckill-go/seckill/order"
)

var laneLaws = []storeLaw{
	{"LanesSplitTheOutbox", "Each batch is in one lane, by the type of its events, in the order of Pending, until it is sent.", func(l *lab) {
		l.open(9)
		l.commit(draft("ada"))
		other := payment("c")
		other.Type = "shop.thanked"
		l.must("Enqueue", l.Enqueue(l.ctx, []order.Event{payment("a"), other, payment("b")}))
		l.move(pay(l.order(draft("bob"))))
		l.must("Enqueue", l.Enqueue(l.ctx, []order.Event{payment("d")}))
		l.equal("payments", l.lane(order.PaymentLane, 9), []string{"a", "b", "d"})
		orders := l.lane(order.OrderLane, 9)
		expect(l, "others", len(orders), 4)
		expect(l, "enqueued after the first order", orders[1], "c")
		l.equal("first payments", l.lane(order.PaymentLane, 1), []string{"a", "b"})
		l.equal("none", l.lane(order.PaymentLane, 0), nil)
		first, err := l.InLane(l.ctx, order.PaymentLane, 1)
		l.must("InLane", err)
		l.sent(first...)
		l.equal("payments that are left", l.lane(order.PaymentLane, 9), []string{"d"})
		expect(l, "others that are left", len(l.lane(order.OrderLane, 9)), 4)
	}},
}

var parkingLaws = []storeLaw{
	{"ParkedUntilUnparked", "What is parked is listed by number, lowest first, with its event and why, until it is unparked.", func(l *lab) {
		l.isParked(0, 9)
		a, b, c := parked("a", "x"), parked("b", "y"), order.Parked{Lane: order.CancelLane, Key: "z", Reason: "no row", At: start}
		b.Event = b.Event.With(trace("1"))
		l.must("Park", l.Park(l.ctx, []order.Parked{a, b}))
		l.must("Park", l.Park(l.ctx, []order.Parked{c}))
		l.must("Park", l.Park(l.ctx, nil))
		page := l.isParked(0, 9, "a", "b", "")
		for i, want := range []order.Parked{a, b, c} {
			want.ID = page[i].ID
			expect(l, "parked", fmt.Sprint(page[i]), fmt.Sprint(want))
		}
		l.isParked(page[0].ID, 1, "b")
		_, n, err := l.Parked(l.ctx, page[0].ID, 0)
		l.must("Parked", err)
		expect(l, "in all", n, 3)
		l.must("Unpark", l.Unpark(l.ctx, []int64{page[1].ID, page[2].ID + 1000}))
		l.isParked(0, 9, "a", "")
		l.must("Unpark", l.Unpark(l.ctx, nil))
	}},
	{"ParkedOnce", "The same lane, key and event is parked once, with the reason of the last time; nothing else is the same.", func(l *lab) {
		a := parked("a", "x")
		again, otherLane, otherKey := a, a, a
		again.Reason, again.At = "still too long", a.At.Add(time.Hour)
		otherLane.Lane, otherKey.Key = order.OrderLane, "w"
		l.must("Park", l.Park(l.ctx, []order.Parked{a, again}))
		l.must("Park", l.Park(l.ctx, []order.Parked{again, otherLane, otherKey}))
		page := l.isParked(0, 9, "a", "a", "a")
		expect(l, "reason", page[0].Reason, "still too long")
		expect(l, "since", page[0].At, a.At)
		l.together(10, func(int) { l.must("Park", l.Park(l.ctx, []order.Parked{parked("b", "x")})) })
		l.isParked(page[2].ID, 9, "b")
	}},
	{"OverdueLeavesOutWhatIsParked", "An order of which a payment or cancel is parked is not overdue; one of which another event is parked is.", func(l *lab) {
		l.open(9)
		late := l.order(draft("ada"))
		paid, stuck := l.order(draft("bob")), l.order(draft("eve"))
		overdue := func(want ...string) {
			found, err := l.Overdue(l.ctx, start.Add(time.Hour), 9)
			l.must("Overdue", err)
			l.equal("overdue", ids(found), want)
		}
		overdue(late.ID, paid.ID, stuck.ID)
		event := parked("a", late.ID)
		event.Lane = order.OrderLane
		l.must("Park", l.Park(l.ctx, []order.Parked{event, parked("b", paid.ID), {Lane: order.CancelLane, Key: stuck.ID, At: start}}))
		overdue(late.ID)
		all, _, err := l.Parked(l.ctx, 0, 9)
		l.must("Parked", err)
		l.must("Unpark", l.Unpark(l.ctx, []int64{all[1].ID, all[2].ID}))
		overdue(late.ID, paid.ID, stuck.ID)
	}},
}

// parked is a payment event that was refused.
func parked(id, key string) order.Parked {
	e := payment(id)
	e.Key = key
	return order.Parked{Lane: order.PaymentLane, Key: key, Event: e, Reason: "too long", At: start.Add(time.Microsecond)}
}

// isParked ends the law unless these events are parked after the id, in their order.
func (l *lab) isParked(after int64, limit int, want ...string) []order.Parked {
	page, _, err := l.Parked(l.ctx, after, limit)
	l.must("Parked", err)
	var got []string
	for _, p := range page {
		got = append(got, p.Event.ID)
	}
	l.equal("parked events", got, want)
	return page
}

// lane returns the ids of the events of up to limit batches of a lane.
func (l *lab) lane(lane order.Lane, limit int) (ids []string) {
	batches, err := l.InLane(l.ctx, lane, limit)
	l.must("InLane", err)
	for _, b := range batches {
		for _, e := range b.Events {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

package ordertest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/order"
)

// goods is what most laws sell.
const goods = "goods-1"

// start is the first moment of every law.
var start = time.Date(2026, 11, 11, 20, 0, 0, 0, time.UTC)

var drafts atomic.Int64

// draft returns a draft of one unit for a user. Ids fall from call to call: nobody
// may read the order of booking from them.
func draft(user string) order.Draft {
	n := drafts.Add(1)
	at := start.Add(time.Duration(n) * time.Microsecond)
	return order.Draft{
		ID:        fmt.Sprintf("order-%09d", 999_999_999-n),
		UserID:    user,
		Quantity:  1,
		Amount:    1999,
		Currency:  "CNY",
		CreatedAt: at,
		PayBy:     at.Add(15 * time.Minute),
	}
}

// of returns the draft for another quantity and limit.
func of(d order.Draft, quantity, limit int) order.Draft {
	d.Quantity, d.Limit = quantity, limit
	return d
}

// group returns n drafts of n users.
func group(n int) []order.Draft {
	g := make([]order.Draft, n)
	for i := range g {
		g[i] = draft(fmt.Sprintf("user-%d", i))
	}
	return g
}

func (l *lab) open(total int) order.Stock {
	row, err := l.Open(l.ctx, goods, 0, total)
	l.must("Open", err)
	return row
}

func (l *lab) commit(drafts ...order.Draft) []order.Outcome {
	return l.commitOf(goods, drafts...)
}

func (l *lab) commitOf(goodsID string, drafts ...order.Draft) []order.Outcome {
	out, err := l.Commit(l.ctx, goodsID, 0, drafts)
	l.must("Commit", err)
	expect(l, "outcomes", len(out), len(drafts))
	return out
}

// order commits one draft that has to become an order.
func (l *lab) order(d order.Draft) order.Order {
	out := l.commit(d)[0]
	expect(l, "status of a draft that fits", out.Status, order.Committed)
	return out.Order
}

func (l *lab) statuses(out []order.Outcome, want ...order.Status) {
	got := make([]order.Status, len(out))
	for i, o := range out {
		got[i] = o.Status
	}
	if !slices.Equal(got, want) {
		l.fail("statuses: got %v, want %v", got, want)
	}
}

func (l *lab) bury(attempts ...string) []order.Outcome {
	out, err := l.Bury(l.ctx, goods, attempts)
	l.must("Bury", err)
	expect(l, "outcomes", len(out), len(attempts))
	return out
}

func (l *lab) move(changes ...order.Change) []order.Changed {
	out, err := l.Move(l.ctx, changes)
	l.must("Move", err)
	expect(l, "answers to changes", len(out), len(changes))
	return out
}

// pay and cancel are changes of an order, a minute after it was made.
func pay(o order.Order) order.Change {
	return order.Change{OrderID: o.ID, Move: order.Pay, PaymentID: "payment-of-" + o.ID, At: o.CreatedAt.Add(time.Minute)}
}

func cancel(o order.Order) order.Change {
	return order.Change{OrderID: o.ID, Move: order.Cancel, Reason: "not paid", At: o.CreatedAt.Add(time.Minute)}
}

func (l *lab) get(id string) order.Order {
	o, err := l.Get(l.ctx, id)
	l.must("Get", err)
	return o
}

func (l *lab) stock() order.Stock {
	s, err := l.Stock(l.ctx, goods)
	l.must("Stock", err)
	return s
}

func (l *lab) recount() order.Recount {
	r, err := l.Recount(l.ctx, goods)
	l.must("Recount", err)
	return r
}

// sold ends the law unless n units are sold and the row, the orders and the
// entries agree on it.
func (l *lab) sold(n int) {
	if r := l.recount(); r.Sold != n || !r.Sound() {
		l.fail("want %d units sold and all sums to agree, got %+v", n, r)
	}
}

// events returns all events that wait in the outbox.
func (l *lab) events() (all []order.Event) {
	batches, _, err := l.Pending(l.ctx, 100_000)
	l.must("Pending", err)
	for _, b := range batches {
		all = append(all, b.Events...)
	}
	return all
}

// types returns the types of the events of one key, in their order.
func (l *lab) types(key string) (types []string) {
	for _, e := range l.events() {
		if e.Key == key {
			types = append(types, e.Type)
		}
	}
	return types
}

func (l *lab) equal(what string, got, want []string) {
	if !slices.Equal(got, want) {
		l.fail("%s: got %q, want %q", what, got, want)
	}
}

// together runs fn n times at once and ends the law if one of them broke it.
func (l *lab) together(n int, fn func(i int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var caught any
	for i := range n {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					mu.Lock()
					defer mu.Unlock()
					caught = r
				}
			}()
			fn(i)
		})
	}
	wg.Wait()
	if caught != nil {
		panic(caught)
	}
}

func ids(orders []order.Order) []string {
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	return ids
}

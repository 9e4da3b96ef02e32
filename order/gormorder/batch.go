package gormorder

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
)

// batch is one call of Move: its orders as they were and as they become.
type batch struct {
	before, after map[string]order.Order
	stocks        map[string]order.Stock
	done          map[string]bool // event ids that were taken

	fresh    []string // event ids to be remembered
	events   []order.Event
	releases []entry
	// cancelled says when each order of releases was cancelled.
	cancelled map[string]time.Time
	sums      map[string]sums // by goods, of those that change
}

// sums are what changes in a stock row.
type sums struct{ sold, paid int }

func newBatch(before map[string]order.Order, stocks map[string]order.Stock, done map[string]bool) *batch {
	return &batch{before: before, after: maps.Clone(before), stocks: stocks, done: done,
		cancelled: make(map[string]time.Time), sums: make(map[string]sums)}
}

func (b *batch) apply(c order.Change) order.Changed {
	o, ok := b.after[c.OrderID]
	if !ok {
		return order.Changed{}
	}
	if b.done[c.EventID] {
		return order.Changed{Order: o, Known: true}
	}
	if c.EventID != "" {
		b.done[c.EventID] = true
		b.fresh = append(b.fresh, c.EventID)
	}
	next, moved := c.Apply(o)
	if !moved {
		return order.Changed{Order: o}
	}
	if o.State.Live() && !next.State.Live() {
		next.Released = b.stocks[o.GoodsID].Fence
		b.releases = append(b.releases, entry{goodsID: o.GoodsID, kind: "release", reference: o.ID, units: -o.Quantity})
		b.cancelled[o.ID] = next.UpdatedAt
		b.add(o.GoodsID, sums{sold: -o.Quantity})
	}
	if next.State == order.Paid {
		b.add(o.GoodsID, sums{paid: o.Quantity})
	}
	b.after[o.ID] = next
	b.events = append(b.events, order.Moved(next).With(c.Trace))
	return order.Changed{Order: next, Moved: true}
}

// add changes the sums of a goods. One whose row was deleted by hand has none to
// keep: a row that is made anew counts the orders.
func (b *batch) add(goodsID string, by sums) {
	if _, ok := b.stocks[goodsID]; ok {
		now := b.sums[goodsID]
		b.sums[goodsID] = sums{now.sold + by.sold, now.paid + by.paid}
	}
}

// statements write the batch, the stock rows last.
func (b *batch) statements(s *Store) ([]statement, error) {
	var moved []order.Order
	for _, id := range slices.Sorted(maps.Keys(b.after)) {
		if b.after[id].Version != b.before[id].Version {
			moved = append(moved, b.after[id])
		}
	}
	var all []statement
	for orders := range slices.Chunk(moved, moveChunk) {
		all = append(all, b.update(s.hint(idIndex), orders))
	}
	events, err := outboxEntry(b.events)
	if err != nil {
		return nil, err
	}
	all = append(all, insertEventIDs("seckill_inbox", b.fresh)...)
	all = append(all, insertEntries(append(b.releases, events...))...)
	for goods := range slices.Chunk(slices.Sorted(maps.Keys(b.sums)), moveChunk) {
		all = append(all, b.keepSums(s.hint("PRIMARY"), goods))
	}
	return all, nil
}

// insertEventIDs notes the events in a table, each once.
func insertEventIDs(table string, ids []string) (all []statement) {
	for ids := range slices.Chunk(ids, chunk) {
		args := make([]any, 0, 2*len(ids))
		for _, id := range ids {
			args = append(args, id, now())
		}
		all = append(all, statement{"INSERT INTO " + table + " (event_id, created_at) VALUES " + rows("(?,?)", len(ids)), args, 0})
	}
	return all
}

// outboxEntry is the entry of events that belong to no other: none if there are none.
func outboxEntry(events []order.Event) ([]entry, error) {
	if len(events) == 0 {
		return nil, nil
	}
	payload, err := json.Marshal(events)
	return []entry{{kind: "events", reference: uuid7.New(time.Now()), events: string(payload)}}, err
}

// moveChunk bounds the rows of one update, which compares each with each.
const moveChunk = 128

// update writes the orders, on condition that each is at the version that was read.
func (b *batch) update(hint string, orders []order.Order) statement {
	var args []any
	choose := func(value func(order.Order) any) string {
		for _, o := range orders {
			args = append(args, o.ID, value(o))
		}
		return choice("id", len(orders))
	}
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	text := "UPDATE seckill_orders" + hint + " SET" +
		"  state = " + choose(func(o order.Order) any { return string(o.State) }) +
		", version = " + choose(func(o order.Order) any { return o.Version }) +
		", reason = " + choose(func(o order.Order) any { return o.Reason }) +
		", payment_id = " + choose(func(o order.Order) any { return o.PaymentID }) +
		", released = " + choose(func(o order.Order) any { return o.Released }) +
		", updated_at = " + choose(func(o order.Order) any { return gormdb.Moment(o.UpdatedAt) }) +
		", owed_since = COALESCE(" + choose(b.cancelledAt) + ", owed_since)" +
		" WHERE version = " + choose(func(o order.Order) any { return b.before[o.ID].Version })
	in, list := anyOf(ids)
	return statement{text + " AND id IN " + in, append(args, list...), len(orders)}
}

// cancelledAt is nil for an order that was not cancelled by this batch.
func (b *batch) cancelledAt(o order.Order) any {
	if at, ok := b.cancelled[o.ID]; ok {
		return gormdb.Moment(at)
	}
	return nil
}

// keepSums changes the sums of stock rows, on condition that each has the fence that the
// released orders note.
func (b *batch) keepSums(hint string, goods []string) statement {
	var args []any
	choose := func(value func(goodsID string) any) string {
		for _, id := range goods {
			args = append(args, id, value(id))
		}
		return choice("goods_id", len(goods))
	}
	text := "UPDATE seckill_stock" + hint +
		" SET sold = sold + " + choose(func(id string) any { return b.sums[id].sold }) +
		", paid = paid + " + choose(func(id string) any { return b.sums[id].paid }) + ", updated_at = ?"
	args = append(args, now())
	text += " WHERE fence = " + choose(func(id string) any { return b.stocks[id].Fence })
	in, list := anyOf(goods)
	return statement{text + " AND goods_id IN " + in, append(args, list...), len(goods)}
}

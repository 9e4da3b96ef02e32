package gormorder

import (
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	crash "github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// batch is one call of Move: its orders as they were and as they become.
type batch struct {
	before, after map[string]order.Order
	done          map[string]bool // event ids that were taken

	fresh    []string // event ids to be remembered
	events   []order.Event
	releases []entry
	// cancelled says when each order of releases was cancelled.
	cancelled map[string]time.Time
}

func newBatch(before map[string]order.Order, done map[string]bool) *batch {
	return &batch{before: before, after: maps.Clone(before), done: done, cancelled: make(map[string]time.Time)}
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
		b.releases = append(b.releases, entry{goodsID: o.GoodsID, kind: "release", reference: o.ID, units: -o.Quantity})
		b.cancelled[o.ID] = next.UpdatedAt
	}
	b.after[o.ID] = next
	b.events = append(b.events, order.Moved(next).With(c.Trace))
	return order.Changed{Order: next, Moved: true}
}

func (b *batch) write(tx *gorm.DB, hint string) error {
	var moved []order.Order
	for _, id := range slices.Sorted(maps.Keys(b.after)) {
		if b.after[id].Version != b.before[id].Version {
			moved = append(moved, b.after[id])
		}
	}
	for orders := range slices.Chunk(moved, moveChunk) {
		if err := b.update(tx, hint, orders); err != nil {
			return err
		}
	}
	if err := b.release(tx); err != nil {
		return err
	}
	if err := remember(tx, "seckill_inbox", b.fresh); err != nil {
		return err
	}
	crash.Point("moves.written")
	return send(tx, b.events)
}

// release gives the units of cancelled orders back to their stock rows.
func (b *batch) release(tx *gorm.DB) error {
	units := make(map[string]int)
	for _, e := range b.releases {
		units[e.goodsID] += e.units
	}
	for _, goodsID := range slices.Sorted(maps.Keys(units)) {
		err := tx.Exec("UPDATE seckill_stock SET sold = sold + ?, updated_at = ? WHERE goods_id = ?", units[goodsID], now(), goodsID).Error
		if err != nil {
			return err
		}
	}
	return enter(tx, b.releases...)
}

// moveChunk bounds the orders of one update, which compares each with each.
const moveChunk = 128

var errMoved = errors.New("an order moved in spite of its lock")

// update writes the orders by compare-and-set: each has to be at the version that
// was read.
func (b *batch) update(tx *gorm.DB, hint string, orders []order.Order) error {
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
	update := "UPDATE seckill_orders" + hint + " SET" +
		"  state = " + choose(func(o order.Order) any { return string(o.State) }) +
		", version = " + choose(func(o order.Order) any { return o.Version }) +
		", reason = " + choose(func(o order.Order) any { return o.Reason }) +
		", payment_id = " + choose(func(o order.Order) any { return o.PaymentID }) +
		", updated_at = " + choose(func(o order.Order) any { return gormdb.Moment(o.UpdatedAt) }) +
		", owed_since = COALESCE(" + choose(b.cancelledAt) + ", owed_since)" +
		" WHERE version = " + choose(func(o order.Order) any { return b.before[o.ID].Version }) + " AND id IN ?"
	res := tx.Exec(update, append(args, ids)...)
	if res.Error == nil && res.RowsAffected != int64(len(orders)) {
		return errMoved
	}
	return res.Error
}

// cancelledAt is nil for an order that was not cancelled by this batch.
func (b *batch) cancelledAt(o order.Order) any {
	if at, ok := b.cancelled[o.ID]; ok {
		return gormdb.Moment(at)
	}
	return nil
}

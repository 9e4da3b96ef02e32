package gormorder

import (
	"context"
	"slices"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
)

// group is one call of Commit.
type group struct {
	goodsID string
	fence   int64
	drafts  []order.Draft
	units   int  // of all drafts
	limited bool // some draft has a limit

	// while it waits in a crowd:
	ctx   context.Context // its caller's
	skips int
	told  chan bool

	// decided anew with each try:
	row      order.Stock // as it was, if it was locked first
	outcomes []order.Outcome
	orders   []order.Order // to be written
	booked   int           // their units

	all     []order.Order // of all drafts
	payload string        // of all, for the outbox
}

func newGroup(goodsID string, fence int64, drafts []order.Draft) *group {
	g := &group{goodsID: goodsID, fence: fence, drafts: drafts}
	for _, d := range drafts {
		g.units += d.Quantity
		g.limited = g.limited || d.Limit > 0
	}
	return g
}

// fenced reports whether a newer fence is in the group's row.
func (g *group) fenced() bool { return g.fence != 0 && g.fence < g.row.Fence }

// prepare makes the orders and their events before the row is locked; nearly
// every group is booked as a whole.
func (g *group) prepare() (err error) {
	g.all = make([]order.Order, len(g.drafts))
	for i, d := range g.drafts {
		g.all[i] = d.Order(g.goodsID)
	}
	g.payload, err = createdPayload(g.goodsID, g.all, tracesOf(g.drafts))
	return err
}

// decide answers the drafts one by one: a known attempt before the limit, the
// limit before the room. Replayed ones get their orders later.
func (g *group) decide(k known, room int) {
	g.outcomes = make([]order.Outcome, len(g.drafts))
	g.orders, g.booked = make([]order.Order, 0, len(g.drafts)), 0
	for i, d := range g.drafts {
		g.outcomes[i].Status = k.status(g.goodsID, d, room-g.booked)
		if g.outcomes[i].Status != order.Committed {
			continue
		}
		g.outcomes[i].Order = g.all[i]
		g.orders = append(g.orders, g.all[i])
		g.booked += d.Quantity
		k.ordered[d.ID] = true
		k.units[owner{g.goodsID, d.UserID}] += d.Quantity
	}
}

// overLimit reports whether some user has more units than a draft allows, now that
// all of the group is booked.
func (g *group) overLimit(k known) bool {
	for _, d := range g.drafts {
		if d.Limit > 0 && k.units[owner{g.goodsID, d.UserID}] > d.Limit {
			return true
		}
	}
	return false
}

const (
	// An order that is new has in its other columns what is their default.
	insertOrders = "INSERT INTO seckill_orders (id, goods_id, user_id, quantity, amount, currency, created_at, updated_at, pay_by) VALUES "
	orderRow     = "(?,?,?,?,?,?,?,?,?)"
)

// statementsOf adds the groups' orders, and their entries in the ledger with their
// events.
func statementsOf(groups ...*group) (all []statement, err error) {
	var orders []order.Order
	var entries []entry
	for _, g := range groups {
		if len(g.orders) == 0 {
			continue
		}
		sold, err := g.entry()
		if err != nil {
			return nil, err
		}
		orders, entries = append(orders, g.orders...), append(entries, sold)
	}
	for orders := range slices.Chunk(orders, chunk) {
		args := make([]any, 0, 9*len(orders))
		for _, o := range orders {
			args = append(args, o.ID, o.GoodsID, o.UserID, o.Quantity, o.Amount, o.Currency,
				gormdb.Moment(o.CreatedAt), gormdb.Moment(o.UpdatedAt), gormdb.Moment(o.PayBy))
		}
		all = append(all, statement{insertOrders + rows(orderRow, len(orders)), args})
	}
	for entries := range slices.Chunk(entries, chunk) {
		all = append(all, insertEntries(entries))
	}
	return all, nil
}

// entry is the group's entry in the ledger.
func (g *group) entry() (entry, error) {
	payload := g.payload
	if len(g.orders) < len(g.drafts) {
		var err error
		if payload, err = createdPayload(g.goodsID, g.orders, tracesOf(g.drafts)); err != nil {
			return entry{}, err
		}
	}
	return entry{goodsID: g.goodsID, kind: "sell", reference: uuid7.New(g.orders[0].CreatedAt), units: g.booked, events: payload, node: g.drafts[0].Node}, nil
}

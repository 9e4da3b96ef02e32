package gormorder

import (
	"context"
	"math"
	"slices"

	crash "github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
)

// group is one call of Commit.
type group struct {
	goodsID string
	fence   int64
	drafts  []order.Draft
	units   int // of all drafts

	// while it waits in a crowd:
	ctx  context.Context // its caller's
	told chan bool

	// decided anew with each try:
	outcomes []order.Outcome
	orders   []order.Order  // to be written
	booked   int            // their units
	caps     map[string]int // how many units users may have once they are written

	all     []order.Order // of all drafts
	payload string        // of all, for the outbox
}

func newGroup(goodsID string, fence int64, drafts []order.Draft) *group {
	g := &group{goodsID: goodsID, fence: fence, drafts: drafts}
	for _, d := range drafts {
		g.units += d.Quantity
	}
	return g
}

// prepare makes the orders and their events; nearly every group is booked as a whole.
func (g *group) prepare() (err error) {
	g.all = make([]order.Order, len(g.drafts))
	for i, d := range g.drafts {
		g.all[i] = d.Order(g.goodsID)
		g.all[i].Fence = g.fence
	}
	g.payload, err = createdPayload(g.goodsID, g.all, tracesOf(g.drafts))
	return err
}

// decideOnTrust decides as if nothing were known of the drafts and all of them fit. It
// reports whether they can be booked together: two of one attempt, or of a user with a
// limit, may not.
func (g *group) decideOnTrust() bool {
	g.decide(nothing(), g.units)
	return len(g.orders) == len(g.drafts)
}

// decide answers the drafts one by one: a known attempt before the limit, the
// limit before the room. Replayed ones get their orders later.
func (g *group) decide(k known, room int) {
	g.outcomes = make([]order.Outcome, len(g.drafts))
	g.orders, g.booked, g.caps = make([]order.Order, 0, len(g.drafts)), 0, nil
	for i, d := range g.drafts {
		g.outcomes[i].Status = k.status(d, room-g.booked)
		if g.outcomes[i].Status != order.Committed {
			continue
		}
		g.outcomes[i].Order = g.all[i]
		g.orders = append(g.orders, g.all[i])
		g.booked += d.Quantity
		g.limit(d)
		k.ordered[d.ID] = true
		k.units[d.UserID] += d.Quantity
	}
}

// limit keeps the most units that the draft's user may have when all of the group is
// written. Drafts behind a limited one add to that.
func (g *group) limit(d order.Draft) {
	most, limited := g.caps[d.UserID]
	if limited {
		most += d.Quantity
	}
	if d.Limit > 0 && (!limited || d.Limit < most) {
		most, limited = d.Limit, true
	}
	if limited {
		if g.caps == nil {
			g.caps = make(map[string]int)
		}
		g.caps[d.UserID] = most
	}
}

const (
	// An order that is new has in its other columns what is their default.
	insertOrders = "INSERT INTO seckill_orders (id, goods_id, user_id, quantity, amount, currency, fence, created_at, updated_at, pay_by) VALUES "
	orderRow     = "(?,?,?,?,?,?,?,?,?,?)"
)

// writeGroups books the orders of the groups, which come in the order of their goods:
// first the rows that no other group wants, the orders and the entries with their
// events, last the stock rows, which all groups of the goods want.
func (s *Store) writeGroups(ctx context.Context, tries int, groups ...*group) error {
	var orders []order.Order
	var entries []entry
	for _, g := range groups {
		if len(g.orders) == 0 {
			continue
		}
		sold, err := g.entry()
		if err != nil {
			return err
		}
		orders, entries = append(orders, g.orders...), append(entries, sold)
	}
	var all []statement
	for orders := range slices.Chunk(orders, chunk) {
		args := make([]any, 0, 10*len(orders))
		for _, o := range orders {
			args = append(args, o.ID, o.GoodsID, o.UserID, o.Quantity, o.Amount, o.Currency, o.Fence,
				gormdb.Moment(o.CreatedAt), gormdb.Moment(o.UpdatedAt), gormdb.Moment(o.PayBy))
		}
		all = append(all, statement{insertOrders + rows(orderRow, len(orders)), args, 0})
	}
	all = append(all, insertEntries(entries)...)
	return s.writeWithin(ctx, tries, func() { crash.Point("ledger.written") }, append(all, s.sell(groups)...))
}

// sell books the groups' units in their stock rows, and their fences. Groups without
// limits share a statement.
func (s *Store) sell(groups []*group) (all []statement) {
	var free []*group
	for _, g := range groups {
		if g.caps == nil {
			free = append(free, g)
		}
	}
	if len(free) > 0 {
		all = append(all, s.sellTogether(free))
	}
	for _, g := range groups {
		if g.caps != nil {
			all = append(all, s.sellTogether([]*group{g}).and(s.nobodyAbove(g.caps)))
		}
	}
	return all
}

// sellTogether has the whole condition of a sale but the limits: the units fit, and no
// newer fence is there.
func (s *Store) sellTogether(groups []*group) statement {
	var args []any
	each := func(value func(*group) any) string {
		if len(groups) == 1 {
			args = append(args, value(groups[0]))
			return "?"
		}
		for _, g := range groups {
			args = append(args, g.goodsID, value(g))
		}
		return choice("goods_id", len(groups))
	}
	units := func(g *group) any { return g.booked }
	raise := func(g *group) any { return g.fence }
	allow := func(g *group) any {
		if g.fence == 0 {
			return int64(math.MaxInt64)
		}
		return g.fence
	}
	text := "UPDATE seckill_stock" + s.hint("PRIMARY") + " SET sold = sold + " + each(units) +
		", fence = CASE WHEN fence < " + each(raise) + " THEN " + each(raise) + " ELSE fence END, updated_at = ?"
	args = append(args, now())
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.goodsID
	}
	in, goods := anyOf(ids)
	args = append(args, goods...)
	text += " WHERE goods_id IN " + in + " AND sold + " + each(units) + " <= total AND fence <= " + each(allow)
	return statement{text, args, len(groups)}
}

// and adds a condition.
func (s statement) and(text string, args []any) statement {
	return statement{s.text + " AND " + text, append(s.args, args...), s.rows}
}

// nobodyAbove is the condition that no user has more units than the cap, the group's own
// included. It names the stock row's goods, so the database reads the orders for each
// row that it has locked, and not before: then no other group of the goods is between
// its orders and its COMMIT.
func (s *Store) nobodyAbove(caps map[string]int) (string, []any) {
	users := make([]string, 0, len(caps))
	least, most := math.MaxInt, 0
	for user, n := range caps {
		users = append(users, user)
		least, most = min(least, n), max(most, n)
	}
	slices.Sort(users)
	in, args := anyOf(users)
	limit := "?"
	if least == most {
		args = append(args, most)
	} else {
		limit = choice("o.user_id", len(users))
		for _, user := range users {
			args = append(args, user, caps[user])
		}
	}
	return "NOT EXISTS (SELECT 1 FROM seckill_orders o" + s.hint("seckill_orders_user") +
		" WHERE o.goods_id = seckill_stock.goods_id AND o.user_id IN " + in + " AND o.state IN ('pending', 'paid')" +
		" GROUP BY o.user_id HAVING SUM(o.quantity) > " + limit + ")", args
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

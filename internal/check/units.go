package check

import (
	"cmp"
	"slices"
	"time"

	"github.com/seckill-go/seckill/order"
)

// noOversell: units in live orders never exceed the total, at the end by the
// ledger's word, and at every moment by the answers.
func noOversell(b *book, v *verdict) {
	for _, g := range b.dump.Goods {
		id, orders := g.Goods.ID, b.sale(g.Goods.ID)
		n, _ := live(orders)
		v.unless(n <= g.Ledger.Total, "goods %s: live orders have %d units, total is %d", id, n, g.Ledger.Total)
		v.unless(g.Ledger.Sold <= g.Ledger.Total, "goods %s: the row says %d sold, total is %d", id, g.Ledger.Sold, g.Ledger.Total)
		if n > g.Ledger.Total {
			continue
		}
		if n, at := peak(b.taken(orders), b.mostTotal(g)); n > 0 {
			v.fail(at.ops, "goods %s: %d units were in orders at %s, which is more than the total was", id, n, at.time())
		}
	}
}

// buyersLimit: the same for each user and the limit.
func buyersLimit(b *book, v *verdict) {
	for _, g := range b.dump.Goods {
		limit := g.Goods.LimitPerUser
		if limit <= 0 {
			continue
		}
		v.looked()
		byUser := map[string][]order.Order{}
		for _, o := range b.sale(g.Goods.ID) {
			byUser[o.UserID] = append(byUser[o.UserID], o)
		}
		for _, user := range sorted(byUser) {
			if n, _ := live(byUser[user]); n > limit {
				v.fail(b.purchasesOf(byUser[user]), "goods %s: user %s has %d units, limit is %d", g.Goods.ID, user, n, limit)
			} else if n, at := peak(b.taken(byUser[user]), func(int64) int { return limit }); n > 0 {
				v.fail(at.ops, "goods %s: user %s had %d units at %s, limit is %d", g.Goods.ID, user, n, at.time(), limit)
			}
		}
	}
}

func (b *book) purchasesOf(orders []order.Order) (ops []Op) {
	for _, o := range orders {
		ops = append(ops, b.about(o.ID)...)
	}
	return ops
}

// mostTotal returns the highest total that the goods can have had by a time.
func (b *book) mostTotal(g GoodsDump) func(at int64) int {
	var changes []Op
	for _, op := range b.kind(Total) {
		if op.Goods == g.Goods.ID {
			changes = append(changes, op)
		}
	}
	return func(at int64) int {
		most := g.Goods.Total
		if len(changes) == 0 {
			most = max(most, g.Ledger.Total)
		}
		for _, op := range changes {
			if op.Call <= at {
				most = max(most, op.Quantity)
			}
		}
		return most
	}
}

// span is a time in which units are in an order for certain.
type span struct {
	from, to int64
	units    int
	op       Op
}

// taken returns when orders had their units for certain: from the first yes until
// the earliest moment of their cancelling.
func (b *book) taken(orders []order.Order) (spans []span) {
	for _, o := range orders {
		a := b.named[o.ID]
		if a == nil {
			continue
		}
		from, to := a.firstYes(), b.earliestEnd(o)
		if from < to {
			spans = append(spans, span{from, to, o.Quantity, a.ops[0]})
		}
	}
	return spans
}

// earliestEnd is before anything that can have cancelled the order: a payment that
// was tried, or the time at which it says that it was cancelled, by a clock that
// may be ahead.
func (b *book) earliestEnd(o order.Order) int64 {
	if o.State.Live() {
		return never
	}
	if o.State != order.Cancelled {
		return 0 // the time of its cancelling is gone
	}
	ahead := time.Duration(0)
	for _, skew := range b.rules.Skew {
		ahead = max(ahead, skew)
	}
	end := o.UpdatedAt.Add(-ahead).UnixNano()
	for _, op := range b.ops {
		if op.Order == o.ID && (op.Kind == Pay || op.Kind == Cancel) {
			end = min(end, op.Call)
		}
	}
	return end
}

// moment is a time and the purchases that had units then.
type moment struct {
	at  int64
	ops []Op
}

func (m moment) time() string { return time.Unix(0, m.at).UTC().Format("15:04:05.000000") }

// peak is the most units that the spans have at a time when that is more than the
// bound, 0 if there is no such time.
func peak(spans []span, bound func(at int64) int) (most int, at moment) {
	type edge struct {
		at   int64
		more int
	}
	var edges []edge
	for _, s := range spans {
		edges = append(edges, edge{s.from, s.units}, edge{s.to, -s.units})
	}
	slices.SortFunc(edges, func(x, y edge) int { // who leaves does so first
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.more, y.more))
	})
	n := 0
	for _, e := range edges {
		if n += e.more; n > most && n > bound(e.at) {
			most, at.at = n, e.at
		}
	}
	for _, s := range spans {
		if s.from <= at.at && at.at < s.to {
			at.ops = append(at.ops, s.op)
		}
	}
	return most, at
}

// noUndersell: after recovery every unit is in an order or sellable again.
func noUndersell(b *book, v *verdict) {
	if !b.rules.Recovered {
		v.without("the run does not say that it recovered")
		return
	}
	for _, g := range b.dump.Goods {
		n, _ := live(b.sale(g.Goods.ID))
		if b.rules.SoldOut == g.Goods.ID {
			v.unless(n >= g.Ledger.Total, "goods %s: the last buyers were told sold out, and %d of %d units are in live orders", g.Goods.ID, n, g.Ledger.Total)
		}
		if g.Gate == nil {
			v.fail(nil, "goods %s: the gate has no numbers, so nobody can buy", g.Goods.ID)
			continue
		}
		v.unless(g.Gate.Left >= g.Ledger.Total-n, "goods %s: %d of %d units are in live orders and %d are left: %d cannot be sold",
			g.Goods.ID, n, g.Ledger.Total, g.Gate.Left, g.Ledger.Total-n-g.Gate.Left)
		v.unless(g.Gate.Held == 0, "goods %s: %d units are held by nobody under way", g.Goods.ID, g.Gate.Held)
	}
}

// conservation: a look at the gate adds up, always; ledger and gate agree when
// nothing is under way.
func conservation(b *book, v *verdict) {
	for _, op := range b.kind(Gate) {
		if op.Gate != nil && !op.Pending() {
			v.looked()
			if !op.Gate.Conserved() {
				v.fail([]Op{op}, "goods %s: the gate says %+v, which does not add up", op.Goods, *op.Gate)
			}
		}
	}
	for _, g := range b.dump.Goods {
		n, _ := live(b.sale(g.Goods.ID))
		row, id := g.Ledger, g.Goods.ID
		v.unless(row.Sold == n && row.Ordered == n && row.Entries == n && row.Paid == row.OrderedPaid,
			"goods %s: live orders have %d units, the books say %+v", id, n, row)
		if g.Gate == nil {
			v.without("goods " + id + ": the gate has no numbers")
			continue
		}
		v.unless(g.Gate.Conserved(), "goods %s: the gate says %+v, which does not add up", id, *g.Gate)
		if b.rules.Recovered {
			v.unless(g.Gate.Total == row.Total && g.Gate.Left == row.Total-n && g.Gate.Sold == n,
				"goods %s: gate %+v, ledger has %d of %d sold", id, *g.Gate, n, row.Total)
		}
	}
}

// restoreOnce: cancelled orders gave their units back exactly once, to the row and
// to the gate.
func restoreOnce(b *book, v *verdict) {
	if !b.rules.Recovered {
		v.without("the run does not say that it recovered")
		return
	}
	for _, g := range b.dump.Goods {
		orders := b.sale(g.Goods.ID)
		gone := slices.DeleteFunc(slices.Clone(orders), func(o order.Order) bool { return o.State.Live() })
		if len(gone) == 0 {
			continue
		}
		n, _ := live(orders)
		about := b.purchasesOf(gone)
		if g.Ledger.Sold != n {
			v.fail(about, "goods %s: %d cancelled orders, live ones have %d units, and the row says %d sold", g.Goods.ID, len(gone), n, g.Ledger.Sold)
		}
		if g.Gate != nil && g.Gate.Left != g.Gate.Total-n {
			v.fail(about, "goods %s: %d cancelled orders, live ones have %d of %d units, and the gate has %d left", g.Goods.ID, len(gone), n, g.Gate.Total, g.Gate.Left)
		}
		v.looked()
	}
	if b.dump.Backlog == nil {
		return
	}
	for _, o := range b.dump.Backlog.Unrestored {
		v.fail(b.about(o.ID), "order %s is %s and its units were never given back to the gate", o.ID, o.State)
	}
}

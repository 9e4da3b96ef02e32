package check

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// honestAnswers: sold out, limit and accepted agree with some order of the
// history in which each answer is given at one moment of its call.
func honestAnswers(b *book, v *verdict) {
	b.toldTheTruth(v)
	for _, g := range b.dump.Goods {
		c := b.claims(g)
		c.holdAgainst(v)
		if v.Count == 0 {
			c.search(b, v)
		}
		if v.Count > 0 && b.figure == nil {
			b.figure = c.draw(v.Violations[0].Ops)
		}
	}
}

// toldTheTruth: an attempt of which every call was answered, each with a no, has no
// order.
func (b *book) toldTheTruth(v *verdict) {
	for _, a := range b.attempts {
		unsure := func(op Op) bool { return op.yes() || op.Pending() || op.Code == outcomeUnknown || op.Code == "fault" }
		if len(b.of[a.id]) > 0 && !slices.ContainsFunc(a.ops, unsure) {
			v.fail(a.ops, "attempt %s was refused each time, and has order %s", a.id, b.of[a.id][0].ID)
		}
	}
}

// claims are what the answers about one goods say of its stock.
type claims struct {
	goods  string
	limit  int
	first  int  // the total before its first change
	totals []Op // changes of it
	takes  []take
	reads  []read
	users  int // in takes and reads, once they were counted
}

// take is an attempt that takes units at one moment between from and to, or that
// may take them. Units of a live order stay taken, all others may be back at any
// time after that, until stop at the latest.
type take struct {
	attempt, user  string
	units          int
	from, to, stop int64
	// certain: there is a live order. perhaps: there is none, and the attempt may
	// have been held, or not.
	certain, perhaps bool
	// aside: the attempt was refused by the ledger, and a gate that had forgotten what
	// was sold may have held units for it meanwhile. They count for its user's limit
	// alone: for the stock the ledger's word is the same.
	aside bool
	op    Op
}

// read is a refusal that says that at one moment between from and to fewer units
// were left than asked for, or that the user had too many.
type read struct {
	op       Op
	from, to int64
	units    int
	limit    bool
}

func (b *book) claims(g GoodsDump) *claims {
	c := &claims{goods: g.Goods.ID, limit: g.Goods.LimitPerUser, first: cmp.Or(g.Goods.Total, g.Ledger.Total)}
	for _, op := range b.kind(Total) {
		if op.Goods == c.goods {
			c.totals = append(c.totals, op)
		}
	}
	if len(c.totals) == 0 {
		c.first = g.Ledger.Total
	}
	for _, a := range b.attempts {
		if a.goods == c.goods {
			c.attempt(b, a)
		}
	}
	for _, o := range b.dump.Orders {
		if o.GoodsID == c.goods && b.named[o.ID] == nil { // bought by who is not in the history
			c.takes = append(c.takes, take{
				attempt: o.ID, user: o.UserID, units: o.Quantity, from: 0, to: never, stop: never,
				certain: o.State.Live(), op: Op{Kind: Purchase, User: o.UserID, Attempt: o.ID, Order: o.ID},
			})
		}
	}
	for _, op := range b.kind(Ticket) {
		if op.Goods == c.goods && op.Code == soldOut && !op.Pending() {
			c.reads = append(c.reads, read{op, op.Call - b.rules.Staleness.Nanoseconds(), op.Return, max(op.Quantity, 1), false})
		}
	}
	return c
}

// attempt adds what the purchases of one ticket say.
func (c *claims) attempt(b *book, a *attempt) {
	t := take{attempt: a.id, user: a.user, units: a.quantity, from: a.ops[0].Call, to: a.firstYes(), stop: never, op: a.ops[0]}
	var unsure int64
	for _, op := range a.ops {
		switch {
		case op.Pending():
			unsure = never
		case op.Code == soldOut, op.Code == limitReached:
			c.reads = append(c.reads, read{op, op.Call, op.Return, a.quantity, op.Code == limitReached})
		case op.unsure():
			unsure = max(unsure, op.Return)
		}
	}
	switch orders := b.of[a.id]; {
	case len(orders) > 0:
		t.certain = orders[0].State.Live()
	case t.to < never: // I5 tells of an answer without an order
	default:
		t.perhaps, t.aside = true, unsure == 0
		if b.rules.HoldFor > 0 && !t.aside && unsure < never-b.rules.HoldFor.Nanoseconds() {
			t.stop = unsure + b.rules.HoldFor.Nanoseconds()
		}
	}
	if rest := b.rules.Rest.UnixNano(); !b.rules.Rest.IsZero() && !t.certain && t.from < rest {
		t.stop = min(t.stop, rest)
	}
	c.takes = append(c.takes, t)
}

// holdAgainst holds each refusal against the most units that can have been taken
// at a moment of its call. As long as no order is cancelled that is all there is to
// it: to take every order's units as early as possible then fits all refusals at
// once.
func (c *claims) holdAgainst(v *verdict) {
	all := newLevel(c.takes, "")
	users := map[string]*level{}
	own := map[string]take{}
	for _, t := range c.takes {
		own[t.attempt] = t
	}
	nothing := func(t take, r read) take {
		if t.aside && !r.limit {
			return take{}
		}
		return t
	}
	for _, r := range c.reads {
		v.looked()
		against, bound := all, c.leastTotal(r)
		if r.limit {
			against, bound = users[r.op.User], c.limit
			if against == nil {
				against = newLevel(c.takes, r.op.User)
				users[r.op.User] = against
			}
		}
		if most := against.most(r, nothing(own[r.op.Attempt], r)); most+r.units <= bound {
			v.fail([]Op{r.op}, "%s", c.lie(r, most, bound))
		}
	}
}

func (c *claims) lie(r read, most, bound int) string {
	if r.limit {
		return fmt.Sprintf("goods %s: limit reached was said for %d units of user %s, who can have had %d of %d at most", c.goods, r.units, r.op.User, most, bound)
	}
	return fmt.Sprintf("goods %s: sold out was said for %d units when at least %d of %d were left", c.goods, r.units, bound-most, bound)
}

// leastTotal is the lowest total that the goods can have had during the call.
func (c *claims) leastTotal(r read) int {
	least, before := never, c.first
	for _, op := range c.totals {
		switch {
		case !op.Pending() && op.Return < r.from:
			if op.Code == Accepted {
				before = op.Quantity
			}
		case op.Call <= r.to:
			least = min(least, op.Quantity)
		}
	}
	return min(least, before)
}

// level is the most units that can be taken, over time.
type level struct {
	at  []int64 // sorted
	sum []int   // from at[i] on
	add []int64 // those of at where units can be taken, sorted
}

// newLevel adds up the takes of a user, of everybody if it is "".
func newLevel(takes []take, user string) *level {
	change := map[int64]int{}
	l := &level{}
	for _, t := range takes {
		if user == "" && !t.aside || t.user == user {
			change[t.from] += t.units
			if t.stop < never {
				change[t.stop] -= t.units
			}
			l.add = append(l.add, t.from)
		}
	}
	l.at = sortedTimes(change)
	slices.Sort(l.add)
	sum := 0
	for _, at := range l.at {
		sum += change[at]
		l.sum = append(l.sum, sum)
	}
	return l
}

func sortedTimes(m map[int64]int) (times []int64) {
	for t := range m {
		times = append(times, t)
	}
	slices.Sort(times)
	return times
}

// most is the highest level during the call, without what the caller's own attempt
// takes.
func (l *level) most(r read, own take) int {
	if own.units == 0 {
		own.stop = 0
	}
	highest := l.level(r.from, own)
	for i := sort.Search(len(l.add), func(i int) bool { return l.add[i] > r.from }); i < len(l.add) && l.add[i] <= r.to; i++ {
		highest = max(highest, l.level(l.add[i], own))
	}
	return highest
}

func (l *level) level(at int64, own take) int {
	i := sort.Search(len(l.at), func(i int) bool { return l.at[i] > at })
	if i == 0 {
		return 0
	}
	if own.from <= at && at < own.stop {
		return l.sum[i-1] - own.units
	}
	return l.sum[i-1]
}

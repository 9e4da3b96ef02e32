package audit

import (
	"fmt"
	"slices"

	"github.com/seckill-go/seckill/examples/simulate/client"
)

// rule is one invariant: check returns what is wrong, and what was counted.
type rule struct {
	name, claim string
	check       func(*Facts) (faults, string)
	// shown says that the rule needs to have seen what the shop shows afterwards.
	shown bool
}

var rules = []rule{
	{"no_oversell", "never more units in orders than on sale", oversold, true},
	{"one_ticket_one_order", "every answer to one ticket names the same order, and no other ticket's does", doubled, false},
	{"forged_tickets_buy_nothing", "no order for a ticket that the shop did not sign for this user", forged, false},
	{"orders_are_visible", "each order is shown to its buyer alone, as it was told, in a legal state", visible, true},
	{"no_hidden_orders", "nobody has an order that no answer told of", hidden, true},
	{"paid_in_time", "an accepted payment makes the order paid", paid, true},
	{"sold_out_is_true", "whoever said sold out has no units left at the end but those that came back", soldOut, true},
	{"limit_is_kept", "no user has more units than the goods' limit", limit, true},
	{"conserved", "left + held + sold = total in the operator's numbers, with this run's orders among the sold", conserved, true},
}

// Judge returns a check for each invariant.
func Judge(f Facts) (all []Check) {
	for _, r := range rules {
		wrong, counted := r.check(&f)
		c := Check{Name: r.name, Claim: r.claim, Verdict: Holds, Detail: counted}
		switch {
		case len(wrong) > 0:
			c.Verdict, c.Detail = Broken, wrong.String()
		case r.name == "conserved" && f.Status == nil && len(f.Unread) == 0:
			c.Verdict, c.Detail = Unasked, "there was no admin token"
		case r.shown && len(f.Unread) > 0:
			c.Verdict, c.Detail = Open, "could not be read: "+faults(f.Unread).String()
		}
		all = append(all, c)
	}
	return all
}

func oversold(f *Facts) (wrong faults, counted string) {
	live, _ := f.units()
	if live > f.Most {
		wrong.add("%d units in orders, of %d on sale", live, f.Most)
	}
	if f.After.ID != "" && live+f.After.Left > f.After.Total {
		wrong.add("%d units in orders and %d left make more than %d on sale", live, f.After.Left, f.After.Total)
	}
	return wrong, fmt.Sprintf("%d units in orders, of %d on sale", live, f.Most)
}

func doubled(f *Facts) (wrong faults, counted string) {
	again := 0
	for _, a := range f.Attempts {
		if ids := a.ids(); len(ids) > 1 {
			wrong.add("a ticket of buyer %d got orders %v", a.Buyer, ids)
		}
		again += max(len(a.Receipts)-1, 0)
	}
	for id, attempts := range f.told() {
		if len(attempts) > 1 {
			wrong.add("%d tickets got order %s", len(attempts), id)
		}
	}
	return wrong, fmt.Sprintf("%d answers repeated an order, and all the right one", again)
}

func forged(f *Facts) (wrong faults, counted string) {
	n := 0
	for _, a := range f.Attempts {
		if a.Forged == "" {
			continue
		}
		n++
		if ids := a.ids(); len(ids) > 0 {
			wrong.add("%s ticket of buyer %d got order %s", a.Forged, a.Buyer, ids[0])
		}
	}
	return wrong, fmt.Sprintf("%d forged tickets", n)
}

var legal = []string{"pending", "paid", "cancelled", "refund_due"}

func visible(f *Facts) (wrong faults, counted string) {
	for id, attempts := range f.told() {
		o, a := f.Orders[id], attempts[0]
		told := a.Receipts[slices.IndexFunc(a.Receipts, func(r client.Order) bool { return r.ID == id })]
		switch {
		case o.ID == "" || o.Buyer != a.Buyer:
			wrong.add("order %s is not shown to buyer %d, who was told of it", id, a.Buyer)
		case o.Quantity != 1 || o.Quantity != told.Quantity || o.GoodsID != f.GoodsID || told.GoodsID != f.GoodsID:
			wrong.add("order %s is told as %d of %s and shown as %d of %s", id, told.Quantity, told.GoodsID, o.Quantity, o.GoodsID)
		default:
			a.states(o.State, &wrong)
		}
	}
	for _, id := range f.Shared {
		wrong.add("order %s is shown to somebody else", id)
	}
	return wrong, fmt.Sprintf("%d orders", len(f.told()))
}

// states judges the states in which a buyer's order was seen, last the given one.
func (a *Attempt) states(last string, wrong *faults) {
	before := "pending"
	for _, s := range append(slices.Clone(a.Payment.Seen), last) {
		switch {
		case !slices.Contains(legal, s):
			wrong.add("an order of buyer %d is %q", a.Buyer, s)
		case s != before && before != "pending" && (before != "cancelled" || s != "refund_due"):
			wrong.add("an order of buyer %d was %s and is %s", a.Buyer, before, s)
		case (s == "paid" || s == "refund_due") && (!a.Payment.Asked || a.Payment.Fails):
			wrong.add("an order of buyer %d is %s, and nobody paid it", a.Buyer, s)
		}
		before = s
	}
}

func hidden(f *Facts) (wrong faults, counted string) {
	excused, told := make(map[int]bool), f.told()
	for _, a := range f.Attempts {
		excused[a.Buyer] = excused[a.Buyer] || a.Ambiguous
	}
	for id, o := range f.Orders {
		if told[id] == nil && !excused[o.Buyer] && f.Fresh {
			wrong.add("buyer %d was refused and has order %s", o.Buyer, id)
		}
	}
	return wrong, fmt.Sprintf("%d orders", len(f.Orders))
}

func paid(f *Facts) (wrong faults, counted string) {
	n := 0
	for _, a := range f.Attempts {
		if a.Payment.Accepted.IsZero() || a.Payment.Fails || len(a.Receipts) == 0 {
			continue
		}
		n++
		o := f.Orders[a.Receipts[0].ID]
		if settled := o.State == "paid" || o.State == "refund_due"; a.Payment.Late || !settled && o.ID != "" {
			wrong.add("order %s is %s, not paid within %s", a.Receipts[0].ID, o.State, f.Within)
		}
	}
	return wrong, fmt.Sprintf("%d payments, each within %s", n, f.Within)
}

// soldOut allows for the units that may have come back after somebody was told: of
// this run's cancelled orders, of attempts whose end nobody knows, of orders that
// were there before, and what an operator added.
func soldOut(f *Facts) (wrong faults, counted string) {
	_, back := f.units()
	before := f.Before.Total - f.Before.Left
	may := back + f.open() + before + max(f.After.Total-f.Before.Total, 0)
	if f.SoldOut > 0 && f.After.Left > may {
		wrong.add("%d answers said sold out, and %d units are left, of which at most %d came back", f.SoldOut, f.After.Left, may)
	}
	return wrong, fmt.Sprintf("%d answers said so, %d units are left, up to %d came back", f.SoldOut, f.After.Left, may)
}

func limit(f *Facts) (wrong faults, counted string) {
	has := make(map[int]int)
	for _, o := range f.Orders {
		if o.live() {
			has[o.Buyer] += o.Quantity
		}
	}
	most := 0
	for buyer, n := range has {
		most = max(most, n)
		if l := max(f.Before.Limit, f.After.Limit); l > 0 && n > l {
			wrong.add("buyer %d has %d units of %d", buyer, n, l)
		}
	}
	if f.After.Limit == 0 {
		return wrong, fmt.Sprintf("there is no limit; one user has %d at most", most)
	}
	return wrong, fmt.Sprintf("one user has %d at most, of %d", most, f.After.Limit)
}

func conserved(f *Facts) (wrong faults, counted string) {
	s := f.Status
	if s == nil {
		return nil, ""
	}
	live, _ := f.units()
	numbers := fmt.Sprintf("left %d + held %d + sold %d of %d, %d paid", s.Left, s.Held, s.Sold, s.Total, s.Paid)
	if !s.Conserved || s.Left+s.Held+s.Sold != s.Total {
		wrong.add("%s, conserved: %t", numbers, s.Conserved)
	}
	if s.Sold < live || s.Paid > s.Sold {
		wrong.add("%s, and this run's orders have %d units", numbers, live)
	}
	return wrong, numbers
}

package check_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

var base = time.Date(2026, 11, 11, 20, 0, 0, 0, time.UTC)

// sale is a history in the making: every step takes a millisecond, one after the
// other.
type sale struct {
	now   time.Time
	ops   []check.Op
	dump  check.Dump
	rules check.Rules
}

// honest is a sale of five units, of which alice has one and her limit, bob paid
// for one, and carol's is cancelled; every invariant can be evaluated on it.
func honest() *sale {
	s := &sale{now: base, rules: check.Rules{Recovered: true, Complete: true, SearchFor: 2 * time.Second}}
	s.dump = check.Dump{
		Goods: []check.GoodsDump{{
			Goods: goods.Goods{ID: "1001", Total: 5, LimitPerUser: 2, StartsAt: base.Add(-time.Hour), EndsAt: base.Add(time.Hour)},
			Gate:  &stock.Counts{Total: 5}, Ledger: order.Recount{Stock: order.Stock{GoodsID: "1001", Total: 5}},
		}},
		Backlog:  &check.Backlog{},
		Recovery: &check.Recovery{Ready: true, Took: time.Second, Within: time.Minute, Before: 10, After: 10},
		Peaks:    []check.Peak{{Name: "queue", Peak: 100, Cap: 100}},
	}
	s.admin("operator", check.Accepted, true)
	s.dump.Audits = []order.Audit{{Actor: "operator", Target: "1001", Done: true, After: "{}"}}
	s.fence(3)
	s.stale("stale-0", check.Fenced)
	s.forged("invalid_ticket")
	s.buy("alice", 2)
	paid := s.buy("bob", 1)
	gone := s.buy("carol", 1)
	s.answer(s.order(0), check.Replayed, s.order(0).ID)
	s.pays(s.order(paid), check.Pay)
	s.move(paid, order.Paid)
	s.pays(s.order(gone), check.Cancel)
	s.drop(gone)
	s.sees(s.order(paid), order.Paid, 2)
	s.refused("alice", "limit_reached", 1)
	s.balance()
	return s
}

func (s *sale) wait() { s.now = s.now.Add(time.Minute) }

// op adds an operation that is answered after a millisecond.
func (s *sale) op(op check.Op) check.Op {
	op.ID = fmt.Sprint(len(s.ops) + 1)
	op.Goods = "1001"
	op.Call = s.now.UnixNano()
	s.now = s.now.Add(time.Millisecond)
	if op.Code != "" {
		op.Return = s.now.UnixNano() - 1
	}
	s.ops = append(s.ops, op)
	return op
}

func (s *sale) order(i int) order.Order { return s.dump.Orders[i] }

// book makes an order, of which the ledger knows and an event tells, and returns
// its number.
func (s *sale) book(user string, quantity int) int {
	n := len(s.dump.Orders)
	o := order.Draft{
		ID: fmt.Sprintf("order-%02d", n), UserID: user, Quantity: quantity,
		CreatedAt: s.now, PayBy: s.now.Add(time.Minute),
	}.Order("1001")
	s.dump.Orders = append(s.dump.Orders, o)
	s.dump.Events = append(s.dump.Events, order.Created(o))
	return n
}

func (s *sale) purchase(o order.Order, code, id string) {
	s.op(check.Op{Kind: check.Purchase, User: o.UserID, Attempt: o.ID, Quantity: o.Quantity, Code: code, Order: id})
}

func (s *sale) buy(user string, quantity int) int {
	n := s.book(user, quantity)
	s.purchase(s.order(n), check.Accepted, s.order(n).ID)
	s.balance()
	return n
}

// answer has the buyer of the order ask again.
func (s *sale) answer(o order.Order, code, id string) { s.purchase(o, code, id) }

func (s *sale) unknown(user string) order.Order {
	o := s.order(s.book(user, 1))
	s.purchase(o, "outcome_unknown", "")
	return o
}

// pending is a purchase without an answer, and without an order.
func (s *sale) pending(user string, quantity int) order.Order {
	o := order.Order{ID: "pending-" + user, UserID: user, Quantity: quantity}
	s.purchase(o, "", "")
	return o
}

func (s *sale) refused(user, code string, quantity int) {
	s.purchase(order.Order{ID: fmt.Sprint("refused-", len(s.ops)), UserID: user, Quantity: quantity}, code, "")
}

// quietly has all answers to an order's buyer say no.
func (s *sale) quietly(o order.Order, code string) {
	for i, op := range s.ops {
		if op.Attempt == o.ID {
			s.ops[i].Code, s.ops[i].Order, s.ops[i].RetryAfter = code, "", time.Second
		}
	}
}

// clicks buys the last unit with a double click, of which one is refused.
func (s *sale) clicks(user, code string) {
	n := s.buy(user, 1)
	first := s.ops[len(s.ops)-1]
	s.purchase(s.order(n), code, "")
	second := &s.ops[len(s.ops)-1]
	second.Call, second.Return = first.Call, first.Return
}

// contradict makes answers of which each one alone can be true: z has to be early
// for the refusal of u, and late for y, whose order was cancelled afterwards.
func contradict(s *sale, total int) {
	s.total(total)
	start := s.now
	place := func(call, answer time.Duration) {
		op := &s.ops[len(s.ops)-1]
		op.Call, op.Return = start.Add(call*time.Millisecond).UnixNano(), start.Add(answer*time.Millisecond).UnixNano()
	}
	s.buy("x", 1)
	place(0, 1)
	s.drop(s.buy("y", 1))
	place(20, 21)
	s.buy("z", 2)
	place(2, 30)
	s.refused("u", "sold_out", 1)
	place(5, 6)
	s.balance()
}

func (s *sale) noTicket(user string) {
	s.op(check.Op{Kind: check.Ticket, User: user, Quantity: 1, Code: "sold_out"})
}

func (s *sale) pays(o order.Order, how check.Kind) {
	s.op(check.Op{Kind: how, User: o.UserID, Order: o.ID, Code: check.Accepted})
}

func (s *sale) sees(o order.Order, state order.State, version int) {
	s.op(check.Op{Kind: check.Look, User: o.UserID, Order: o.ID, Code: check.Accepted, State: state, Version: version})
}

func (s *sale) stale(attempt, code string) {
	s.op(check.Op{Kind: check.Stale, Attempt: attempt, Quantity: 1, Code: code})
}

func (s *sale) forged(code string) {
	s.op(check.Op{Kind: check.Purchase, User: "mallory", Forged: "altered", Quantity: 1, Code: code})
}

func (s *sale) admin(actor, code string, answered bool) {
	op := check.Op{Kind: check.Admin, Actor: actor, Target: "1001", Code: code}
	if !answered {
		op.Code = ""
	}
	s.op(op)
}

func (s *sale) total(n int) {
	actor := fmt.Sprint("total-", n)
	s.op(check.Op{Kind: check.Total, Actor: actor, Target: "1001", Quantity: n, Code: check.Accepted})
	s.dump.Audits = append(s.dump.Audits, order.Audit{Actor: actor, Target: "1001", Done: true, After: "{}"})
	s.dump.Goods[0].Ledger.Total, s.dump.Goods[0].Gate.Total = n, n
}

func (s *sale) look(left, held, sold int) {
	s.op(check.Op{Kind: check.Gate, Code: check.Accepted, Gate: &stock.Counts{Total: 5, Left: left, Held: held, Sold: sold, Fence: 9}})
}

func (s *sale) fence(n int64) {
	s.op(check.Op{Kind: check.Gate, Code: check.Accepted, Gate: &stock.Counts{Total: 5, Left: 5, Fence: n}})
}

func (s *sale) hold() {
	g := &s.dump.Goods[0]
	g.Holds = []stock.Hold{{Attempt: "a", User: "bob", Quantity: 1, Age: time.Hour}}
	g.Gate.Left, g.Gate.Held = g.Gate.Left-1, 1
}

// move has an order go on, with an event.
func (s *sale) move(i int, to order.State) {
	o := &s.dump.Orders[i]
	o.State, o.PaymentID, o.UpdatedAt = to, "payment", s.now
	o.Version++
	s.dump.Events = append(s.dump.Events, order.Moved(*o))
}

func (s *sale) drop(i int) { s.move(i, order.Cancelled) }

// balance has ledger and gate agree with the orders.
func (s *sale) balance() {
	n := 0
	for _, o := range s.dump.Orders {
		if o.State.Live() {
			n += o.Quantity
		}
	}
	g := &s.dump.Goods[0]
	g.Ledger.Sold, g.Ledger.Ordered, g.Ledger.Entries = n, n, n
	g.Gate.Sold, g.Gate.Held, g.Gate.Left = n, 0, g.Gate.Total-n
}

func (s *sale) without(attempt string) []check.Op {
	return slices.DeleteFunc(slices.Clone(s.ops), func(op check.Op) bool { return op.Attempt == attempt })
}

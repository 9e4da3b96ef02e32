//go:build unix

package torture_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/ticket"
)

// scene is what goes on in a shop while its nodes are armed: it makes them pass
// the points of its rows.
type scene struct {
	during func(*shop)
	// units are enough for one kill at one point, with what is sold until it strikes.
	units int
	// nth is how often a point is passed at most before it strikes.
	nth int
	// payWithin ends orders. Zero means much later.
	payWithin time.Duration
}

var scenes = map[string]scene{
	"sale":      {during: func(s *shop) { s.winners(s.rush(8, 8)) }, units: 24, nth: 3},
	"preload":   {during: (*shop).preloadAnew, units: 4, nth: 1},
	"retotal":   {during: (*shop).growTheTotal, units: 12, nth: 1},
	"rebuild":   {during: (*shop).loseTheGate, units: 24, nth: 1},
	"reconcile": {during: (*shop).driftAndReconcile, units: 12, nth: 1},
	"amend":     {during: (*shop).spoilTheRow, units: 12, nth: 1},
	"leftovers": {during: (*shop).leaveHolds, units: 24, nth: 1},
	"payment":   {during: (*shop).buyAndPay, units: 24, nth: 1},
	"expiry":    {during: func(s *shop) { s.winners(s.rush(4, 4)) }, units: 24, nth: 1, payWithin: time.Second},
}

// loseTheGate empties Redis in the middle of a sale, whose buyers have it filled
// again.
func (s *shop) loseTheGate() {
	s.winners(s.rush(4, 4))
	s.forget()
	s.winners(s.rush(4, 4))
}

// preloadAnew preloads a goods whose gate has lost its numbers.
func (s *shop) preloadAnew() {
	s.forget()
	s.preload()
}

// growTheTotal puts one more unit on sale in the middle of it.
func (s *shop) growTheTotal() {
	s.winners(s.rush(2, 2))
	row, err := s.parts.Orders.Stock(s.t.Context(), "1001")
	require.NoError(s.t, err)
	s.putGoods(row.Total + 1)
	s.winners(s.rush(2, 2))
}

// driftAndReconcile has the gate take a unit that the ledger has not sold.
func (s *shop) driftAndReconcile() {
	s.winners(s.rush(2, 2))
	lost := s.nobody()
	require.NoError(s.t, s.parts.Stock.Settle(s.t.Context(), "1001", []stock.Settlement{
		{Attempt: lost.attempt, User: lost.user, Quantity: 1, Verdict: stock.Confirm},
	}))
	s.operate("reconcile", "1001", "/api/admin/reconcile/1001", "")
}

// spoilTheRow has the ledger contradict itself, by which a unit would never be
// sold.
func (s *shop) spoilTheRow() {
	s.winners(s.rush(2, 2))
	s.history.Mark("database", "the stock row says that one more is sold")
	require.NoError(s.t, s.clients.DB.Exec("UPDATE seckill_stock SET sold = sold + 1 WHERE goods_id = '1001' AND sold < total").Error)
	s.operate("reconcile", "1001", "/api/admin/reconcile/1001", "")
}

// nobody begins a purchase that is never answered.
func (s *shop) nobody() bought {
	b := bought{user: s.newUser(), attempt: ticket.NewAttempt(time.Now())}
	s.unanswerable(b)
	return b
}

// unanswerable tells the checker that an attempt may hold units without a word to
// its buyer.
func (s *shop) unanswerable(b bought) {
	s.history.Begin(check.Op{Kind: check.Purchase, User: b.user, Goods: "1001", Attempt: b.attempt, Quantity: 1})
}

// leaveHolds takes units in the gate as a node does that dies before it commits.
func (s *shop) leaveHolds() {
	var left []stock.Request
	for range 2 {
		b := s.nobody()
		left = append(left, stock.Request{Attempt: b.attempt, User: b.user, Quantity: 1, Limit: 1})
	}
	_, err := s.parts.Stock.Reserve(s.t.Context(), "1001", 0, left)
	require.NoError(s.t, err)
	s.winners(s.rush(2, 2))
}

// buyAndPay has every other payment fail.
func (s *shop) buyAndPay() {
	for i, b := range s.winners(s.rush(4, 4)) {
		s.pay(b, i%2 == 0)
		s.read(b)
	}
}

// read notes what the ledger says of an order.
func (s *shop) read(b bought) {
	op := s.history.Begin(check.Op{Kind: check.Look, User: b.user, Goods: "1001", Attempt: b.attempt, Order: b.order})
	o, err := s.parts.Orders.Get(s.t.Context(), b.order)
	require.NoError(s.t, err)
	op.Code, op.State, op.Version = check.Accepted, o.State, o.Version
	op.End()
}

package seckilltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/ticket"
)

// buyer buys, pays, comes back and cheats until ctx ends.
func (r *run) buyer(ctx context.Context, random *rand.Rand) {
	for ctx.Err() == nil {
		time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond) // so long it makes up its mind
		switch n := r.any(random); random.IntN(12) {
		case 0:
			r.comeBack(n, random)
		case 1:
			r.forge(n, random)
		case 2:
			r.tooEarly(n, random)
		default:
			r.shop(n, random)
		}
	}
}

// user is one of so few that they reach their limit.
func (r *run) user(random *rand.Rand) string {
	return fmt.Sprintf("user-%d", random.IntN(max(r.o.Units/2, 2)))
}

// shop takes a ticket and purchases with it, once or on several nodes at once,
// sometimes without waiting for the answer.
func (r *run) shop(n *node, random *rand.Rand) {
	quantity := 1
	if random.IntN(4) == 0 {
		quantity = 2
	}
	w, refusal := r.ticket(n, r.user(random), quantity)
	if refusal != check.Accepted {
		return
	}
	clicks := max(1, random.IntN(5)-1)
	var all sync.WaitGroup
	receipts := make([]seckill.Receipt, clicks)
	for i := range clicks {
		at, patience := n, time.Minute
		if i > 0 {
			at = r.any(random)
		}
		if random.IntN(8) == 0 {
			patience = time.Duration(random.IntN(5000)) * time.Microsecond
		}
		all.Go(func() { receipts[i], _ = r.purchase(at, w, patience) })
	}
	all.Wait()
	for _, got := range receipts {
		if got.Order.ID != "" {
			r.settle(r.any(random), got, random)
			return
		}
	}
}

// ticket asks for a ticket, which goes into the wallets, and returns the answer's
// code, "" if there was none.
func (r *run) ticket(n *node, user string, quantity int) (wallet, string) {
	c := r.history.Begin(check.Op{Kind: check.Ticket, Node: n.name, User: user, Goods: r.goods.ID, Quantity: quantity})
	ctx, cancel := n.ctx(time.Minute)
	defer cancel()
	tk, err := n.Ticket(ctx, user, r.goods.ID, quantity)
	if n.line.dead.Load() {
		return wallet{}, ""
	}
	if err != nil {
		return wallet{}, answer(c, err)
	}
	// Outside its time by this clock, perhaps, and genuine.
	genuine, _ := r.signer.Verify(tk.Token, user, r.goods.ID, time.Now())
	c.Attempt = genuine.Attempt
	w := wallet{user: user, goods: r.goods.ID, token: tk.Token, attempt: genuine.Attempt, quantity: quantity}
	r.mu.Lock()
	r.wallets = append(r.wallets, w)
	r.mu.Unlock()
	return w, answer(c, nil)
}

// answer records what a call was told, and returns its code.
func answer(c *check.Call, err error) string {
	if c.Code == "" {
		c.Code = code(err)
	}
	if err != nil {
		c.Error = err.Error()
	}
	if refusal, ok := errors.AsType[*seckill.Refusal](err); ok {
		c.RetryAfter = refusal.RetryAfter
	}
	c.End()
	return c.Code
}

// purchase presents a ticket and returns the answer's code, "" if there was none:
// a node that died meanwhile did not answer.
func (r *run) purchase(n *node, w wallet, patience time.Duration) (seckill.Receipt, string) {
	ctx, cancel := n.ctx(patience)
	defer cancel()
	c := r.history.Begin(check.Op{
		Kind: check.Purchase, Node: n.name, User: w.user, Goods: w.goods, Attempt: w.attempt, Quantity: w.quantity,
	})
	got, err := n.Purchase(ctx, w.user, w.goods, w.token)
	if n.line.dead.Load() {
		return seckill.Receipt{}, ""
	}
	if got.Replayed {
		c.Code = check.Replayed
	}
	c.Order, c.State, c.Version = got.Order.ID, got.Order.State, got.Order.Version
	return got, answer(c, err)
}

// settle pays for the order, has the payment fail, or lets it run out; then it
// looks what became of it.
func (r *run) settle(n *node, got seckill.Receipt, random *rand.Rand) {
	switch random.IntN(6) {
	case 0, 1:
		r.pay(n, got.Order.UserID, got.Order.ID, check.Pay)
	case 2, 3:
		r.pay(n, got.Order.UserID, got.Order.ID, check.Cancel)
	}
	for range random.IntN(3) {
		r.see(r.any(random), got.Order.UserID, got.Order.ID)
	}
}

// pay asks for the money and returns the answer's code; an order's payments all end
// in the same way.
func (r *run) pay(n *node, user, orderID string, kind check.Kind) string {
	method := map[check.Kind]string{check.Pay: "", check.Cancel: payment.MethodFail}
	r.mu.Lock()
	if before, ok := r.paid[orderID]; ok {
		kind = before
	}
	r.mu.Unlock()
	c := r.history.Begin(check.Op{Kind: kind, Node: n.name, User: user, Order: orderID})
	ctx, cancel := n.ctx(time.Minute)
	defer cancel()
	err := n.Pay(ctx, user, orderID, method[kind])
	if n.line.dead.Load() {
		return ""
	}
	if err == nil {
		r.mu.Lock()
		r.paid[orderID] = kind
		r.mu.Unlock()
	}
	return answer(c, err)
}

func (r *run) see(n *node, user, orderID string) {
	c := r.history.Begin(check.Op{Kind: check.Look, Node: n.name, User: user, Order: orderID})
	ctx, cancel := n.ctx(time.Minute)
	defer cancel()
	o, err := n.Order(ctx, user, orderID)
	if n.line.dead.Load() {
		return
	}
	c.State, c.Version = o.State, o.Version
	answer(c, err)
}

// comeBack presents a ticket of before once more.
func (r *run) comeBack(n *node, random *rand.Rand) {
	if w, ok := r.used(random); ok {
		r.purchase(n, w, time.Minute)
	}
}

func (r *run) used(random *rand.Rand) (wallet, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.wallets) == 0 {
		return wallet{}, false
	}
	return r.wallets[random.IntN(len(r.wallets))], true
}

// forge presents a ticket that must have no effect.
func (r *run) forge(n *node, random *rand.Rand) {
	w, ok := r.used(random)
	if !ok {
		return
	}
	how := "another user's"
	switch random.IntN(3) {
	case 0:
		w.user = "mallory"
	case 1:
		how, w.goods = "another goods'", r.closed.ID
	case 2:
		b := []byte(w.token)
		at := len(b)/2 + random.IntN(len(b)/4)
		b[at] = map[bool]byte{true: 'A', false: 'B'}[b[at] != 'A']
		how, w.token = "altered", string(b)
	}
	c := r.history.Begin(check.Op{Kind: check.Purchase, Node: n.name, User: w.user, Goods: w.goods, Quantity: w.quantity, Forged: how})
	ctx, cancel := n.ctx(time.Minute)
	defer cancel()
	_, err := n.Purchase(ctx, w.user, w.goods, w.token)
	if !n.line.dead.Load() {
		answer(c, err)
	}
}

// tooEarly presents a genuine ticket for goods whose sale begins tomorrow.
func (r *run) tooEarly(n *node, random *rand.Rand) {
	w := wallet{user: r.user(random), goods: r.closed.ID, attempt: ticket.NewAttempt(time.Now()), quantity: 1}
	var err error
	w.token, err = r.signer.Sign(ticket.Ticket{
		Attempt: w.attempt, User: w.user, Goods: w.goods, Quantity: 1,
		NotBefore: time.Now().Add(-2 * time.Hour), Expires: time.Now().Add(2 * time.Hour),
	})
	if err == nil {
		r.purchase(n, w, time.Minute)
	}
}

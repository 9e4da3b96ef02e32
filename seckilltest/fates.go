package seckilltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/ticket"
)

// fate lets one node or the gate suffer after the other.
func (r *run) fate(ctx context.Context, random *rand.Rand) {
	for sleep(ctx, time.Duration(50+random.IntN(150))*time.Millisecond) {
		place := random.IntN(len(r.places))
		n := r.places[place].Load()
		switch random.IntN(8) {
		case 0, 1, 2:
			r.murder(ctx, place, n, random)
		case 3:
			r.history.Mark(n.name, "stands still")
			n.line.stall()
			sleep(ctx, time.Duration(200+random.IntN(1500))*time.Millisecond)
			n.line.resume()
		case 4, 5:
			step := []time.Duration{-time.Hour, time.Hour, 0}[random.IntN(3)]
			r.history.Mark(n.name, fmt.Sprint("its clock is off by ", step))
			r.mu.Lock()
			r.skews[n.name] = max(r.skews[n.name], step.Abs())
			r.mu.Unlock()
			n.line.clock.Store(int64(step))
		case 6:
			r.amnesia(ctx)
		case 7:
			r.empty(ctx)
		}
	}
}

// murder has a node die at some call, or at no particular one, and puts a new one
// in its place after a while.
func (r *run) murder(ctx context.Context, place int, n *node, random *rand.Rand) {
	at, late := mutating[random.IntN(len(mutating))], random.IntN(2) == 0
	if random.IntN(2) == 0 { // where most is lost
		at, late = []string{"Commit", "Commit", "Move", "Publish"}[random.IntN(4)], true
	}
	r.history.Mark(n.name, fmt.Sprintf("dies at %s, late: %v", at, late))
	n.line.doom(at, late)
	for end := time.Now().Add(150 * time.Millisecond); !n.line.dead.Load() && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	n.line.kill()
	sleep(ctx, time.Duration(random.IntN(150))*time.Millisecond)
	if fresh, err := r.boot(place); err != nil {
		r.history.Mark(n.name, "nobody takes its place: "+err.Error())
	} else {
		r.history.Mark(fresh.name, "takes its place")
	}
}

// amnesia makes the gate believe that nothing was ever sold, as a replica does that
// never heard of it.
func (r *run) amnesia(ctx context.Context) {
	r.history.Mark("", "the gate believes that nothing was sold")
	row, fence, err := r.fences(ctx)
	if err == nil {
		_, _ = r.look.Stock.Load(ctx, r.goods.ID, fence, stock.Snapshot{Total: row.Total, Epoch: row.Epoch})
	}
}

// empty makes the gate forget everything.
func (r *run) empty(ctx context.Context) {
	r.history.Mark("", "the gate forgets everything")
	if _, fence, err := r.fences(ctx); err == nil {
		_ = r.look.Stock.Stop(ctx, r.goods.ID, fence)
	}
}

// fences returns the ledger's row and the highest fence.
func (r *run) fences(ctx context.Context) (order.Stock, int64, error) {
	row, err := r.look.Orders.Stock(ctx, r.goods.ID)
	if counts, fault := r.look.Stock.Counts(ctx, r.goods.ID); fault == nil {
		return row, max(row.Fence, counts.Fence), err
	}
	return row, row.Fence, err
}

// operator changes what an operator may change in the middle of a sale. What is
// begun is finished, also when the storm is over.
func (r *run) operator(ctx context.Context, random *rand.Rand) {
	total := r.goods.Total
	for sleep(ctx, time.Duration(50+random.IntN(150))*time.Millisecond) {
		switch random.IntN(6) {
		case 0:
			total++
			r.retotal(total, random)
		case 1:
			r.change(random, r.goods.ID, func(ctx context.Context, a seckill.Admin) error {
				_, err := a.Preload(ctx, r.goods.ID)
				return err
			})
		case 2:
			r.change(random, r.goods.ID, func(ctx context.Context, a seckill.Admin) error {
				_, err := a.Reconcile(ctx, r.goods.ID, false)
				return err
			})
		case 3:
			r.change(random, "mallory", func(ctx context.Context, a seckill.Admin) error {
				_, err := a.Ban(ctx, "mallory", "forged a ticket", time.Minute)
				return err
			})
		default:
			r.stale(ctx)
		}
	}
}

// change is an admin change under a name of its own.
func (r *run) change(random *rand.Rand, target string, f func(context.Context, seckill.Admin) error) error {
	return r.admin(check.Op{Kind: check.Admin, Target: target}, random, f)
}

func (r *run) admin(op check.Op, random *rand.Rand, f func(context.Context, seckill.Admin) error) error {
	n := r.any(random)
	r.changes++
	op.Actor, op.Node = fmt.Sprintf("operator-%d", r.changes), n.name
	c := r.history.Begin(op)
	ctx, cancel := n.ctx(5 * time.Second)
	defer cancel()
	err := f(ctx, n.Admin(op.Actor))
	if n.line.dead.Load() {
		return errDead
	}
	answer(c, err)
	return err
}

// retotal changes the total, until it is known to be changed.
func (r *run) retotal(total int, random *rand.Rand) {
	g := r.goods
	g.Total = total
	for range 100 {
		err := r.admin(check.Op{Kind: check.Total, Goods: g.ID, Target: g.ID, Quantity: total}, random, func(ctx context.Context, a seckill.Admin) error {
			_, err := a.PutGoods(ctx, g)
			return err
		})
		if err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// stale writes to ledger and gate with a fence that is too old.
func (r *run) stale(ctx context.Context) {
	row, err := r.look.Orders.Stock(ctx, r.goods.ID)
	if err != nil {
		return
	}
	if row.Fence < 2 { // two loads had one fence: nothing tells a stale write from any other
		c := r.history.Begin(check.Op{Kind: check.Stale, Goods: r.goods.ID, Quantity: 1})
		c.Code, c.Error = check.Accepted, "the fence does not rise"
		c.End()
		return
	}
	attempt := ticket.NewAttempt(time.Now())
	c := r.history.Begin(check.Op{Kind: check.Stale, Goods: r.goods.ID, User: "straggler", Attempt: attempt, Quantity: 1})
	now := time.Now()
	_, err = r.look.Orders.Commit(ctx, r.goods.ID, row.Fence-1, []order.Draft{{
		ID: attempt, UserID: "straggler", Quantity: 1, Amount: r.goods.Price, Currency: r.goods.Currency,
		CreatedAt: now, PayBy: now.Add(time.Second),
	}})
	fencedBy(c, err, order.ErrFenced)

	counts, err := r.look.Stock.Counts(ctx, r.goods.ID)
	if err != nil || counts.Fence < 2 {
		return
	}
	c = r.history.Begin(check.Op{Kind: check.Stale, Goods: r.goods.ID, User: "straggler", Attempt: ticket.NewAttempt(time.Now()), Quantity: 1})
	_, err = r.look.Stock.Reserve(ctx, r.goods.ID, counts.Fence-1, []stock.Request{{Attempt: c.Attempt, User: "straggler", Quantity: 1}})
	fencedBy(c, err, stock.ErrFenced)
}

func fencedBy(c *check.Call, err, fenced error) {
	switch {
	case err == nil:
		c.Code = check.Accepted
	case errors.Is(err, fenced):
		c.Code = check.Fenced
	default:
		c.Code, c.Error = "fault", err.Error()
	}
	c.End()
}

// watch looks at the gate again and again until the returned function is called.
func (r *run) watch(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for sleep(ctx, 7*time.Millisecond) {
			c := r.history.Begin(check.Op{Kind: check.Gate, Goods: r.goods.ID})
			counts, err := r.look.Stock.Counts(ctx, r.goods.ID)
			if err == nil {
				c.Gate = &counts
			}
			answer(c, err)
		}
	}()
	return func() { cancel(); <-done }
}

// sleep waits and reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

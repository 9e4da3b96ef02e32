package check

import (
	"time"

	"github.com/seckill-go/seckill/order"
)

// fencing: a write with an older fence is refused and changes nothing; fences only
// rise. A run in which no such write was tried or counted shows nothing.
func fencing(b *book, v *verdict) {
	tried := b.kind(Stale)
	if len(tried) == 0 && (b.dump.Fenced == nil || *b.dump.Fenced == 0) {
		v.without("no stale write was tried, and none was counted")
		return
	}
	v.looked()
	for _, op := range tried {
		if !op.Pending() && op.Code == Accepted {
			v.fail([]Op{op}, "a write with a fence that is too old was accepted")
		}
		if op.Attempt != "" && len(b.of[op.Attempt]) > 0 {
			v.fail([]Op{op}, "the stale attempt %s has an order", op.Attempt)
		}
	}
	last := map[string]Op{}
	for _, op := range b.kind(Gate) {
		if op.Gate == nil || op.Pending() {
			continue
		}
		before, ok := last[op.Goods]
		if ok && before.Return < op.Call && op.Gate.Fence < before.Gate.Fence {
			v.fail([]Op{before, op}, "goods %s: the gate's fence fell from %d to %d", op.Goods, before.Gate.Fence, op.Gate.Fence)
		}
		if !ok || op.Return < before.Return || op.Gate.Fence >= before.Gate.Fence {
			last[op.Goods] = op
		}
	}
}

// inTime: nobody buys outside the window, nothing is cancelled before its time, and
// no hold stays for ever.
func inTime(b *book, v *verdict) {
	for _, op := range b.kind(Purchase) {
		g := b.goods[op.Goods]
		if g == nil || op.Pending() || op.Code != Accepted {
			continue
		}
		v.looked()
		skew := (b.rules.Skew[op.Node].Abs() + b.rules.Leeway).Nanoseconds()
		if op.Return < g.Goods.StartsAt.UnixNano()-skew || op.Call > g.Goods.EndsAt.UnixNano()+skew {
			v.fail([]Op{op}, "goods %s was sold outside %s to %s", op.Goods, clock(g.Goods.StartsAt), clock(g.Goods.EndsAt))
		}
	}
	for _, o := range b.dump.Orders {
		if o.State == order.Cancelled && o.PaymentID == "" {
			v.looked()
			if o.UpdatedAt.Before(o.PayBy) {
				v.fail(b.about(o.ID), "order %s was to be paid by %s and cancelled unpaid at %s", o.ID, clock(o.PayBy), clock(o.UpdatedAt))
			}
		}
	}
	if !b.rules.Recovered {
		return
	}
	for _, g := range b.dump.Goods {
		for _, h := range g.Holds {
			v.fail(b.about(h.Attempt), "goods %s: attempt %s holds %d units since %v", g.Goods.ID, h.Attempt, h.Quantity, h.Age)
		}
	}
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000000") }

// tickets: a ticket that is not genuine has no effect, and an order is what its
// ticket permits.
func tickets(b *book, v *verdict) {
	for _, op := range b.kind(Purchase) {
		if op.Forged == "" {
			continue
		}
		v.looked()
		if op.yes() {
			v.fail([]Op{op}, "a ticket was taken that is %s", op.Forged)
		}
	}
	for _, o := range b.dump.Orders {
		a := b.named[o.ID]
		if a == nil {
			if b.rules.Complete {
				v.fail(nil, "order %s of user %s: nobody purchased with its attempt %s", o.ID, o.UserID, o.ID)
			}
			continue
		}
		v.looked()
		if a.user != o.UserID || a.goods != o.GoodsID || a.quantity != o.Quantity {
			v.fail(a.ops, "order %s is of user %s, goods %s, %d units, and its ticket of %s, %s, %d",
				o.ID, o.UserID, o.GoodsID, o.Quantity, a.user, a.goods, a.quantity)
		}
	}
}

// liveness: after the faults everything came to rest in time.
func liveness(b *book, v *verdict) {
	r := b.dump.Recovery
	if r == nil {
		v.without("the recovery was not watched")
		return
	}
	v.unless(r.Ready, "not at rest %v after the faults: %s", r.Within, r.Missing)
	v.unless(r.Took <= r.Within, "at rest %v after the faults, want %v", r.Took, r.Within)
	v.unless(r.After <= r.Before, "%d goroutines before, %d after", r.Before, r.After)
	if log := b.dump.Backlog; log != nil {
		v.unless(len(log.Overdue) == 0, "%d orders are overdue and were not cancelled", len(log.Overdue))
		v.unless(len(log.Unrestored) == 0 && log.Unsent == 0, "%d orders wait to be restored, %d batches to be sent", len(log.Unrestored), log.Unsent)
	}
}

// bounded: nothing grew over its cap, and who was shed was told when to come again.
func bounded(b *book, v *verdict) {
	for _, p := range b.dump.Peaks {
		v.unless(p.Peak <= p.Cap, "%s: %d at its peak, cap is %d", p.Name, p.Peak, p.Cap)
	}
	for _, op := range b.ops {
		if op.Pending() || op.Code != busy && op.Code != rateLimited {
			continue
		}
		v.looked()
		if op.RetryAfter <= 0 && (op.Kind == Ticket || op.Kind == Purchase) {
			v.fail([]Op{op}, "%s without a time to come again", op.Code)
		}
	}
}

// audit: each change that was made has one row, finished, and one that failed has
// at most one.
func audit(b *book, v *verdict) {
	if b.dump.Audits == nil {
		v.without("the audit log was not read")
		return
	}
	rows := map[string][]order.Audit{}
	for _, a := range b.dump.Audits {
		rows[a.Actor+" "+a.Target] = append(rows[a.Actor+" "+a.Target], a)
	}
	made, called := map[string][]Op{}, map[string][]Op{}
	for _, op := range b.ops {
		if op.Kind != Admin && op.Kind != Total {
			continue
		}
		v.looked()
		key := op.Actor + " " + op.Target
		called[key] = append(called[key], op)
		if !op.Pending() && op.Code == Accepted {
			made[key] = append(made[key], op)
		}
	}
	for _, key := range sorted(called) {
		done := 0
		for _, row := range rows[key] {
			if row.Done && row.Error == "" && row.After != "" {
				done++
			}
		}
		if n := len(rows[key]); n > len(called[key]) || done < len(made[key]) {
			v.fail(called[key], "actor, target %q: %d changes, %d of them made, have %d rows, %d of them with the state after", key, len(called[key]), len(made[key]), n, done)
		}
	}
	for _, key := range sorted(rows) {
		if b.rules.Complete && len(called[key]) == 0 {
			v.fail(nil, "actor, target %q: an audit row of a change that nobody made", key)
		}
	}
}

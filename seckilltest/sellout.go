package seckilltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/check"
)

// sellOut sells all that is left after the faults, to buyers who pay, from a gate
// that forgot who has bought. Then there are a few units more, which sell as they do
// on a good day, but for one node that dies. Then everybody who ever had a ticket comes back with it.
func (r *run) sellOut(ctx context.Context) {
	r.history.Mark("", "the rest is sold")
	for i := range 2 { // of whom the gate will not know
		r.insist(fmt.Sprint("first-", i), check.Pay, r.rand("first"), time.Now().Add(r.o.Recovery))
	}
	r.amnesia(ctx)
	r.clear("last")
	if row, err := r.look.Orders.Stock(ctx, r.goods.ID); err == nil {
		r.retotal(row.Total+encore, r.rand("encore"))
	}
	time.Sleep(forgetful)
	r.mute.Store(true)
	r.greedy()
	r.insist("broke", check.Cancel, r.rand("broke"), time.Now().Add(r.o.Recovery))
	r.unlucky()
	r.recover(ctx)
	for i := range r.places {
		n, random := r.places[i].Load(), r.rand(fmt.Sprint("cheat ", i))
		r.tooEarly(n, random)
		r.forge(n, random)
	}
	r.lastOnes(ctx)
	r.everybody()
}

// lastOnes sells until nobody gets anything more, and again if an order was not paid
// in time meanwhile.
func (r *run) lastOnes(ctx context.Context) {
	for try := range 3 {
		if !r.clear(fmt.Sprint("encore-", try)) {
			r.recovery.Missing = "the rest could not be sold"
			return
		}
		r.soldOut = r.goods.ID
		row, err := r.look.Orders.Stock(ctx, r.goods.ID)
		if err == nil && row.Sold == row.Total || r.recovery.Missing != "" {
			return
		}
		r.recover(ctx)
	}
}

// encore is how many units are added at the end: more than one user may have.
const encore = 8

// clear sells until everybody is told sold out, and reports whether they were.
func (r *run) clear(name string) bool {
	const clerks = 8
	var buyers, refused atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(r.o.Recovery)
	for i := range clerks {
		random := r.rand(fmt.Sprint(name, i))
		all.Go(func() {
			for told := 0; time.Now().Before(end); {
				if r.insist(fmt.Sprintf("%s-%d", name, buyers.Add(1)), check.Pay, random, end) {
					told = 0
				} else if told++; told == 2 {
					refused.Add(1)
					return
				}
			}
		})
	}
	all.Wait()
	return refused.Load() == clerks
}

// unlucky are buyers whose node dies when their orders are committed, before it can
// tell them or the gate. They come back with everybody, when the sweep has seen to
// their holds.
func (r *run) unlucky() {
	n := r.places[0].Load()
	var wallets []wallet
	for i := range 2 {
		if w, refusal := r.ticket(n, fmt.Sprint("unlucky-", i), 1); refusal == check.Accepted {
			wallets = append(wallets, w)
		}
	}
	r.history.Mark(n.name, "dies at Commit, late")
	n.line.doom("Commit", true)
	var all sync.WaitGroup
	for _, w := range wallets {
		all.Go(func() { r.purchase(n, w, time.Minute) })
	}
	all.Wait()
	n.line.kill()
	r.calm()
}

// greedy is a user who wants more than the limit, from all nodes at once.
func (r *run) greedy() {
	var all sync.WaitGroup
	for i := range r.goods.LimitPerUser + 2 {
		n := r.places[i%len(r.places)].Load()
		all.Go(func() {
			if w, refusal := r.ticket(n, "greedy", 1); refusal == check.Accepted {
				if got, _ := r.purchase(n, w, time.Minute); got.Order.ID != "" {
					r.pay(n, "greedy", got.Order.ID, check.Pay)
				}
			}
		})
	}
	all.Wait()
}

// insist buys one unit and pays for it, or fails to, however often it has to ask; false means
// that it was told sold out.
func (r *run) insist(user string, kind check.Kind, random *rand.Rand, end time.Time) bool {
	w, refusal := wallet{}, ""
	for ; time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		n := r.any(random)
		if w.token == "" {
			if w, refusal = r.ticket(n, user, 1); refusal != "sold_out" {
				continue
			}
			return false
		}
		var got seckill.Receipt
		switch got, refusal = r.purchase(n, w, time.Minute); refusal {
		case check.Accepted, check.Replayed:
			r.settled(user, got.Order.ID, kind, random, end)
			return true
		case "sold_out":
			return false
		case "invalid_ticket":
			w = wallet{}
		}
	}
	return false
}

// settled pays until the payment is taken in, or is too late.
func (r *run) settled(user, orderID string, kind check.Kind, random *rand.Rand, end time.Time) {
	for ; time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if answer := r.pay(r.any(random), user, orderID, kind); answer == check.Accepted || answer == "not_payable" {
			return
		}
	}
}

// most bounds who comes back.
const most = 400

func (r *run) everybody() {
	random := r.rand("everybody")
	wallets := append([]wallet(nil), r.wallets...)
	random.Shuffle(len(wallets), func(i, j int) { wallets[i], wallets[j] = wallets[j], wallets[i] })
	var all sync.WaitGroup
	work := make(chan wallet)
	for i := range 8 {
		random := r.rand(fmt.Sprint("returner ", i))
		all.Go(func() {
			for w := range work {
				if got, _ := r.purchase(r.any(random), w, time.Minute); got.Order.ID != "" {
					r.see(r.any(random), w.user, got.Order.ID)
				}
			}
		})
	}
	for _, w := range wallets[:min(len(wallets), most)] {
		work <- w
	}
	close(work)
	all.Wait()
}

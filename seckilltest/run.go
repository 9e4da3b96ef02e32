package seckilltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/ticket"
)

// run is one torture.
type run struct {
	a         Adapters
	o         Options
	history   *check.History
	signer    *ticket.Signer
	gateway   *payment.Sandbox
	look      seckill.Options // parts of their own, to look at the backends without faults
	goods     goods.Goods
	closed    goods.Goods // its window is tomorrow
	places    []atomic.Pointer[node]
	payWithin time.Duration // of the nodes that are booted now

	mute atomic.Bool // the next Publish of any node does not arrive

	mu      sync.Mutex
	nodes   []*node // all there ever were
	skews   map[string]time.Duration
	wallets []wallet
	paid    map[string]check.Kind // what became of an order's payment, by order
	changes int                   // of the operator
	events  []order.Event         // payments that went through a sink

	recovery check.Recovery
	rest     time.Time
	soldOut  string // the goods, if its last buyers were told so
}

// wallet is a ticket that somebody purchased with.
type wallet struct {
	user, goods, token, attempt string
	quantity                    int
}

var keys = []ticket.Key{{ID: "torture", Secret: []byte("every node of a torture signs so")}}

// leaseTTL is that of the live settings: the shortest.
const leaseTTL = 2 * time.Second

func newRun(a Adapters, o Options) (*run, error) {
	look, err := a.Node()
	if err == nil {
		err = complete(look)
	}
	if err != nil {
		return nil, err
	}
	if o.Nodes < 2 || o.Units < 10 || o.Buyers < 1 {
		return nil, fmt.Errorf("seckilltest: want at least 2 nodes, 10 units, 1 buyer, got %d, %d, %d", o.Nodes, o.Units, o.Buyers)
	}
	signer, err := ticket.NewSigner(keys...)
	if err != nil {
		return nil, err
	}
	r := &run{
		a: a, o: o, history: check.NewHistory(), signer: signer, gateway: new(payment.Sandbox), look: look,
		goods: onSale("tortured", o.Units, 3), closed: onSale("closed", 5, 0),
		places: make([]atomic.Pointer[node], o.Nodes), payWithin: hurried, skews: map[string]time.Duration{}, paid: map[string]check.Kind{},
	}
	r.closed.StartsAt, r.closed.EndsAt = r.closed.StartsAt.Add(25*time.Hour), r.closed.EndsAt.Add(25*time.Hour)
	return r, nil
}

// rand is a source of its own for each who needs one.
func (r *run) rand(of string) *rand.Rand {
	sum := uint64(0)
	for _, c := range of {
		sum = sum*31 + uint64(c)
	}
	return rand.New(rand.NewPCG(r.o.Seed, sum))
}

// open starts the nodes, without faults yet, and puts the goods on sale.
func (r *run) open(ctx context.Context) error {
	for i := range r.places {
		n, err := r.boot(i)
		if err != nil {
			return err
		}
		n.line.calm.Store(true)
	}
	first := r.places[0].Load()
	if err := first.ready(ctx); err != nil {
		return err
	}
	admin := first.Admin("opener")
	faults := []error{r.audited("settings", func() error {
		_, err := admin.UpdateSettings(ctx, "torture", func(s *settings.Settings) error {
			s.RateLimit.Limit, s.RateLimit.Window = 1_000_000, time.Second
			s.Lock.TTL = leaseTTL
			if r.o.Seed%4 == 0 { // one node at a time, the other way to sell
				s.Lock.Mode, s.Lock.Slice = settings.Exclusive, 10*time.Millisecond
			}
			return nil
		})
		return err
	})}
	for _, g := range []goods.Goods{r.goods, r.closed} {
		faults = append(faults, r.audited(g.ID, func() error { _, err := admin.PutGoods(ctx, g); return err }))
		for range 2 { // the second one's fence is above the first one's
			faults = append(faults, r.audited(g.ID, func() error { _, err := admin.Preload(ctx, g.ID); return err }))
		}
	}
	return errors.Join(faults...)
}

// audited records an admin change of the opener.
func (r *run) audited(target string, change func() error) error {
	c := r.history.Begin(check.Op{Kind: check.Admin, Actor: "opener", Target: target})
	err := change()
	c.Code = code(err)
	c.End()
	return err
}

// code is a refusal's, or that of a yes.
func code(err error) string {
	if err == nil {
		return check.Accepted
	}
	return string(seckill.CodeOf(err))
}

// storm has buyers, an operator and fate at work for the time of the faults.
func (r *run) storm(ctx context.Context) {
	for i := range r.places {
		r.places[i].Load().line.calm.Store(false)
	}
	ctx, cancel := context.WithTimeout(ctx, r.o.For)
	defer cancel()
	var all sync.WaitGroup
	for i := range r.o.Buyers {
		all.Go(func() { r.buyer(ctx, r.rand(fmt.Sprint("buyer ", i))) })
	}
	all.Go(func() { r.operator(ctx, r.rand("operator")) })
	all.Go(func() { r.fate(ctx, r.rand("fate")) })
	all.Wait()
}

// calm ends all faults.
func (r *run) calm() {
	r.history.Mark("", "the faults are over")
	for i := range r.places {
		n := r.places[i].Load()
		n.line.calm.Store(true)
		n.line.doom("", false)
		n.line.clock.Store(0)
		n.line.resume()
		if n.line.dead.Load() {
			if n, err := r.boot(i); err == nil {
				n.line.calm.Store(true)
			}
		}
	}
}

// stop ends the nodes; one that does not end is a fault.
func (r *run) stop() {
	for _, n := range r.nodes {
		n.stop()
	}
	var slow []string
	for _, n := range r.nodes {
		<-n.done
		if n.err != nil && !n.line.dead.Load() {
			slow = append(slow, fmt.Sprintf("%s: %v", n.name, n.err))
		}
		n.line.hangUp()
	}
	if slow != nil {
		r.recovery.Ready, r.recovery.Missing = false, strings.Join(slow, "; ")
	}
}

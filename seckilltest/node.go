package seckilltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/seckill-go/seckill"
)

// node is an engine and its line to the backends.
type node struct {
	*seckill.Engine
	name string
	line *line
	stop context.CancelFunc // in good order
	done chan struct{}
	err  error // of Run, once done
}

// ctx is that of a client of the node: it ends when the connection does.
func (n *node) ctx(patience time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(n.line.life, patience)
}

// boot puts a new node in a place.
func (r *run) boot(place int) (*node, error) {
	o, err := r.a.Node()
	if err == nil {
		err = complete(o)
	}
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	name := fmt.Sprintf("node-%d.%d", place, len(r.nodes))
	r.mu.Unlock()
	life, die := context.WithCancel(context.Background())
	ctx, stop := context.WithCancel(life)
	n := &node{name: name, line: &line{life: life, rand: r.rand(name), die: die, mute: &r.mute, payments: r.remember}, stop: stop, done: make(chan struct{})}
	o = n.line.through(o)
	o.TicketKeys, o.TicketTTL, o.Gateway = keys, 0, r.gateway
	o.PayWithin, o.PayGrace = r.payWithin, -1
	o.CommitPatience, o.HoldTimeout = 400*time.Millisecond, time.Second
	if n.Engine, err = seckill.New(o); err != nil {
		die()
		return nil, err
	}
	go func() {
		defer close(n.done)
		defer die()
		n.err = n.Run(ctx)
	}()
	r.mu.Lock()
	r.nodes = append(r.nodes, n)
	r.mu.Unlock()
	r.places[place].Store(n)
	return n, nil
}

// any is a node that is not known to be dead.
func (r *run) any(random *rand.Rand) *node {
	for range 20 {
		if n := r.places[random.IntN(len(r.places))].Load(); !n.line.dead.Load() {
			return n
		}
	}
	return r.places[0].Load()
}

// ready waits until the node can sell.
func (n *node) ready(ctx context.Context) error {
	until := time.Now().Add(ready)
	for !seckill.Ready(n.Health(ctx)) {
		if time.Now().After(until) {
			return fmt.Errorf("seckilltest: %s: not ready after %v: %+v", n.name, ready, n.Health(ctx))
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

// relieve puts nodes without faults in the place of all there are, which end in
// good order. They give their buyers more time to pay, so that no order ends
// because a slow machine was late.
func (r *run) relieve(ctx context.Context) error {
	r.payWithin = patient
	for i := range r.places {
		old := r.places[i].Load()
		old.stop()
		<-old.done
		n, err := r.boot(i)
		if err != nil {
			return err
		}
		n.line.calm.Store(true)
		if err := n.ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// How long a buyer has to pay: in the storm, so that many run out of time, and
// afterwards. Between the two is what counts as pending for good.
const (
	hurried = time.Second
	lasting = 2 * time.Minute
	patient = 10 * time.Minute
)

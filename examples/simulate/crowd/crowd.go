// Package crowd sends a crowd of buyers and bots to a shop, by a schedule that
// does not wait for the shop: an open model, in which a shop that stalls finds
// them all waiting.
package crowd

import (
	"context"
	"sync"
	"time"

	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/client"
	"github.com/seckill-go/seckill/examples/simulate/measure"
)

// Crowd is who comes, where to, and where it is written down.
type Crowd struct {
	Plan   Plan
	Client *client.Client
	// Aside looks at the goods meanwhile, by connections for which the crowd does not
	// queue. It may be Client.
	Aside   *client.Client
	GoodsID string
	// Sessions are the visitors' tokens, one for each; if there are fewer, some come
	// again. Fresh says that each is of a user of its own.
	Sessions []string
	Fresh    bool
	Recorder *measure.Recorder
	Book     *audit.Book
	// PaidWithin is how long a buyer waits for the order to be paid.
	PaidWithin time.Duration

	start time.Time
	// dropped is a genuine ticket that a bot may find.
	dropped finds
}

const (
	// Drain is how long visits may go on after the last arrival, beside PaidWithin.
	Drain = 20 * time.Second
	// timeout is how long anybody waits for an answer, connection included.
	timeout = 15 * time.Second
	// watching is how often somebody looks how many units are left.
	watching = 250 * time.Millisecond
)

// Run sends the crowd and returns when all of it has gone, or ctx has ended, or
// the last visits took longer than they may. It is called once.
func (c *Crowd) Run(ctx context.Context) {
	visitors := Draw(c.Plan)
	ctx, cancel := context.WithTimeout(ctx, c.Plan.Duration+Drain+c.PaidWithin)
	defer cancel()
	c.start = time.Now()
	watched := c.watch(ctx)
	var visits sync.WaitGroup
	for _, v := range visitors {
		if !sleep(ctx, time.Until(c.start.Add(v.At))) {
			break
		}
		c.Recorder.Arrived(v.At, time.Since(c.start)-v.At)
		visits.Go(func() { c.Recorder.Left(c.visit(ctx, v)) })
	}
	visits.Wait()
	cancel()
	<-watched
}

// visit is all that a visitor does. It returns with what the visitor goes.
func (c *Crowd) visit(ctx context.Context, v Visitor) string {
	p := &person{Crowd: c, Visitor: v, session: c.Sessions[v.Index%len(c.Sessions)], due: c.start.Add(v.At)}
	if v.Bot {
		return p.hammer(ctx)
	}
	return p.shop(ctx)
}

// watch looks at the goods until ctx ends.
func (c *Crowd) watch(ctx context.Context) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		for {
			asked, cancel := context.WithTimeout(ctx, timeout)
			g, a := c.Aside.Goods(asked, c.Sessions[0], c.GoodsID)
			cancel()
			if a.OK() {
				c.Recorder.OnSale(time.Since(c.start), g.Left)
				c.Book.OnSale(g.Total)
			}
			if !sleep(ctx, watching) {
				return
			}
		}
	}()
	return done
}

// sleep returns false if ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// finds is a ticket that somebody dropped.
type finds struct {
	mu     sync.Mutex
	ticket string
	owner  int
}

func (f *finds) drop(owner int, ticket string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.owner, f.ticket = owner, ticket
}

// find returns a ticket of somebody else, "" if there is none.
func (f *finds) find(finder int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner == finder {
		return ""
	}
	return f.ticket
}

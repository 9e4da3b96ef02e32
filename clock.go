package seckill

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/order"
)

const (
	// clockEvery is how often the ledger is asked for its time.
	clockEvery = 10 * time.Second
	// clockSkew is how far the engine's time may be from the ledger's before it is
	// set by it.
	clockSkew = 500 * time.Millisecond
)

// clock tells the ledger's time, which all nodes share, if the ledger has one,
// else the machine's. Between two readings it counts the time that passes, so it
// does not see when somebody sets the machine's clock.
type clock struct {
	wall    func() time.Time
	elapsed func() time.Duration
	last    atomic.Pointer[reading]
}

// reading is what the ledger's clock showed when so much had elapsed here.
type reading struct {
	at    time.Time
	after time.Duration
}

func newClock() *clock {
	start := time.Now()
	return &clock{wall: time.Now, elapsed: func() time.Duration { return time.Since(start) }}
}

func (c *clock) now() time.Time {
	r := c.last.Load()
	if r == nil {
		return c.wall()
	}
	return r.at.Add(c.elapsed() - r.after)
}

// Now returns the time that the engine goes by, as [Options.Now] describes. What is
// valid for a time beside the engine, for example sessions and the signatures of
// callbacks, should go by it too: a node whose own clock is wrong then serves all the
// same.
func (e *Engine) Now() time.Time { return e.o.Now() }

// follow reads the ledger's clock until ctx ends.
func (c *clock) follow(ctx context.Context, ledger order.Clock, log *slog.Logger) {
	for ctx.Err() == nil {
		if err := c.read(ctx, ledger, log); err != nil && ctx.Err() == nil {
			log.Warn("the ledger's clock not read, this node goes on by what it knows", "error", err)
		}
		pause(ctx, clockEvery)
	}
}

func (c *clock) read(ctx context.Context, ledger order.Clock, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	asked := c.elapsed()
	at, err := ledger.Clock(ctx)
	if err != nil {
		return err
	}
	r := &reading{at, (asked + c.elapsed()) / 2} // it was read somewhere in between
	known := c.now()
	off := known.Sub(r.at.Add(c.elapsed() - r.after))
	if c.last.Load() != nil && off.Abs() <= clockSkew {
		return nil
	}
	if off.Abs() > clockSkew {
		log.Warn("this node's clock was off, it goes by the ledger's", "ahead", off)
	}
	c.last.Store(r)
	return nil
}

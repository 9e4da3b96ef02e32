package limitertest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/seckill-go/seckill/limiter"
)

// caller calls a limiter for one key and remembers when it asked for the calls
// that were allowed.
type caller struct {
	ctx     context.Context
	limiter limiter.Limiter
	key     string

	mu      sync.Mutex
	allowed []time.Time
}

// call makes one call, and faults an answer that contradicts itself or allows too
// much.
func (c *caller) call(limit int, window time.Duration) (limiter.Decision, error) {
	if err := c.ctx.Err(); err != nil {
		return limiter.Decision{}, fmt.Errorf("the law took too long: %w", err)
	}
	asked := time.Now()
	d, err := c.limiter.Allow(c.ctx, c.key, limiter.Rate{Limit: limit, Window: window})
	switch {
	case err != nil:
		return d, err
	case d.Allowed && d.RetryAfter != 0:
		return d, fmt.Errorf("an allowed call: want RetryAfter 0, got %v", d.RetryAfter)
	case !d.Allowed && d.RetryAfter <= 0:
		return d, fmt.Errorf("a refused call: want RetryAfter above 0, got %v", d.RetryAfter)
	case d.Allowed:
		return d, c.note(asked, limit, window)
	}
	return d, nil
}

// note remembers an allowed call and counts those that were surely allowed within
// one window with it, as they were asked for less than a window ago.
func (c *caller) note(asked time.Time, limit int, window time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.allowed = append(c.allowed, asked)
	n := 0
	for _, t := range c.allowed {
		if time.Since(t) < window {
			n++
		}
	}
	if n > limit {
		return fmt.Errorf("%d calls allowed within %v, want at most %d", n, window, limit)
	}
	return nil
}

// want makes n calls that must all be allowed, or all be refused.
func (c *caller) want(n int, allowed bool, limit int, window time.Duration) error {
	for i := range n {
		d, err := c.call(limit, window)
		if err != nil {
			return err
		}
		if d.Allowed != allowed {
			return fmt.Errorf("call %d of %d under %d per %v: want allowed %v, got %v", i+1, n, limit, window, allowed, d.Allowed)
		}
	}
	return nil
}

// refusal calls until a call is refused; on a slow machine a few windows may go by.
func (c *caller) refusal(limit int, window time.Duration) (limiter.Decision, error) {
	for {
		if d, err := c.call(limit, window); err != nil || !d.Allowed {
			return d, err
		}
	}
}

// wait lets the time pass: here it is the time that is tested, not what a wait is
// for.
func (c *caller) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.ctx.Done():
	}
}

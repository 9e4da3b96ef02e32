package limitertest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seckill-go/seckill/limiter"
)

// caller calls a limiter for one key and remembers the calls that were allowed.
type caller struct {
	ctx     context.Context
	limiter limiter.Limiter
	key     string

	mu      sync.Mutex
	allowed []span
}

// span is the time within which a call was decided.
type span struct{ start, end time.Time }

// call makes one call, and faults an answer that contradicts itself.
func (c *caller) call(limit int, window time.Duration) (limiter.Decision, error) {
	if err := c.ctx.Err(); err != nil {
		return limiter.Decision{}, fmt.Errorf("the law took too long: %w", err)
	}
	s := span{start: time.Now()}
	d, err := c.limiter.Allow(c.ctx, c.key, limiter.Rate{Limit: limit, Window: window})
	s.end = time.Now()
	switch {
	case err != nil:
		return d, err
	case d.Allowed && d.RetryAfter != 0:
		return d, fmt.Errorf("an allowed call: want RetryAfter 0, got %v", d.RetryAfter)
	case !d.Allowed && d.RetryAfter <= 0:
		return d, fmt.Errorf("a refused call: want RetryAfter above 0, got %v", d.RetryAfter)
	}
	if d.Allowed {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.allowed = append(c.allowed, s)
	}
	return d, nil
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

// refusal calls until a call is refused, which must take no more than limit calls
// in a window; a slow machine may see a few windows go by.
func (c *caller) refusal(limit int, window time.Duration) (limiter.Decision, error) {
	for {
		d, err := c.call(limit, window)
		if err != nil || !d.Allowed {
			return d, err
		}
		if err := c.noMoreThan(limit, window); err != nil {
			return d, err
		}
	}
}

// noMoreThan faults more than limit calls that were surely allowed within one
// window.
func (c *caller) noMoreThan(limit int, window time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	byEnd := slices.SortedFunc(slices.Values(c.allowed), func(a, b span) int { return a.end.Compare(b.end) })
	for _, first := range c.allowed {
		n := 0
		for _, s := range byEnd {
			if s.end.Sub(first.start) >= window {
				break
			}
			if !s.start.Before(first.start) {
				n++
			}
		}
		if n > limit {
			return fmt.Errorf("%d calls allowed within %v, want at most %d", n, window, limit)
		}
	}
	return nil
}

// wait lets the time pass: here it is the time that is tested, not what a wait is
// for.
func (c *caller) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.ctx.Done():
	}
}

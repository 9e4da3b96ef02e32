package limitertest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/seckill-go/seckill/limiter"
)

// Laws that wait use short; the others use long, so that it does not end before
// they do.
const (
	short = 80 * time.Millisecond
	long  = time.Minute
)

func allowsUpToTheLimit(c *caller) error {
	return errors.Join(
		c.want(5, true, 5, long),
		c.want(3, false, 5, long),
	)
}

func neverMoreAtOnce(c *caller) error {
	var all sync.WaitGroup
	errs := make([]error, 100)
	for i := range errs {
		all.Go(func() { _, errs[i] = c.call(10, long) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if n := len(c.allowed); n != 10 {
		return fmt.Errorf("want 10 calls allowed, got %d", n)
	}
	return nil
}

func neverMoreInAnyWindow(c *caller) error {
	const limit, window = 5, short / 2
	var all sync.WaitGroup
	errs := make([]error, 100)
	end := time.Now().Add(5 * window)
	for i := range errs {
		all.Go(func() {
			for errs[i] == nil && time.Now().Before(end) {
				_, errs[i] = c.call(limit, window)
				c.wait(time.Duration(rand.Int64N(int64(10 * time.Millisecond))))
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if n := len(c.allowed); n <= limit {
		return fmt.Errorf("want calls allowed again when a window is over, got %d in 5 windows", n)
	}
	return nil
}

func slides(c *caller) error {
	if err := c.want(1, true, 2, short); err != nil {
		return err
	}
	c.wait(short * 3 / 4)
	d, err := c.refusal(2, short)
	if err != nil {
		return err
	}
	c.wait(d.RetryAfter)
	_, err = c.refusal(2, short)
	return err
}

func retryIsLongEnough(c *caller) error {
	for _, limit := range []int{4, 2, 1, 3} {
		d, err := c.refusal(limit, short)
		if err != nil {
			return err
		}
		c.wait(d.RetryAfter)
		if err := c.want(1, true, limit, short); err != nil {
			return fmt.Errorf("after %v: %w", d.RetryAfter, err)
		}
		c.wait(short / 8) // so that the calls are not all of one age
	}
	return nil
}

func retryIsNoLonger(c *caller) error {
	const slack = short / 16 // two clocks may go at slightly different speeds
	if err := c.want(1, true, 2, long); err != nil {
		return err
	}
	free := time.Now().Add(long)
	c.wait(short)
	if err := c.want(1, true, 2, long); err != nil {
		return err
	}
	asked := time.Now()
	d, err := c.refusal(2, long)
	if err != nil {
		return err
	}
	if most := free.Sub(asked) + slack; d.RetryAfter > most {
		return fmt.Errorf("want at most %v, got %v", most, d.RetryAfter)
	}
	return nil
}

func refusedDoNotCount(c *caller) error {
	d, err := c.refusal(1, short)
	if err != nil {
		return err
	}
	free := time.Now().Add(d.RetryAfter)
	for time.Now().Before(free) {
		if d, err := c.call(1, short); err != nil || d.Allowed {
			return err // allowed already: this call began just before free
		}
		c.wait(short / 16)
	}
	return c.want(1, true, 1, short)
}

func lowered(c *caller) error {
	return errors.Join(
		c.want(5, true, 10, long),
		c.want(1, false, 5, long),
		c.want(1, false, 1, long),
		c.want(1, true, 6, long),
	)
}

func raised(c *caller) error {
	return errors.Join(
		c.want(2, true, 2, long), c.want(1, false, 2, long),
		c.want(3, true, 5, long), c.want(1, false, 5, long),
		c.want(1, false, 1, long), // lowering forgets nothing
		c.want(1, true, 6, long), c.want(1, false, 6, long),
	)
}

func shorter(c *caller) error {
	if err := errors.Join(c.want(2, true, 2, long), c.want(1, false, 2, long/2)); err != nil {
		return err
	}
	c.wait(short)
	return c.want(1, true, 2, short)
}

func zero(c *caller) error {
	for range 3 {
		if d, err := c.call(0, long); err != nil || d.Allowed || d.RetryAfter != long {
			return fmt.Errorf("want a refusal for %v, got %+v, %v", long, d, err)
		}
	}
	return errors.Join(c.want(1, true, 1, long), c.want(1, false, 0, long))
}

func keys(c *caller) error {
	for _, key := range []string{"user-1", "user-10", "user", "user-1:1", "{user-1}", "用户"} {
		c := &caller{ctx: c.ctx, limiter: c.limiter, key: key}
		if err := errors.Join(c.want(1, true, 1, long), c.want(1, false, 1, long)); err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
	}
	return nil
}

func invalid(c *caller) error {
	for _, r := range []limiter.Rate{{Limit: -1, Window: long}, {Limit: 1}, {Limit: 1, Window: -1}, {}} {
		if d, err := c.call(r.Limit, r.Window); !errors.Is(err, limiter.ErrInvalidRate) || d.Allowed {
			return fmt.Errorf("%+v: want ErrInvalidRate, got %+v, %v", r, d, err)
		}
	}
	return c.want(1, true, 1, long)
}

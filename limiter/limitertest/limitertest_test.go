package limitertest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/limiter/limitertest"
)

// careless is a limiter that keeps all promises but one.
type careless struct {
	*limiter.Memory
	allow func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error)
}

func (c careless) Allow(_ context.Context, key string, r limiter.Rate) (limiter.Decision, error) {
	return c.allow(c.Memory, key, r)
}

func TestCatchesWhoeverBreaksAPromise(t *testing.T) {
	ctx := context.Background()
	for name, double := range map[string]struct {
		breaks string
		allow  func(*limiter.Memory, string, limiter.Rate) (limiter.Decision, error)
	}{
		"allows one too many": {"AllowsUpToTheLimit", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			r.Limit++
			return m.Allow(ctx, key, r)
		}},
		"looks, then counts": {"NeverMoreThanTheLimitAtOnce", lookThenCount()},
		"fixed windows":      {"TheWindowSlides", fixedWindows()},
		"forgets after half a window": {"NeverMoreThanTheLimitInAnyWindow", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			r.Window /= 2
			return m.Allow(ctx, key, r)
		}},
		"RetryAfter too short": {"RetryAfterIsLongEnough", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			d, err := m.Allow(ctx, key, r)
			d.RetryAfter /= 2
			return d, err
		}},
		"RetryAfter always a window": {"RetryAfterIsNoLongerThanNeeded", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			d, err := m.Allow(ctx, key, r)
			if !d.Allowed {
				d.RetryAfter = r.Window
			}
			return d, err
		}},
		"RetryAfter for allowed calls": {"AllowsUpToTheLimit", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			d, err := m.Allow(ctx, key, r)
			d.RetryAfter = max(1, d.RetryAfter)
			return d, err
		}},
		"counts refused calls": {"RefusedCallsDoNotCount", countRefused()},
		"a count per rate": {"ALoweredLimitAppliesAtOnce", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			return m.Allow(ctx, fmt.Sprint(key, r.Limit), r)
		}},
		"keeps the first limit":  {"ARaisedLimitAppliesAtOnce", keepFirst(func(r *limiter.Rate, first limiter.Rate) { r.Limit = min(r.Limit, first.Limit) })},
		"keeps the first window": {"AShorterWindowAppliesAtOnce", keepFirst(func(r *limiter.Rate, first limiter.Rate) { r.Window = first.Window })},
		"zero means no limit": {"ALimitOfZeroAllowsNone", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			if r.Limit == 0 {
				return limiter.Decision{Allowed: true}, nil
			}
			return m.Allow(ctx, key, r)
		}},
		"one count for all": {"KeysDoNotAffectEachOther", func(m *limiter.Memory, _ string, r limiter.Rate) (limiter.Decision, error) {
			return m.Allow(ctx, "", r)
		}},
		"takes any rate": {"AnInvalidRateIsRefused", func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
			return m.Allow(ctx, key, limiter.Rate{Limit: max(0, r.Limit), Window: max(1, r.Window)})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broken := limitertest.Broken(t.Context(), func() limiter.Limiter {
					return careless{new(limiter.Memory), double.allow}
				})
				if !slices.Contains(broken, double.breaks) {
					t.Errorf("want %s broken, got %v", double.breaks, broken)
				}
			})
		})
	}
}

// lookThenCount decides in two steps.
func lookThenCount() func(*limiter.Memory, string, limiter.Rate) (limiter.Decision, error) {
	var mu sync.Mutex
	counts := make(map[*limiter.Memory]int)
	return func(m *limiter.Memory, _ string, r limiter.Rate) (limiter.Decision, error) {
		mu.Lock()
		seen := counts[m]
		mu.Unlock()
		time.Sleep(time.Millisecond)
		if seen >= r.Limit {
			return limiter.Decision{RetryAfter: r.Window}, nil
		}
		mu.Lock()
		defer mu.Unlock()
		counts[m]++
		return limiter.Decision{Allowed: true}, nil
	}
}

// fixedWindows counts from the first call of a window to its end.
func fixedWindows() func(*limiter.Memory, string, limiter.Rate) (limiter.Decision, error) {
	var mu sync.Mutex
	var counted int
	var end time.Time
	return func(_ *limiter.Memory, _ string, r limiter.Rate) (limiter.Decision, error) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if !now.Before(end) {
			counted, end = 0, now.Add(r.Window)
		}
		if counted >= r.Limit {
			return limiter.Decision{RetryAfter: end.Sub(now)}, nil
		}
		counted++
		return limiter.Decision{Allowed: true}, nil
	}
}

// countRefused starts the window again with every refused call.
func countRefused() func(*limiter.Memory, string, limiter.Rate) (limiter.Decision, error) {
	var mu sync.Mutex
	last := make(map[*limiter.Memory]time.Time)
	return func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
		d, err := m.Allow(context.Background(), key, r)
		mu.Lock()
		defer mu.Unlock()
		if d.Allowed && time.Since(last[m]) < r.Window/2 {
			d = limiter.Decision{RetryAfter: r.Window}
		}
		last[m] = time.Now()
		return d, err
	}
}

// keepFirst decides each call under what keep leaves of the first rate.
func keepFirst(keep func(r *limiter.Rate, first limiter.Rate)) func(*limiter.Memory, string, limiter.Rate) (limiter.Decision, error) {
	var mu sync.Mutex
	first := make(map[*limiter.Memory]limiter.Rate)
	return func(m *limiter.Memory, key string, r limiter.Rate) (limiter.Decision, error) {
		mu.Lock()
		if _, ok := first[m]; !ok {
			first[m] = r
		}
		keep(&r, first[m])
		mu.Unlock()
		return m.Allow(context.Background(), key, r)
	}
}

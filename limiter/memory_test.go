package limiter_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/limiter/limitertest"
)

func TestMemory(t *testing.T) {
	limitertest.Run(t, func(*testing.T) limiter.Limiter { return new(limiter.Memory) })
}

// In a bubble the clock stands still while the laws run, so each bound is met to
// the nanosecond.
func TestMemoryIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if broken := limitertest.Broken(t.Context(), func() limiter.Limiter { return new(limiter.Memory) }); broken != nil {
			t.Errorf("want no law broken, got %v", broken)
		}
	})
}

func TestMemoryFollowsItsClock(t *testing.T) {
	now := time.Now()
	m := &limiter.Memory{Now: func() time.Time { return now }}
	rate := limiter.Rate{Limit: 1, Window: time.Minute}
	allow(t, m, "a", rate, limiter.Decision{Allowed: true})
	now = now.Add(time.Minute - 1)
	allow(t, m, "a", rate, limiter.Decision{RetryAfter: 1})
	now = now.Add(1)
	allow(t, m, "a", rate, limiter.Decision{Allowed: true})
}

func allow(t *testing.T, m *limiter.Memory, key string, rate limiter.Rate, want limiter.Decision) {
	t.Helper()
	if d, err := m.Allow(t.Context(), key, rate); d != want || err != nil {
		t.Errorf("%s: want %+v, got %+v, %v", key, want, d, err)
	}
}

func TestMemoryForgetsKeysWhoseWindowIsOver(t *testing.T) {
	now := time.Now()
	m := &limiter.Memory{Now: func() time.Time { return now }}
	for i := range 100_000 {
		now = now.Add(time.Millisecond)
		m.Allow(t.Context(), strconv.Itoa(i), limiter.Rate{Limit: 1, Window: time.Second})
	}
	if n := m.Keys(); n > 2*1000+1024 {
		t.Errorf("1000 keys are within the window: want no more than about twice that kept, got %d", n)
	}
}

func TestMemoryKeepsNoMoreThanLimitTimesOfAKey(t *testing.T) {
	now := time.Now()
	m := &limiter.Memory{Now: func() time.Time { return now }}
	for range 10_000 {
		now = now.Add(time.Second)
		m.Allow(t.Context(), "a", limiter.Rate{Limit: 3, Window: time.Second})
	}
	if n := m.Times("a"); n > 16 {
		t.Errorf("want room for about 3 times, got %d", n)
	}
}

func BenchmarkMemory(b *testing.B) {
	m, ctx := new(limiter.Memory), context.Background()
	for name, rate := range map[string]limiter.Rate{
		"allowed": {Limit: 1, Window: time.Nanosecond},
		"refused": {Limit: 1, Window: time.Hour},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Allow(ctx, name, rate)
			}
		})
	}
}

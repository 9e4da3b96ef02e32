package model_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seckill-go/seckill/limiter"
)

// calls is a limiter that forgets nothing: when each call was allowed.
type calls []time.Time

// wait is how long it takes until fewer than rate.Limit calls are in the window.
func (c calls) wait(rate limiter.Rate, now time.Time) time.Duration {
	for wait := time.Duration(0); ; wait++ {
		young := 0
		for _, at := range c {
			if now.Add(wait).Sub(at) < rate.Window {
				young++
			}
		}
		if young < rate.Limit {
			return wait
		}
	}
}

func TestTheLimiterInMemoryCountsAsOneThatForgetsNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := time.Unix(1_000_000, 0)
		memory := limiter.Memory{Now: func() time.Time { return now }}
		window := time.Duration(rapid.IntRange(1, 20).Draw(r, "window"))
		keys := map[string]calls{}
		r.Repeat(map[string]func(*rapid.T){
			"call": func(r *rapid.T) {
				key := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "key")
				rate := limiter.Rate{Limit: rapid.IntRange(1, 4).Draw(r, "limit"), Window: window}
				got, err := memory.Allow(t.Context(), key, rate)
				want := keys[key].wait(rate, now)
				if err != nil || got.Allowed != (want == 0) || got.RetryAfter != want {
					r.Fatalf("got %+v %v, want to wait for %d", got, err, want)
				}
				if got.Allowed {
					keys[key] = append(keys[key], now)
				}
			},
			"time passes": func(r *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 8).Draw(r, "ns"))) },
		})
	})
}

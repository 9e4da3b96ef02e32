package limiter_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/limiter"
)

// In no span of a minute more than two calls. A new rate counts at once, for calls
// that were made before too.
func Example() {
	ctx, now := context.Background(), time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	l := &limiter.Memory{Now: func() time.Time { return now }}
	ask := func(limit int) {
		d, err := l.Allow(ctx, "alice", limiter.Rate{Limit: limit, Window: time.Minute})
		fmt.Println(d.Allowed, d.RetryAfter, err)
	}
	ask(2)
	now = now.Add(10 * time.Second)
	ask(2)
	ask(2)
	ask(3)
	// Output:
	// true 0s <nil>
	// true 0s <nil>
	// false 50s <nil>
	// true 0s <nil>
}

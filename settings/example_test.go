package settings_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/settings"
)

// A change is validated before it counts, and gets a version.
func Example() {
	ctx, store := context.Background(), new(settings.Memory)
	live, err := store.Update(ctx, func(s *settings.Settings) error {
		s.RateLimit = settings.RateLimit{Limit: 5, Window: 10 * time.Second}
		return nil
	})
	fmt.Println(live.Version, live.Enabled, live.RateLimit, err)

	_, err = store.Update(ctx, func(s *settings.Settings) error {
		s.Lock.TTL = time.Hour
		return nil
	})
	fmt.Println(err)
	live, _ = store.Get(ctx)
	fmt.Println(live.Version, live.Lock.TTL)
	// Output:
	// 1 true {5 10s} <nil>
	// settings: invalid: lock.ttl: want 2s to 5m, got 1h0m0s
	// 1 10s
}

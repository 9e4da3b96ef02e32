package settingstest

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/settings"
)

// raise is a change that can be counted.
func raise(s *settings.Settings) error {
	s.RateLimit.Limit++
	return nil
}

// raisedBy wants the default settings raised n times, on both nodes.
func raisedBy(ctx context.Context, f Fixture, n int) error {
	want := settings.Default()
	want.Version = int64(n)
	want.RateLimit.Limit += n
	return withinASecond(ctx, func() error {
		if err := holds(ctx, f.A, want); err != nil {
			return err
		}
		return holds(ctx, f.B, want)
	})
}

func holds(ctx context.Context, on settings.Store, want settings.Settings) error {
	got, err := on.Get(ctx)
	if err != nil {
		return err
	}
	return same(got, want)
}

// same compares all but ReadAt.
func same(got, want settings.Settings) error {
	got.ReadAt, want.ReadAt = time.Time{}, time.Time{}
	if got != want {
		return fmt.Errorf("want %+v, got %+v", want, got)
	}
	return nil
}

// withinASecond tries until it holds; a try that begins more than a second later,
// plus one for a slow machine, must hold.
func withinASecond(ctx context.Context, hold func() error) error {
	for start := time.Now(); ; {
		late := time.Since(start) > 2*time.Second
		err := hold()
		if err == nil || late || sleep(ctx, 5*time.Millisecond) != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

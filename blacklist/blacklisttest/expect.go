package blacklisttest

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/blacklist"
)

func found(ctx context.Context, l blacklist.List, want blacklist.Entry) error {
	e, ok, err := l.Find(ctx, want.User, time.Now())
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("%q is not found", want.User)
	case e.User != want.User || e.Reason != want.Reason || !e.AddedAt.Equal(want.AddedAt) || !e.ExpiresAt.Equal(want.ExpiresAt):
		return fmt.Errorf("want %+v, got %+v", want, e)
	}
	return nil
}

func notFound(ctx context.Context, l blacklist.List, user string) error {
	e, ok, err := l.Find(ctx, user, time.Now())
	if ok {
		return fmt.Errorf("want %q not found, got %+v", user, e)
	}
	return err
}

func removed(ctx context.Context, l blacklist.List, user string, want bool) error {
	was, err := l.Remove(ctx, user, time.Now())
	if err == nil && was != want {
		return fmt.Errorf("Remove(%q): want %v, got %v", user, want, was)
	}
	return err
}

// withinASecond tries until it holds; a try that begins more than a second later,
// plus one for a slow machine, must hold.
func withinASecond(ctx context.Context, hold func() error) error {
	for start := time.Now(); ; {
		late := time.Since(start) > 2*time.Second
		err := hold()
		if err == nil || late || ctx.Err() != nil {
			return err
		}
		sleepUntil(ctx, time.Now().Add(5*time.Millisecond))
	}
}

// sleepUntil lets a time come that an entry ends at.
func sleepUntil(ctx context.Context, t time.Time) {
	select {
	case <-time.After(time.Until(t)):
	case <-ctx.Done():
	}
}

func names(entries []blacklist.Entry) []string {
	users := make([]string, len(entries))
	for i, e := range entries {
		users[i] = e.User
	}
	return users
}

package seckill

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// persist calls f until it succeeds, answers one of the final errors, or patience
// is over; f must be safe to call again. Each call has at most the time that is
// left.
func persist(ctx context.Context, patience time.Duration, f func(context.Context) error, final ...error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := f(ctx)
		if err == nil || isAny(err, final) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

func isAny(err error, targets []error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

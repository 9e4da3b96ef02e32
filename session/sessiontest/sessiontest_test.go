package sessiontest_test

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/session/sessiontest"
)

func TestMemoryKeepsTheLaws(t *testing.T) {
	sessiontest.Run(t, func(*testing.T) session.Store { return new(session.Memory) })
}

// Doubles that are careless in one way each.
type (
	undying  struct{ session.Memory } // never expires
	hoarder  struct{ session.Memory } // does not delete
	confused struct{ session.Memory } // keeps one session for all
	deaf     struct{ session.Memory } // does not mind its context
	welcome  struct{ session.Memory } // knows everybody
)

func (s *undying) Put(ctx context.Context, v session.Session) error {
	v.ExpiresAt = v.ExpiresAt.Add(time.Hour)
	return s.Memory.Put(ctx, v)
}

func (s *undying) Get(ctx context.Context, id string) (session.Session, error) {
	v, err := s.Memory.Get(ctx, id)
	v.ExpiresAt = v.ExpiresAt.Add(-time.Hour)
	return v, err
}

func (s *hoarder) Delete(ctx context.Context, _ string) error { return ctx.Err() }

func (s *confused) Put(ctx context.Context, v session.Session) error {
	v.ID = "a"
	return s.Memory.Put(ctx, v)
}

func (s *confused) Get(ctx context.Context, _ string) (session.Session, error) {
	return s.Memory.Get(ctx, "a")
}

func (s *deaf) Put(ctx context.Context, v session.Session) error {
	return s.Memory.Put(context.WithoutCancel(ctx), v)
}

func (s *welcome) Get(ctx context.Context, id string) (session.Session, error) {
	v, _ := s.Memory.Get(ctx, id)
	return v, ctx.Err()
}

func TestTheSuiteCatchesCarelessStores(t *testing.T) {
	for law, double := range map[string]func() session.Store{
		"Expires":           func() session.Store { return new(undying) },
		"DeleteEnds":        func() session.Store { return new(hoarder) },
		"KeepsTheSession":   func() session.Store { return new(confused) },
		"MindsItsContext":   func() session.Store { return new(deaf) },
		"UnknownIsNotFound": func() session.Store { return new(welcome) },
	} {
		caught := false
		for _, v := range sessiontest.Check(t.Context(), double) {
			caught = caught || v.Law == law
		}
		if !caught {
			t.Errorf("a store that breaks %s was not caught", law)
		}
	}
}

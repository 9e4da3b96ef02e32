package sessiontest_test

import (
	"context"
	"slices"
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
	local    struct{ session.Memory } // goes by the node's clock
	hoarder  struct{ session.Memory } // does not delete
	confused struct{ session.Memory } // keeps one session for all
	deaf     struct{ session.Memory } // does not mind its context
	welcome  struct{ session.Memory } // knows everybody
	terse    struct{ session.Memory } // says nothing of whom it does not know
	sorted   struct{ session.Memory } // answers in an order of its own
	once     struct{ session.Memory } // answers an id that comes twice once
)

func (s *undying) Put(ctx context.Context, v session.Session, now time.Time) error {
	v.ExpiresAt = v.ExpiresAt.Add(time.Hour)
	return s.Memory.Put(ctx, v, now)
}

func (s *local) Put(ctx context.Context, v session.Session, _ time.Time) error {
	return s.Memory.Put(ctx, v, time.Now())
}

func (s *undying) Get(ctx context.Context, ids ...string) []session.Answer {
	answers := s.Memory.Get(ctx, ids...)
	for i := range answers {
		answers[i].Session.ExpiresAt = answers[i].Session.ExpiresAt.Add(-time.Hour)
	}
	return answers
}

func (s *hoarder) Delete(ctx context.Context, _ string) error { return ctx.Err() }

func (s *confused) Put(ctx context.Context, v session.Session, now time.Time) error {
	v.ID = "a"
	return s.Memory.Put(ctx, v, now)
}

func (s *confused) Get(ctx context.Context, ids ...string) []session.Answer {
	return s.Memory.Get(ctx, slices.Repeat([]string{"a"}, len(ids))...)
}

func (s *deaf) Put(ctx context.Context, v session.Session, now time.Time) error {
	return s.Memory.Put(context.WithoutCancel(ctx), v, now)
}

func (s *welcome) Get(ctx context.Context, ids ...string) []session.Answer {
	answers := s.Memory.Get(ctx, ids...)
	for i := range answers {
		answers[i].Err = ctx.Err()
	}
	return answers
}

func (s *terse) Get(ctx context.Context, ids ...string) []session.Answer {
	return slices.DeleteFunc(s.Memory.Get(ctx, ids...), func(a session.Answer) bool { return len(ids) > 1 && a.Err != nil })
}

func (s *sorted) Get(ctx context.Context, ids ...string) []session.Answer {
	return s.Memory.Get(ctx, slices.Sorted(slices.Values(ids))...)
}

func (s *once) Get(ctx context.Context, ids ...string) []session.Answer {
	answers := s.Memory.Get(ctx, ids...)
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			answers[i] = session.Answer{Err: session.ErrNotFound}
		}
	}
	return answers
}

func TestTheSuiteCatchesCarelessStores(t *testing.T) {
	for _, careless := range []struct {
		law    string
		double func() session.Store
	}{
		{"Expires", func() session.Store { return new(undying) }},
		{"Expires", func() session.Store { return new(local) }},
		{"DeleteEnds", func() session.Store { return new(hoarder) }},
		{"KeepsTheSession", func() session.Store { return new(confused) }},
		{"MindsItsContext", func() session.Store { return new(deaf) }},
		{"UnknownIsNotFound", func() session.Store { return new(welcome) }},
		{"AnswersEachId", func() session.Store { return new(terse) }},
		{"AnswersEachId", func() session.Store { return new(sorted) }},
		{"AnswersEachId", func() session.Store { return new(once) }},
	} {
		caught := false
		for _, v := range sessiontest.Check(t.Context(), careless.double) {
			caught = caught || v.Law == careless.law
		}
		if !caught {
			t.Errorf("%T, which breaks %s, was not caught", careless.double(), careless.law)
		}
	}
}

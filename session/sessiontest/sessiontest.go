// Package sessiontest proves implementations of session.Store.
//
// A backend's own test is one call:
//
//	func TestStore(t *testing.T) { sessiontest.Run(t, newStore) }
package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/seckill-go/seckill/session"
)

// Run proves that a store keeps every law of [session.Store]. newStore returns an
// empty store whose clock is the real one; it is called once for each law.
func Run(t *testing.T, newStore func(t *testing.T) session.Store) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			if err := law.check(t.Context(), newStore(t)); err != nil {
				t.Errorf("%s\n%v", law.sentence, err)
			}
		})
	}
}

// Violation is a law that an implementation broke, and how.
type Violation struct {
	Law, Sentence string
	Err           error
}

// Check returns the laws that a store breaks. newStore returns an empty store; it
// is called once for each law.
func Check(ctx context.Context, newStore func() session.Store) []Violation {
	var broken []Violation
	for _, law := range laws {
		if err := law.check(ctx, newStore()); err != nil {
			broken = append(broken, Violation{law.name, law.sentence, err})
		}
	}
	return broken
}

// law is one sentence of the contract and the proof that a store keeps it.
type law struct {
	name, sentence string
	prove          func(context.Context, session.Store) error
}

func (l law) check(ctx context.Context, s session.Store) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return l.prove(ctx, s)
}

var laws = []law{
	{"UnknownIsNotFound", "Get of a session that was never put is ErrNotFound.", unknown},
	{"KeepsTheSession", "What was put is what Get returns, the time in UTC to the millisecond.", keeps},
	{"AnswersEachId", "Get returns an answer to each of 256 ids, in their order, also to one that comes twice.", answers},
	{"Expires", "A session is found for the time from now to its ExpiresAt, however far the node's clock is from now, and at most five seconds longer.", expires},
	{"DeleteEnds", "Delete ends the session and no other; one that is not there is no error.", deletes},
	{"MindsItsContext", "A call whose context has ended returns the context's error.", minds},
}

func sample(id string) session.Session {
	return session.Session{ID: id, User: "user-" + id, ExpiresAt: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)}
}

// get asks for one session.
func get(ctx context.Context, s session.Store, id string) session.Answer {
	switch got := s.Get(ctx, id); len(got) {
	case 1:
		return got[0]
	default:
		return session.Answer{Err: fmt.Errorf("want 1 answer, got %d", len(got))}
	}
}

func want(ctx context.Context, s session.Store, v session.Session) error {
	if got := get(ctx, s, v.ID); got.Err != nil || got.Session != v {
		return fmt.Errorf("Get(%q): want %+v, got %+v, %v", v.ID, v, got.Session, got.Err)
	}
	return nil
}

func wantNone(ctx context.Context, s session.Store, id string) error {
	if err := get(ctx, s, id).Err; !errors.Is(err, session.ErrNotFound) {
		return fmt.Errorf("Get(%q): want ErrNotFound, got %v", id, err)
	}
	return nil
}

func unknown(ctx context.Context, s session.Store) error { return wantNone(ctx, s, "a") }

func keeps(ctx context.Context, s session.Store) error {
	a, b := sample("a"), sample("b")
	return errors.Join(s.Put(ctx, a, time.Now()), s.Put(ctx, b, time.Now()), want(ctx, s, a), want(ctx, s, b))
}

// answers asks for sessions and strangers by turns, two of them twice.
func answers(ctx context.Context, s session.Store) error {
	const most = 256
	ids, known := make([]string, most), map[string]session.Session{}
	for i := range ids {
		ids[i] = strconv.Itoa(most - i)
		if i%2 == 0 {
			known[ids[i]] = sample(ids[i])
			if err := s.Put(ctx, known[ids[i]], time.Now()); err != nil {
				return err
			}
		}
	}
	ids[most-2], ids[most-1] = ids[0], ids[1]
	got := s.Get(ctx, ids...)
	if len(got) != most {
		return fmt.Errorf("want %d answers, got %d", most, len(got))
	}
	for i, id := range ids {
		v, ok := known[id]
		if ok && (got[i].Err != nil || got[i].Session != v) || !ok && !errors.Is(got[i].Err, session.ErrNotFound) {
			return fmt.Errorf("answer %d, to %q: want %+v, got %+v, %v", i, id, v, got[i].Session, got[i].Err)
		}
	}
	if got := s.Get(ctx); len(got) != 0 {
		return fmt.Errorf("Get of nothing: want no answers, got %d", len(got))
	}
	return nil
}

func expires(ctx context.Context, s session.Store) error {
	for i, off := range []time.Duration{0, -time.Hour, time.Hour} {
		if err := expiresBy(ctx, s, strconv.Itoa(i), off); err != nil {
			return fmt.Errorf("%v off: %w", off, err)
		}
	}
	return nil
}

// expiresBy goes by a clock that is off.
func expiresBy(ctx context.Context, s session.Store, name string, off time.Duration) error {
	now := time.Now().Add(off)
	gone, brief, long := sample("gone"+name), sample("brief"+name), sample("long"+name)
	gone.ExpiresAt = now.Add(-time.Second)
	brief.ExpiresAt = now.Add(100 * time.Millisecond).UTC().Truncate(time.Millisecond)
	long.ExpiresAt = now.Add(time.Hour).UTC().Truncate(time.Millisecond)
	if err := errors.Join(s.Put(ctx, gone, now), s.Put(ctx, brief, now), s.Put(ctx, long, now), wantNone(ctx, s, gone.ID)); err != nil {
		return err
	}
	for {
		asked := time.Now().Add(off)
		err := get(ctx, s, brief.ID).Err
		switch {
		case errors.Is(err, session.ErrNotFound) && !time.Now().Add(off).Before(brief.ExpiresAt):
			return want(ctx, s, long)
		case err != nil:
			return fmt.Errorf("before it expires: %w", err)
		case asked.Sub(brief.ExpiresAt) > 5*time.Second:
			return fmt.Errorf("found %v after it expired", asked.Sub(brief.ExpiresAt))
		}
		time.Sleep(time.Millisecond)
	}
}

func deletes(ctx context.Context, s session.Store) error {
	a, b := sample("a"), sample("b")
	return errors.Join(s.Put(ctx, a, time.Now()), s.Put(ctx, b, time.Now()), s.Delete(ctx, "a"), s.Delete(ctx, "a"), s.Delete(ctx, "never"),
		wantNone(ctx, s, "a"), want(ctx, s, b))
}

func minds(ctx context.Context, s session.Store) error {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	got := s.Get(ended, "a", "b")
	if len(got) != 2 {
		return fmt.Errorf("Get: want 2 answers, got %d", len(got))
	}
	for call, err := range map[string]error{
		"Get, first": got[0].Err, "Get, second": got[1].Err, "Put": s.Put(ended, sample("a"), time.Now()), "Delete": s.Delete(ended, "a"),
	} {
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("%s: want context.Canceled, got %v", call, err)
		}
	}
	return wantNone(ctx, s, "a")
}

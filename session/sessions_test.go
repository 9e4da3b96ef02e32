package session_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/session"
)

var key = session.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")}

// counting is a store that counts its reads and fails as told.
type counting struct {
	session.Memory
	reads int
	fail  error
}

func (c *counting) Get(ctx context.Context, ids ...string) []session.Answer {
	c.reads++
	if c.fail != nil {
		return slices.Repeat([]session.Answer{{Err: c.fail}}, len(ids))
	}
	return c.Memory.Get(ctx, ids...)
}

func sessions(t *testing.T, store session.Store, o session.Options) *session.Sessions {
	t.Helper()
	if o.Keys == nil {
		o.Keys = []session.Key{key}
	}
	s, err := session.New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func issue(t *testing.T, s *session.Sessions) (string, session.Session) {
	t.Helper()
	token, v, err := s.Issue(t.Context(), "user-1")
	if err != nil {
		t.Fatal(err)
	}
	return token, v
}

func TestATokenTellsItsUserOnEveryNode(t *testing.T) {
	store := new(counting)
	token, want := issue(t, sessions(t, store, session.Options{}))
	node := sessions(t, store, session.Options{})
	for range 100 {
		if got, err := node.Verify(t.Context(), token); err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if store.reads != 1 {
		t.Errorf("%d reads of the store for 100 requests, want 1", store.reads)
	}
}

func TestAnAlteredTokenIsInvalidAndCostsNoRead(t *testing.T) {
	store := new(counting)
	s := sessions(t, store, session.Options{})
	token, _ := issue(t, s)
	for _, known := range []int{0, 1} { // and also once the genuine one is known
		for i := range len(token) {
			altered := token[:i] + string(token[i]^1) + token[i+1:]
			for range 2 {
				if _, err := s.Verify(t.Context(), altered); !errors.Is(err, session.ErrInvalid) {
					t.Fatalf("byte %d altered: %v", i, err)
				}
			}
		}
		if store.reads != known {
			t.Errorf("want %d reads of the store, got %d", known, store.reads)
		}
		if _, err := s.Verify(t.Context(), token); err != nil {
			t.Error(err)
		}
	}
}

func TestARevokedTokenCostsOneRead(t *testing.T) {
	store := new(counting)
	s := sessions(t, store, session.Options{})
	token, v := issue(t, s)
	if err := store.Delete(t.Context(), v.ID); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := s.Verify(t.Context(), token); !errors.Is(err, session.ErrInvalid) {
			t.Fatalf("got %v", err)
		}
	}
	if store.reads != 1 {
		t.Errorf("want 1 read of the store, got %d", store.reads)
	}
}

func TestAKnownTokenCostsNoMemory(t *testing.T) {
	s := sessions(t, new(session.Memory), session.Options{Keys: []session.Key{{ID: strings.Repeat("k", 16), Secret: key.Secret}}})
	token, _, err := s.Issue(t.Context(), strings.Repeat("u", 64)) // the longest there is
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if allocs := testing.AllocsPerRun(100, func() { s.Verify(ctx, token) }); allocs != 0 {
		t.Errorf("want 0 allocations, got %v", allocs)
	}
}

func TestARevokedTokenIsInvalidHereAtOnceAndElsewhereWithinTheCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(session.Memory)
		here, there := sessions(t, store, session.Options{}), sessions(t, store, session.Options{CacheFor: 50 * time.Millisecond})
		token, _ := issue(t, here)
		for _, s := range []*session.Sessions{here, there} {
			if _, err := s.Verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if err := here.Revoke(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := here.Verify(t.Context(), token); !errors.Is(err, session.ErrInvalid) {
			t.Errorf("here: %v", err)
		}
		time.Sleep(51 * time.Millisecond)
		if _, err := there.Verify(t.Context(), token); !errors.Is(err, session.ErrInvalid) {
			t.Errorf("there: %v", err)
		}
		if err := here.Revoke(t.Context(), "nonsense"); err != nil {
			t.Errorf("revoking nonsense: %v", err)
		}
	})
}

func TestASessionEndsByItself(t *testing.T) {
	now := time.Now()
	s := sessions(t, new(session.Memory), session.Options{TTL: time.Minute, Now: func() time.Time { return now }})
	token, _ := issue(t, s)
	now = now.Add(59 * time.Second)
	if _, err := s.Verify(t.Context(), token); err != nil {
		t.Errorf("before its end: %v", err)
	}
	now = now.Add(time.Second)
	if _, err := s.Verify(t.Context(), token); !errors.Is(err, session.ErrInvalid) {
		t.Errorf("at its end: %v", err)
	}
}

func TestAStoreThatDoesNotAnswerIsNotAnInvalidToken(t *testing.T) {
	store := &counting{}
	s := sessions(t, store, session.Options{})
	token, _ := issue(t, s)
	store.fail = errors.New("down")
	if _, err := s.Verify(t.Context(), token); !errors.Is(err, store.fail) || errors.Is(err, session.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	store.fail = nil
	if _, err := s.Verify(t.Context(), token); err != nil {
		t.Errorf("once it answers: %v", err)
	}
}

func TestATicketIsNoSession(t *testing.T) {
	s := sessions(t, new(session.Memory), session.Options{})
	token, _ := issue(t, s)
	if _, err := s.Verify(t.Context(), strings.Replace(token, "ss1.", "st1.", 1)); !errors.Is(err, session.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestBadOptionsAndUsersAreNamed(t *testing.T) {
	for want, o := range map[string]session.Options{
		"at least one": {},
		"TTL":          {Keys: []session.Key{key}, TTL: time.Millisecond},
		"CacheFor":     {Keys: []session.Key{key}, CacheFor: time.Minute},
		"Secret":       {Keys: []session.Key{{ID: "a"}}},
	} {
		if _, err := session.New(new(session.Memory), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %q", err, want)
		}
	}
	s := sessions(t, new(session.Memory), session.Options{})
	for _, user := range []string{"", "a b", strings.Repeat("u", 65)} {
		if _, _, err := s.Issue(t.Context(), user); err == nil || !strings.Contains(err.Error(), "user") {
			t.Errorf("user %q: %v", user, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s, err := session.New(new(session.Memory), session.Options{Keys: []session.Key{key}})
	if err != nil {
		b.Fatal(err)
	}
	token, _, err := s.Issue(b.Context(), "user-1")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

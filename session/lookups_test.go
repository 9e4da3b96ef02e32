package session_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/session"
)

// slow is a store that takes its time and does as told with what is asked.
type slow struct {
	session.Memory
	takes time.Duration
	spoil func(ctx context.Context, ids []string, answers []session.Answer) []session.Answer

	mu     sync.Mutex
	groups []int
}

func (s *slow) Get(ctx context.Context, ids ...string) []session.Answer {
	s.mu.Lock()
	s.groups = append(s.groups, len(ids))
	s.mu.Unlock()
	time.Sleep(s.takes)
	answers := s.Memory.Get(ctx, ids...)
	if s.spoil != nil {
		answers = s.spoil(ctx, ids, answers)
	}
	return answers
}

// asked returns how many sessions each call was asked for.
func (s *slow) asked() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.groups)
}

// crowd issues a session to each of n users.
func crowd(t testing.TB, s *session.Sessions, n int) (tokens, ids []string) {
	for range n {
		token, v, err := s.Issue(t.Context(), "user-1")
		if err != nil {
			t.Fatal(err)
		}
		tokens, ids = append(tokens, token), append(ids, v.ID)
	}
	return tokens, ids
}

// verifyAll verifies all tokens at once and returns what became of each. The first
// is on its way before the others come.
func verifyAll(t *testing.T, s *session.Sessions, tokens []string) []error {
	errs := make([]error, len(tokens))
	var all sync.WaitGroup
	for i, token := range tokens {
		all.Go(func() { _, errs[i] = s.Verify(t.Context(), token) })
		if i == 0 {
			synctest.Wait()
		}
	}
	all.Wait()
	return errs
}

func TestALoneLookupGoesAtOnceAndThoseWhoComeMeanwhileShareTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slow{takes: time.Millisecond}
		s := sessions(t, store, session.Options{})
		tokens, _ := crowd(t, s, 301)
		start := time.Now()
		for i, err := range verifyAll(t, s, tokens) {
			if err != nil {
				t.Fatalf("token %d: %v", i, err)
			}
		}
		if got := store.asked(); !slices.Equal(got, []int{1, 256, 44}) || time.Since(start) != 3*time.Millisecond {
			t.Errorf("want calls for 1, 256 and 44 sessions in 3ms, got %v in %v", got, time.Since(start))
		}
		if verifyAll(t, s, tokens); len(store.asked()) != 3 {
			t.Errorf("asked again within the second: %v", store.asked())
		}
		time.Sleep(2 * time.Second)
		if verifyAll(t, s, tokens[:1]); len(store.asked()) != 4 {
			t.Errorf("afterwards: want a call more, got %v", store.asked())
		}
	})
}

func TestAFailingIdDoesNotFailTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("one node is down")
		store := &slow{takes: time.Millisecond}
		s := sessions(t, store, session.Options{})
		tokens, ids := crowd(t, s, 4)
		store.spoil = func(_ context.Context, asked []string, answers []session.Answer) []session.Answer {
			if i := slices.Index(asked, ids[2]); i >= 0 {
				answers[i] = session.Answer{Err: down}
			}
			return answers
		}
		if err := store.Delete(t.Context(), ids[1]); err != nil {
			t.Fatal(err)
		}
		for i, want := range []error{nil, session.ErrInvalid, down, nil} {
			if err := verifyAll(t, s, tokens)[i]; !errors.Is(err, want) {
				t.Errorf("token %d: want %v, got %v", i, want, err)
			}
		}
		if got := store.asked()[:2]; !slices.Equal(got, []int{1, 3}) {
			t.Errorf("want them in one call, got %v", got)
		}
		store.spoil = nil
		if _, err := s.Verify(t.Context(), tokens[2]); err != nil {
			t.Errorf("once it answers: %v", err)
		}
	})
}

func TestWhoeverStopsWaitingIsFreeAtOnceAndHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slow{takes: 100 * time.Millisecond}
		s := sessions(t, store, session.Options{})
		tokens, _ := crowd(t, s, 3)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i, token := range tokens {
			all.Go(func() {
				start, ctx := time.Now(), ctx
				if i == 2 {
					ctx = t.Context()
				}
				_, err := s.Verify(ctx, token)
				if i == 2 && err != nil || i < 2 && (!errors.Is(err, context.Canceled) || time.Since(start) != 0) {
					t.Errorf("caller %d: %v after %v", i, err, time.Since(start))
				}
			})
			synctest.Wait() // the first is asked for, the others gather behind it
		}
		cancel()
		all.Wait()
		if verifyAll(t, s, tokens); !slices.Equal(store.asked(), []int{1, 2}) {
			t.Errorf("want what the store has said to be kept, got calls for %v", store.asked())
		}
	})
}

func TestAStoreThatMisbehavesLeavesNobodyWaiting(t *testing.T) {
	for name, spoil := range map[string]func(context.Context, []string, []session.Answer) []session.Answer{
		"panics":          func(context.Context, []string, []session.Answer) []session.Answer { panic("bug") },
		"goes away":       func(context.Context, []string, []session.Answer) []session.Answer { runtime.Goexit(); return nil },
		"says too little": func(_ context.Context, _ []string, a []session.Answer) []session.Answer { return a[1:] },
		"says too much":   func(_ context.Context, _ []string, a []session.Answer) []session.Answer { return append(a, a...) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &slow{takes: time.Millisecond, spoil: spoil}
				s := sessions(t, store, session.Options{})
				tokens, _ := crowd(t, s, 10)
				for i, err := range verifyAll(t, s, tokens) {
					if err == nil || errors.Is(err, session.ErrInvalid) {
						t.Errorf("caller %d: want a fault, got %v", i, err)
					}
				}
				store.spoil = nil
				for i, err := range verifyAll(t, s, tokens) {
					if err != nil {
						t.Errorf("caller %d, once it behaves: %v", i, err)
					}
				}
			})
		})
	}
}

func TestAnAnswerAboutAnotherSessionIsNotBelieved(t *testing.T) {
	store := new(slow)
	s := sessions(t, store, session.Options{})
	tokens, ids := crowd(t, s, 2)
	store.spoil = func(ctx context.Context, _ []string, _ []session.Answer) []session.Answer {
		return store.Memory.Get(ctx, ids[1])
	}
	if _, err := s.Verify(t.Context(), tokens[0]); !errors.Is(err, session.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

// A Redis node that has died keeps its pipelines until their time is over.
func TestASessionThatIsStuckDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var well atomic.Bool
		store := &slow{takes: time.Millisecond}
		s := sessions(t, store, session.Options{})
		tokens, ids := crowd(t, s, 100)
		store.spoil = func(ctx context.Context, asked []string, answers []session.Answer) []session.Answer {
			for i, id := range asked {
				if !well.Load() && slices.Index(ids, id) < 50 {
					<-ctx.Done()
					answers[i] = session.Answer{Err: ctx.Err()}
				}
			}
			return answers
		}
		start := time.Now()
		for i, err := range verifyAll(t, s, tokens) {
			if want := i < 50; errors.Is(err, context.DeadlineExceeded) != want || !want && err != nil {
				t.Errorf("token %d: got %v", i, err)
			}
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("the last was answered after %v", took)
		}
		go verifyAll(t, s, tokens[:50])
		time.Sleep(300 * time.Millisecond)
		start = time.Now()
		for i, err := range verifyAll(t, s, tokens[50:]) {
			if err != nil {
				t.Errorf("token %d beside those that are stuck: %v", i, err)
			}
		}
		if took := time.Since(start); took > 3*time.Millisecond {
			t.Errorf("beside those that are stuck they were answered after %v", took)
		}
		well.Store(true)
		time.Sleep(10 * time.Second)
		before := len(store.asked())
		verifyAll(t, s, tokens)
		if got := store.asked()[before:]; !slices.Equal(got, []int{1, 99}) {
			t.Errorf("once all is well: want calls for 1 and 99 again, got %v", got)
		}
	})
}

func TestARevokedTokenIsInvalidWithinASecondHoweverSlowTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(slow)
		s := sessions(t, store, session.Options{})
		tokens, ids := crowd(t, s, 1)
		store.spoil = func(_ context.Context, _ []string, answers []session.Answer) []session.Answer {
			time.Sleep(1900 * time.Millisecond) // what it has read grows old
			return answers
		}
		var all sync.WaitGroup
		all.Go(func() { s.Verify(t.Context(), tokens[0]) })
		synctest.Wait()
		if err := store.Delete(t.Context(), ids[0]); err != nil { // by another node
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		store.spoil = nil
		if _, err := s.Verify(t.Context(), tokens[0]); !errors.Is(err, session.ErrInvalid) {
			t.Errorf("a second after it was revoked: %v", err)
		}
		all.Wait()
	})
}

func TestTooManyWhoWaitAreToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slow{takes: time.Millisecond}
		s := sessions(t, store, session.Options{})
		s.Crowd(2)
		tokens, _ := crowd(t, s, 4)
		failed := 0
		for _, err := range verifyAll(t, s, tokens) {
			if err != nil && !errors.Is(err, session.ErrInvalid) {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("one asked for, two wait: want one refused, got %d", failed)
		}
	})
}

// BenchmarkVerifyCrowd is the worst case: no session is ever known, and a call of
// the store takes 200 µs.
func BenchmarkVerifyCrowd(b *testing.B) {
	const buyers = 256
	store := &slow{takes: 200 * time.Microsecond}
	s, err := session.New(store, session.Options{Keys: []session.Key{key}, CacheFor: -1})
	if err != nil {
		b.Fatal(err)
	}
	tokens, _ := crowd(b, s, buyers)
	var next atomic.Int64
	var all sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for _, token := range tokens {
		all.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if _, err := s.Verify(b.Context(), token); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(len(store.asked()))/float64(b.N), "calls/op")
}

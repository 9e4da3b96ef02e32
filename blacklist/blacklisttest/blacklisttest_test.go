package blacklisttest_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/blacklist/blacklisttest"
)

func TestAcceptsAListThatKeepsEveryPromise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := blacklisttest.Broken(t.Context(), func() blacklisttest.Fixture {
			m := new(blacklist.Memory)
			return blacklisttest.Fixture{A: m, B: m}
		})
		if broken != nil {
			t.Errorf("want no law broken, got %v", broken)
		}
	})
}

// careless breaks what one of its functions breaks, and keeps the other promises.
type careless struct {
	*blacklist.Memory
	find    func(m *blacklist.Memory, user string) (blacklist.Entry, bool, error)
	add     func(m *blacklist.Memory, e blacklist.Entry) error
	remove  func(m *blacklist.Memory, user string) (bool, error)
	entries func(m *blacklist.Memory) ([]blacklist.Entry, error)
}

func (c careless) Find(ctx context.Context, user string, now time.Time) (blacklist.Entry, bool, error) {
	if c.find != nil {
		return c.find(c.Memory, user)
	}
	return c.Memory.Find(ctx, user, now)
}

func (c careless) Add(ctx context.Context, e blacklist.Entry, now time.Time) error {
	if c.add != nil {
		return c.add(c.Memory, e)
	}
	return c.Memory.Add(ctx, e, now)
}

func (c careless) Remove(ctx context.Context, user string, now time.Time) (bool, error) {
	if c.remove != nil {
		return c.remove(c.Memory, user)
	}
	return c.Memory.Remove(ctx, user, now)
}

func (c careless) Entries(ctx context.Context, now time.Time) ([]blacklist.Entry, error) {
	if c.entries != nil {
		return c.entries(c.Memory)
	}
	return c.Memory.Entries(ctx, now)
}

var ctx = context.Background()

func TestCatchesWhoeverBreaksAPromise(t *testing.T) {
	for name, double := range map[string]struct {
		breaks string
		careless
	}{
		"finds everybody": {"NobodyIsListedAtFirst", careless{find: func(m *blacklist.Memory, user string) (blacklist.Entry, bool, error) {
			e, _, err := m.Find(ctx, user, time.Now())
			return e, true, err
		}}},
		"drops the reason": {"FindsWhatWasAdded", careless{add: func(m *blacklist.Memory, e blacklist.Entry) error {
			e.Reason = ""
			return m.Add(ctx, e, time.Now())
		}}},
		"leaves AddedAt zero": {"AddSetsAddedAt", careless{find: func(m *blacklist.Memory, user string) (blacklist.Entry, bool, error) {
			e, ok, err := m.Find(ctx, user, time.Now())
			e.AddedAt = time.Time{}
			return e, ok, err
		}}},
		"Remove always says yes": {"RemoveSaysWhetherTheUserWasListed", careless{remove: func(m *blacklist.Memory, user string) (bool, error) {
			_, err := m.Remove(ctx, user, time.Now())
			return true, err
		}}},
		"Remove removes nothing": {"RemoveReachesEveryNodeWithinASecond", careless{remove: func(m *blacklist.Memory, user string) (bool, error) {
			_, ok, err := m.Find(ctx, user, time.Now())
			return ok, err
		}}},
		"ends entries in whole seconds": {"AnEntryEndsAtItsTime", careless{add: func(m *blacklist.Memory, e blacklist.Entry) error {
			if !e.ExpiresAt.IsZero() {
				e.ExpiresAt = e.ExpiresAt.Add(time.Second)
			}
			return m.Add(ctx, e, time.Now())
		}}},
		"ends entries early": {"AnEntryEndsAtItsTime", careless{add: func(m *blacklist.Memory, e blacklist.Entry) error {
			if !e.ExpiresAt.IsZero() {
				e.ExpiresAt = e.ExpiresAt.Add(-50 * time.Millisecond)
			}
			return m.Add(ctx, e, time.Now())
		}}},
		"ignores expired entries": {"AnExpiredEntryIsNotListed", careless{add: func(m *blacklist.Memory, e blacklist.Entry) error {
			if e.Expired(time.Now()) {
				return nil
			}
			return m.Add(ctx, e, time.Now())
		}}},
		"keeps the first entry": {"AddReplaces", careless{add: func(m *blacklist.Memory, e blacklist.Entry) error {
			if _, ok, _ := m.Find(ctx, e.User, time.Now()); ok && !e.Expired(time.Now()) {
				return nil
			}
			return m.Add(ctx, e, time.Now())
		}}},
		"leaves the old timer running": {"AReplacedEntrysEndEndsNothing", careless{add: func(m *blacklist.Memory, e blacklist.Entry) error {
			if !e.ExpiresAt.IsZero() {
				time.AfterFunc(time.Until(e.ExpiresAt), func() { m.Remove(ctx, e.User, time.Now()) })
			}
			return m.Add(ctx, e, time.Now())
		}}},
		"lists in any order": {"EntriesAreSortedAndCurrent", careless{entries: func(m *blacklist.Memory) ([]blacklist.Entry, error) {
			all, err := m.Entries(ctx, time.Now())
			slices.Reverse(all)
			return all, err
		}}},
		"goes by the node's clock": {"TheCallersTimeDecides", careless{find: func(m *blacklist.Memory, user string) (blacklist.Entry, bool, error) {
			return m.Find(ctx, user, time.Now())
		}}},
		"takes any user": {"AnInvalidUserIsNotAdded", careless{add: func(*blacklist.Memory, blacklist.Entry) error { return nil }}},
	} {
		t.Run(name, func(t *testing.T) {
			mustBreak(t, double.breaks, func() blacklisttest.Fixture {
				c := double.careless
				c.Memory = new(blacklist.Memory)
				return blacklisttest.Fixture{A: c, B: c}
			})
		})
	}
}

func mustBreak(t *testing.T, law string, newFixture func() blacklisttest.Fixture) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if broken := blacklisttest.Broken(t.Context(), newFixture); !slices.Contains(broken, law) {
			t.Errorf("want %s broken, got %v", law, broken)
		}
	})
}

// forgetful asks the list once about each user, and never again.
type forgetful struct {
	*blacklist.Memory
	mu   *sync.Mutex
	seen map[string]answer
}

type answer struct {
	entry blacklist.Entry
	ok    bool
}

func (f forgetful) Find(ctx context.Context, user string, now time.Time) (blacklist.Entry, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a, ok := f.seen[user]; ok {
		return a.entry, a.ok, nil
	}
	e, ok, err := f.Memory.Find(ctx, user, now)
	f.seen[user] = answer{e, ok}
	return e, ok, err
}

func TestCatchesANodeThatDoesNotLookAgain(t *testing.T) {
	for _, law := range []string{"AddReachesEveryNodeWithinASecond", "RemoveReachesEveryNodeWithinASecond"} {
		mustBreak(t, law, func() blacklisttest.Fixture {
			m := new(blacklist.Memory)
			return blacklisttest.Fixture{A: m, B: forgetful{m, new(sync.Mutex), make(map[string]answer)}}
		})
	}
}

// Of those that add at the same time, the double lets the last one win.
func TestCatchesALostWrite(t *testing.T) {
	mustBreak(t, "LosesNoneOfManyAtOnce", func() blacklisttest.Fixture {
		var begun atomic.Int64
		c := careless{Memory: new(blacklist.Memory), add: func(m *blacklist.Memory, e blacklist.Entry) error {
			n := begun.Add(1)
			time.Sleep(time.Millisecond)
			if begun.Load() != n {
				return nil
			}
			return m.Add(ctx, e, time.Now())
		}}
		return blacklisttest.Fixture{A: c, B: c}
	})
}

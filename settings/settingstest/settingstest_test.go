package settingstest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/settings/settingstest"
)

func TestAcceptsAStoreThatKeepsEveryPromise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := settingstest.Broken(t.Context(), func() settingstest.Fixture {
			m := new(settings.Memory)
			return settingstest.Fixture{A: m, B: m}
		})
		if broken != nil {
			t.Errorf("want no law broken, got %v", broken)
		}
	})
}

type change = func(*settings.Settings) error

// careless breaks what one of its functions breaks, and keeps the other promises.
type careless struct {
	*settings.Memory
	get    func(m *settings.Memory) (settings.Settings, error)
	update func(m *settings.Memory, c change) (settings.Settings, error)
}

func (c careless) Get(ctx context.Context) (settings.Settings, error) {
	if c.get != nil {
		return c.get(c.Memory)
	}
	return c.Memory.Get(ctx)
}

func (c careless) Update(ctx context.Context, change func(*settings.Settings) error) (settings.Settings, error) {
	if c.update != nil {
		return c.update(c.Memory, change)
	}
	return c.Memory.Update(ctx, change)
}

var ctx = context.Background()

func TestCatchesWhoeverBreaksAPromise(t *testing.T) {
	for name, double := range map[string]struct {
		breaks string
		careless
	}{
		"nothing holds at first": {"TheDefaultHoldsAtFirst", careless{get: func(m *settings.Memory) (settings.Settings, error) {
			if s, err := m.Get(ctx); s.Version > 0 {
				return s, err
			}
			return settings.Settings{ReadAt: time.Now()}, nil
		}}},
		"returns what was before": {"AChangeIsSeenAtOnceOnItsNode", careless{update: func(m *settings.Memory, c change) (settings.Settings, error) {
			before, _ := m.Get(ctx)
			_, err := m.Update(ctx, c)
			return before, err
		}}},
		"writes only what differs": {"VersionRisesByOne", careless{update: func(m *settings.Memory, c change) (settings.Settings, error) {
			before, _ := m.Get(ctx)
			after := before
			if c(&after) == nil && after == before {
				return before, nil
			}
			return m.Update(ctx, c)
		}}},
		"lets change date the settings": {"ChangeDoesNotSetVersionOrReadAt", careless{update: func(m *settings.Memory, c change) (settings.Settings, error) {
			s, err := m.Update(ctx, c)
			c(&s)
			return s, err
		}}},
		"wraps the error of change": {"AnErrorOfChangeWritesNothing", careless{update: func(m *settings.Memory, c change) (settings.Settings, error) {
			s, err := m.Update(ctx, c)
			if err != nil {
				err = fmt.Errorf("update: %w", err)
			}
			return s, err
		}}},
		"writes what change refused": {"AnErrorOfChangeWritesNothing", careless{update: func(m *settings.Memory, c change) (settings.Settings, error) {
			var refused error
			s, err := m.Update(ctx, func(s *settings.Settings) error { refused = c(s); return nil })
			if refused != nil {
				return s, refused
			}
			return s, err
		}}},
		"mends what is invalid": {"InvalidSettingsAreNotWritten", careless{update: func(m *settings.Memory, c change) (settings.Settings, error) {
			return m.Update(ctx, func(s *settings.Settings) error {
				err := c(s)
				if s.Validate() != nil {
					*s = settings.Default()
				}
				return err
			})
		}}},
		"the last writer wins": {"ChangeIsCalledAgainOnAConflict", careless{update: lastWriterWins}},
		"loses updates":        {"LosesNoneOfManyUpdates", careless{update: lastWriterWins}},
		"ReadAt is not kept": {"ReadAtIsRecent", careless{get: func(m *settings.Memory) (settings.Settings, error) {
			s, err := m.Get(ctx)
			s.ReadAt = time.Time{}
			return s, err
		}}},
		"ignores its context": {"AnEndedContextEndsUpdate", careless{update: func(m *settings.Memory, c change) (settings.Settings, error) {
			return m.Update(ctx, c)
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			mustBreak(t, double.breaks, func() settingstest.Fixture {
				c := double.careless
				c.Memory = new(settings.Memory)
				return settingstest.Fixture{A: c, B: c}
			})
		})
	}
}

// lastWriterWins reads, changes and writes in three steps.
func lastWriterWins(m *settings.Memory, c change) (settings.Settings, error) {
	s, _ := m.Get(ctx)
	if err := c(&s); err != nil {
		return s, err
	}
	time.Sleep(time.Millisecond)
	return m.Update(ctx, func(now *settings.Settings) error { *now = s; return nil })
}

func mustBreak(t *testing.T, law string, newFixture func() settingstest.Fixture) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if broken := settingstest.Broken(t.Context(), newFixture); !slices.Contains(broken, law) {
			t.Errorf("want %s broken, got %v", law, broken)
		}
	})
}

func TestCatchesANodeThatIsLate(t *testing.T) {
	mustBreak(t, "AChangeReachesEveryNodeWithinASecond", func() settingstest.Fixture {
		m := new(settings.Memory)
		return settingstest.Fixture{A: m, B: careless{Memory: m, get: older(1_000_000)}}
	})
	mustBreak(t, "ChangeBeginsWithTheCurrentSettings", func() settingstest.Fixture {
		m := new(settings.Memory)
		return settingstest.Fixture{A: m, B: careless{Memory: m, update: fromItsOwnCopy()}}
	})
}

func TestCatchesANodeThatGoesBack(t *testing.T) {
	mustBreak(t, "NeverGoesBack", func() settingstest.Fixture {
		m := new(settings.Memory)
		return settingstest.Fixture{A: m, B: careless{Memory: m, get: older(3)}}
	})
}

// fromItsOwnCopy lets change alter what this node wrote last.
func fromItsOwnCopy() func(m *settings.Memory, c change) (settings.Settings, error) {
	var mu sync.Mutex
	own := settings.Default()
	return func(m *settings.Memory, c change) (settings.Settings, error) {
		mu.Lock()
		defer mu.Unlock()
		if err := c(&own); err != nil {
			return own, err
		}
		return m.Update(ctx, func(s *settings.Settings) error { *s = own; return nil })
	}
}

// older answers with the first settings it saw, all but each n-th time.
func older(n int) func(m *settings.Memory) (settings.Settings, error) {
	var mu sync.Mutex
	var first settings.Settings
	var calls int
	return func(m *settings.Memory) (settings.Settings, error) {
		mu.Lock()
		defer mu.Unlock()
		s, err := m.Get(ctx)
		if calls++; calls == 1 {
			first = s
		}
		if calls%n == 0 {
			return s, err
		}
		return first, err
	}
}

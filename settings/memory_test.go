package settings_test

import (
	"testing"
	"time"

	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/settings/settingstest"
)

func TestMemory(t *testing.T) {
	settingstest.Run(t, func(*testing.T) settingstest.Fixture {
		m := new(settings.Memory)
		return settingstest.Fixture{A: m, B: m}
	})
}

func TestMemoryFollowsItsClock(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	m := &settings.Memory{Now: func() time.Time { return now }}
	if s, _ := m.Get(t.Context()); !s.ReadAt.Equal(now) {
		t.Errorf("want ReadAt %v, got %v", now, s.ReadAt)
	}
}

func TestMemoryGetAllocatesNothing(t *testing.T) {
	m, ctx := new(settings.Memory), t.Context()
	if allocs := testing.AllocsPerRun(100, func() { m.Get(ctx) }); allocs != 0 {
		t.Errorf("want 0 allocations, got %v", allocs)
	}
}

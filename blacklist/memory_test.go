package blacklist_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/blacklist/blacklisttest"
)

func TestMemory(t *testing.T) {
	blacklisttest.Run(t, func(*testing.T) blacklisttest.Fixture {
		m := new(blacklist.Memory)
		return blacklisttest.Fixture{A: m, B: m}
	})
}

func TestMemoryForgetsExpiredEntries(t *testing.T) {
	now := time.Now()
	m := new(blacklist.Memory)
	for i := range 10_000 {
		now = now.Add(time.Second)
		m.Add(t.Context(), blacklist.Entry{User: strconv.Itoa(i), ExpiresAt: now.Add(100 * time.Second)}, now)
	}
	if n := m.Len(); n > 2*100+64 {
		t.Errorf("100 entries have not expired: want no more than about twice that kept, got %d", n)
	}
}

func TestMemoryFindAllocatesNothing(t *testing.T) {
	m, ctx := new(blacklist.Memory), context.Background()
	m.Add(ctx, blacklist.Entry{User: "u", ExpiresAt: time.Now().Add(time.Hour)}, time.Now())
	for _, user := range []string{"u", "nobody"} {
		if allocs := testing.AllocsPerRun(100, func() { m.Find(ctx, user, time.Now()) }); allocs != 0 {
			t.Errorf("Find(%q): want 0 allocations, got %v", user, allocs)
		}
	}
}

package cache_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/internal/cache"
)

// counter is a load that returns how often it was called.
type counter struct{ calls atomic.Int64 }

func (c *counter) load(context.Context) (int64, error) { return c.calls.Add(1), nil }

func get(t *testing.T, c *cache.Cache[string, int64], key string, load func(context.Context) (int64, error)) int64 {
	t.Helper()
	v, err := c.Get(t.Context(), key, load)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAValueLivesForItsTimeAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := cache.New[string, int64](time.Second, 10), new(counter)
		get(t, c, "a", n.load)
		time.Sleep(time.Second - 1)
		if v := get(t, c, "a", n.load); v != 1 {
			t.Errorf("a nanosecond before the end: want the kept 1, got %d", v)
		}
		time.Sleep(time.Nanosecond)
		if v := get(t, c, "a", n.load); v != 2 {
			t.Errorf("at the end: want a new load, got %d", v)
		}
	})
}

func TestKeptIsWhatIsThereAndStillYoung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := cache.New[string, int64](time.Second, 10), new(counter)
		kept := func(want bool) {
			t.Helper()
			if v, ok := c.Kept("a", time.Now()); ok != want || ok && v != 1 {
				t.Errorf("want %v, got %v, %d", want, ok, v)
			}
		}
		kept(false)
		e, _ := c.Find("a")
		kept(false)
		c.Fill(e, 1, nil)
		kept(true)
		time.Sleep(time.Second - 1)
		kept(true)
		time.Sleep(time.Nanosecond)
		kept(false)
		if get(t, c, "a", n.load); n.calls.Load() != 1 {
			t.Errorf("want one load, got %d", n.calls.Load())
		}
		c.Get(t.Context(), "a", func(context.Context) (int64, error) { return 0, errors.ErrUnsupported })
		kept(true)
	})
}

func TestTheTimeCountsFromBeforeTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := cache.New[string, int64](time.Second, 10), new(counter)
		get(t, c, "a", func(ctx context.Context) (int64, error) {
			time.Sleep(900 * time.Millisecond)
			return n.load(ctx)
		})
		time.Sleep(100 * time.Millisecond)
		if v := get(t, c, "a", n.load); v != 2 {
			t.Errorf("want a new load a second after the last began, got %d", v)
		}
	})
}

func TestCallersWhoMissTogetherShareOneLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := cache.New[string, int64](time.Minute, 10), new(counter)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				get(t, c, "a", func(ctx context.Context) (int64, error) {
					time.Sleep(time.Second)
					return n.load(ctx)
				})
			})
		}
		all.Wait()
		if calls := n.calls.Load(); calls != 1 {
			t.Errorf("want 1 load, got %d", calls)
		}
	})
}

func TestWhoeverWaitsMayLeaveAndTheLoadGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := cache.New[string, int64](time.Minute, 10), new(counter)
		slow := func(ctx context.Context) (int64, error) {
			time.Sleep(time.Second)
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			return n.load(ctx)
		}
		first, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { c.Get(first, "a", slow) })
		synctest.Wait()
		all.Go(func() {
			if v, err := c.Get(t.Context(), "a", slow); v != 1 || err != nil {
				t.Errorf("who waits on: want 1, got %d, %v", v, err)
			}
		})
		cancel()
		start := time.Now()
		if _, err := c.Get(first, "a", slow); !errors.Is(err, context.Canceled) || time.Since(start) != 0 {
			t.Errorf("who leaves: want context.Canceled at once, got %v after %v", err, time.Since(start))
		}
		all.Wait()
	})
}

func TestAHitIsAnsweredEvenIfTheCallersTimeIsOver(t *testing.T) {
	c, n := cache.New[string, int64](time.Minute, 10), new(counter)
	get(t, c, "a", n.load)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if _, err := c.Get(ctx, "a", n.load); err != nil {
			t.Fatal(err)
		}
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	c, n := cache.New[string, int64](time.Minute, 10), new(counter)
	fault := errors.New("down")
	if _, err := c.Get(t.Context(), "a", func(context.Context) (int64, error) { return 0, fault }); err != fault {
		t.Errorf("want the load's error, got %v", err)
	}
	if v := get(t, c, "a", n.load); v != 1 {
		t.Errorf("want a new load, got %d", v)
	}
}

func TestALoadThatPanicsLeavesNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := cache.New[string, int64](time.Minute, 10), new(counter)
		var all sync.WaitGroup
		all.Go(func() {
			defer func() {
				if recover() == nil {
					t.Error("want the panic in the caller that ran the load")
				}
			}()
			c.Get(t.Context(), "a", func(context.Context) (int64, error) {
				time.Sleep(time.Second)
				panic("bug")
			})
		})
		synctest.Wait()
		all.Go(func() {
			if _, err := c.Get(t.Context(), "a", n.load); err == nil {
				t.Error("want an error for who waited")
			}
		})
		all.Wait()
		if v := get(t, c, "a", n.load); v != 1 {
			t.Errorf("afterwards: want a new load, got %d", v)
		}
	})
}

func TestForgetReachesALoadUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := cache.New[string, int64](time.Minute, 10), new(counter)
		var all sync.WaitGroup
		all.Go(func() {
			get(t, c, "a", func(ctx context.Context) (int64, error) {
				v, err := n.load(ctx)
				time.Sleep(time.Second)
				return v, err
			})
		})
		synctest.Wait()
		c.Forget("a")
		if v := get(t, c, "a", n.load); v != 2 {
			t.Errorf("want a load that began after Forget, got number %d", v)
		}
		all.Wait()
		if v := get(t, c, "a", n.load); v != 2 {
			t.Errorf("want the newer value to stay, got number %d", v)
		}
	})
}

func TestNeverKeepsMoreThanItsBound(t *testing.T) {
	const bound = 10
	c, n := cache.New[string, int64](time.Minute, bound), new(counter)
	for i := range 1000 {
		get(t, c, strconv.Itoa(i), n.load)
	}
	before := n.calls.Load()
	for i := range 1000 {
		c.Get(t.Context(), strconv.Itoa(i), func(context.Context) (int64, error) {
			n.calls.Add(1)
			return 0, errors.ErrUnsupported
		})
	}
	// The first miss pushes one out before its load fails.
	if hits := 1000 - (n.calls.Load() - before); hits < bound-1 || hits > bound {
		t.Errorf("want %d values kept, got %d", bound, hits)
	}
}

func TestAHitAllocatesNothing(t *testing.T) {
	c, n := cache.New[string, int64](time.Minute, 10), new(counter)
	ctx := t.Context()
	hit := func() { c.Get(ctx, "a", func(ctx context.Context) (int64, error) { return n.load(ctx) }) }
	if allocs := testing.AllocsPerRun(100, hit); allocs != 0 {
		t.Errorf("want 0 allocations, got %v", allocs)
	}
}

func BenchmarkHit(b *testing.B) {
	c, n := cache.New[string, int64](time.Hour, 10), new(counter)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		c.Get(ctx, "a", func(ctx context.Context) (int64, error) { return n.load(ctx) })
	}
}

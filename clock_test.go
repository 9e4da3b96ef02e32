package seckill_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
)

// clocked is a ledger with a clock, which is right. It notes by what time overdue
// orders are asked for.
type clocked struct {
	*order.Memory
	asked atomic.Int64
	wrong atomic.Int64
	away  atomic.Bool
}

func (c *clocked) Clock(context.Context) (time.Time, error) {
	if c.away.Load() {
		return time.Time{}, errors.New("away")
	}
	return time.Now(), nil
}

func (c *clocked) Overdue(ctx context.Context, before time.Time, limit int) ([]order.Order, error) {
	c.asked.Add(1)
	if time.Until(before).Abs() > time.Minute {
		c.wrong.Add(1)
	}
	return c.Memory.Overdue(ctx, before, limit)
}

func TestANodeWithAWrongClockGoesByTheLedgers(t *testing.T) {
	for name, wrong := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			ledger := &clocked{Memory: new(order.Memory)}
			s := open(t, 10, 0, func(o *seckill.Options) { o.Orders = ledger })
			s.SetMachine(func() time.Time { return time.Now().Add(wrong) }, sinceNow())
			if off := time.Until(s.Time()); (off - wrong).Abs() > time.Minute {
				t.Fatalf("off by %v before the ledger was asked, want %v", off, wrong)
			}
			s.run()
			s.eventually("the ledger's time", func() bool { return time.Until(s.Time()).Abs() < time.Second })
			s.ticket("user-1", 1) // the sale is open for an hour before and after now
			before := ledger.wrong.Load()
			asked := ledger.asked.Load()
			s.eventually("two sweeps", func() bool { return ledger.asked.Load() > asked+2 })
			if n := ledger.wrong.Load() - before; n > 1 { // one may have begun before
				t.Errorf("%d sweeps went by the wrong clock", n)
			}
		})
	}
}

func TestSettingTheMachinesClockMovesNothing(t *testing.T) {
	ledger := &clocked{Memory: new(order.Memory)}
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders = ledger })
	var step atomic.Int64
	s.SetMachine(func() time.Time { return time.Now().Add(time.Duration(step.Load())) }, sinceNow())
	step.Store(int64(time.Hour))
	s.run()
	s.eventually("the ledger's time", func() bool { return time.Until(s.Time()).Abs() < time.Second })
	ledger.away.Store(true)
	step.Store(int64(-time.Hour))
	if off := time.Until(s.Time()); off.Abs() > time.Second {
		t.Errorf("off by %v after a step", off)
	}
}

// sinceNow counts the time that passes, as no setting of a clock changes it.
func sinceNow() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

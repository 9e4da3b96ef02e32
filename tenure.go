package seckill

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/settings"
)

// tenure is this node's hold on a goods' lease, kept from group to group: a group
// costs no call to the lock. It ends when another node wants the lease in a way
// that excludes ours, when the lease is lost, or after a while without buyers.
type tenure struct {
	e       *Engine
	goodsID string

	busy  sync.Mutex // held while a group sells, and to end the tenure
	lease lock.Lease
	since time.Time
	mode  lock.Mode
	used  time.Time
	blind time.Time // the lock did not answer: sell without a lease until then

	shown atomic.Pointer[Lease] // what an operator sees, without waiting for a group
}

// Lease is this node's lease on a goods.
type Lease struct {
	// Mode is "shared" or "exclusive".
	Mode  string
	Fence int64
}

const (
	// tenureIdle is how long a lease is kept without buyers.
	tenureIdle = 30 * time.Second
	// blindFor is how long an unreachable lock is not asked again. Sales go on
	// without a lease; the gate's fence travels to the ledger instead.
	blindFor = 5 * time.Second
)

// enter returns the fence to sell under, 0 for none, and the function that ends
// the group. Groups of one goods and node enter one at a time.
func (t *tenure) enter(ctx context.Context) (fence int64, done func(), err error) {
	t.busy.Lock()
	live, err := t.e.o.Settings.Get(ctx)
	if err != nil {
		live = settings.Default()
	}
	t.used = time.Now()
	if t.usable(live) {
		return t.lease.Fence(), t.busy.Unlock, nil
	}
	if time.Now().Before(t.blind) {
		return 0, t.busy.Unlock, nil
	}
	t.end(ctx)
	lease, err := lock.Within(ctx, t.e.o.Locker, lockName(t.goodsID), lock.Options{Mode: lockMode(live), TTL: live.Lock.TTL}, live.Lock.Wait)
	switch {
	case errors.Is(err, lock.ErrNotObtained):
		t.busy.Unlock()
		return 0, nil, err
	case err != nil:
		t.blind = time.Now().Add(blindFor)
		t.e.log.Warn("lock does not answer, selling without a lease", "goods", t.goodsID, "error", err)
		return 0, t.busy.Unlock, nil
	}
	t.lease, t.since, t.mode = lease, time.Now(), lockMode(live)
	t.shown.Store(&Lease{t.mode.String(), lease.Fence()})
	rested := t.since.Add(live.Lock.Slice)
	if t.mode != lock.Exclusive {
		rested = t.since // only rare and short work wants a shared lease away
	}
	t.e.spawn(func() { t.watch(lease, rested) })
	return lease.Fence(), t.busy.Unlock, nil
}

func (t *tenure) usable(live settings.Settings) bool {
	if t.lease == nil || t.mode != lockMode(live) {
		return false
	}
	select {
	case <-t.lease.Lost():
		return false
	default:
		return true
	}
}

// watch ends the tenure when it is time to: when the lease is lost, when another
// node wants it and it has rested here long enough, or when nobody buys.
func (t *tenure) watch(lease lock.Lease, rested time.Time) {
	idle := time.NewTicker(tenureIdle)
	defer idle.Stop()
	for wait := true; wait; {
		select {
		case <-lease.Lost():
			wait = false
		case <-t.e.closing:
			wait = false
		case <-lease.Wanted():
			select {
			case <-time.After(time.Until(rested)):
			case <-lease.Lost():
			}
			wait = false
		case <-idle.C:
			wait = t.inUse()
		}
	}
	t.finish(lease)
}

func (t *tenure) inUse() bool {
	t.busy.Lock()
	defer t.busy.Unlock()
	return time.Since(t.used) < tenureIdle
}

// finish ends the tenure if it is still the one of this lease.
func (t *tenure) finish(lease lock.Lease) {
	t.busy.Lock()
	defer t.busy.Unlock()
	if t.lease == lease {
		t.end(context.Background())
	}
}

// drop ends the tenure after its fence was refused.
func (t *tenure) drop(ctx context.Context) {
	t.busy.Lock()
	defer t.busy.Unlock()
	t.end(ctx)
}

// end gives the lease back; the caller holds busy.
func (t *tenure) end(ctx context.Context) {
	if t.lease == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readPatience)
	defer cancel()
	if err := t.lease.Release(ctx); err != nil {
		t.e.log.Warn("lease not released, it ends with its TTL", "goods", t.goodsID, "error", err)
	}
	t.lease = nil
	t.shown.Store(nil)
}

func lockName(goodsID string) string { return "goods." + goodsID }

func lockMode(s settings.Settings) lock.Mode {
	if s.Lock.Mode == settings.Exclusive {
		return lock.Exclusive
	}
	return lock.Shared
}

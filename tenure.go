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
	settled func() // waits until the gate knows of all groups

	used atomic.Int64 // when a group began or ended, in ns

	busy   sync.RWMutex // held for reading while a group sells, for writing to begin or end the tenure
	lease  lock.Lease
	mode   lock.Mode
	blind  time.Time // zero: the lock answers; else when to ask it again
	asking bool      // that is being done

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
	// lastGroup is how long the group under way may take when the lease is wanted
	// and the slice over. A node that keeps it longer is taken over: if it is dead,
	// nobody waits for its TTL; if not, the fence decides whose group counts.
	lastGroup = time.Second
)

// enter returns the fence to sell under, 0 for none, and the function that ends
// the group.
func (t *tenure) enter(ctx context.Context) (fence int64, done func(), err error) {
	live := t.live(ctx)
	for {
		t.busy.RLock()
		if t.usable(live) || t.isBlind() {
			t.used.Store(time.Now().UnixNano())
			if t.lease != nil {
				fence = t.lease.Fence()
			}
			return fence, t.leave, nil
		}
		t.busy.RUnlock()
		if err := t.renew(ctx, live); err != nil {
			return 0, nil, err
		}
	}
}

func (t *tenure) leave() {
	t.used.Store(time.Now().UnixNano())
	t.busy.RUnlock()
}

func (t *tenure) live(ctx context.Context) settings.Settings {
	live, err := t.e.o.Settings.Get(ctx)
	if err != nil {
		live = settings.Default()
	}
	return live
}

// isBlind reports whether to sell without a lease.
func (t *tenure) isBlind() bool {
	return t.lease == nil && !t.blind.IsZero() && (t.asking || time.Now().Before(t.blind))
}

// renew asks for a lease, or does without: a group waits for a lock that answers,
// but one that did not is asked again behind its back. It fails if somebody else
// keeps the lease.
func (t *tenure) renew(ctx context.Context, live settings.Settings) error {
	t.busy.Lock()
	defer t.busy.Unlock()
	switch {
	case t.usable(live) || t.isBlind():
		return nil // another group did it
	case t.blind.IsZero():
		t.end(ctx, "mode")
		lease, err := t.ask(ctx, live)
		return t.take(live, lease, err)
	}
	t.asking = true
	t.e.spawn(func() {
		lease, err := t.ask(context.Background(), live)
		t.busy.Lock()
		defer t.busy.Unlock()
		t.asking = false
		_ = t.take(live, lease, err) // the next group waits for whoever keeps it
	})
	return nil
}

func (t *tenure) ask(ctx context.Context, live settings.Settings) (lock.Lease, error) {
	ctx, stage := t.e.start(ctx, Stage{Name: StageLease, GoodsID: t.goodsID, Size: 1})
	lease, err := lock.Within(ctx, t.e.o.Locker, lockName(t.goodsID), lock.Options{
		Mode: lockMode(live), TTL: live.Lock.TTL, Yield: live.Lock.Slice + lastGroup, Node: t.e.o.Node,
	}, live.Lock.Wait)
	stage.done(err)
	return lease, err
}

// take begins a tenure, or says why there is none; the caller holds busy.
func (t *tenure) take(live settings.Settings, lease lock.Lease, err error) error {
	t.blind = time.Time{}
	switch {
	case errors.Is(err, lock.ErrNotObtained):
		return err
	case err != nil:
		t.blind = time.Now().Add(blindFor)
		t.e.log.Warn("lock does not answer, selling without a lease", "goods", t.goodsID, "error", err)
		return nil
	}
	t.lease, t.mode = lease, lockMode(live)
	t.e.tally.leases.Add(1)
	t.shown.Store(&Lease{t.mode.String(), lease.Fence()})
	slice := live.Lock.Slice
	if t.mode != lock.Exclusive {
		slice = 0 // only rare and short work wants a shared lease away
	}
	t.e.spawn(func() { t.watch(lease, slice) })
	return nil
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
func (t *tenure) watch(lease lock.Lease, slice time.Duration) {
	since := time.Now()
	idle := time.NewTicker(tenureIdle)
	defer idle.Stop()
	why := Code("")
	for why == "" {
		select {
		case <-lease.Lost():
			why = "lost"
		case <-t.e.closing:
			why = "stopped"
		case <-lease.Wanted():
			t.rest(lease, since.Add(slice), max(slice/10, time.Millisecond))
			why = "handed_over"
		case <-idle.C:
			if !t.inUse(tenureIdle) {
				why = "idle"
			}
		}
	}
	t.finish(lease, why)
}

// rest keeps a wanted lease to the end of its slice, unless no buyer comes for as
// long as a lull: then the other node has some.
func (t *tenure) rest(lease lock.Lease, end time.Time, lull time.Duration) {
	for time.Now().Before(end) && t.inUse(lull) {
		select {
		case <-time.After(min(lull, time.Until(end))):
		case <-lease.Lost():
			return
		}
	}
}

// inUse reports whether a group was sold not longer ago than that, or still is.
func (t *tenure) inUse(within time.Duration) bool {
	if !t.busy.TryLock() {
		return true
	}
	defer t.busy.Unlock()
	return time.Since(time.Unix(0, t.used.Load())) < within
}

// finish ends the tenure if it is still the one of this lease.
func (t *tenure) finish(lease lock.Lease, why Code) {
	t.busy.Lock()
	defer t.busy.Unlock()
	if t.lease == lease {
		t.end(context.Background(), why)
	}
}

// drop ends the tenure after its fence was refused.
func (t *tenure) drop(ctx context.Context) {
	t.busy.Lock()
	defer t.busy.Unlock()
	t.end(ctx, "fenced")
}

// end gives the lease back; the caller holds busy. Nobody waits for a lease that
// is lost already: the lock may be away. why is what the tally says.
func (t *tenure) end(ctx context.Context, why Code) {
	lease := t.lease
	if lease == nil {
		return
	}
	t.lease = nil
	t.shown.Store(nil)
	select {
	case <-lease.Lost():
		t.e.tally.leasesEnded.add("lost")
		t.e.spawn(func() { t.release(ctx, lease) })
	default:
		t.e.tally.leasesEnded.add(why)
		t.settled()
		t.release(ctx, lease)
	}
}

func (t *tenure) release(ctx context.Context, lease lock.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readPatience)
	defer cancel()
	if err := lease.Release(ctx); err != nil {
		t.e.log.Warn("lease not released, it ends with its TTL", "goods", t.goodsID, "error", err)
	}
}

func lockName(goodsID string) string { return "goods." + goodsID }

func lockMode(s settings.Settings) lock.Mode {
	if s.Lock.Mode == settings.Exclusive {
		return lock.Exclusive
	}
	return lock.Shared
}

package locktest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/lock"
)

func fencesRise(ctx context.Context, f Fixture) error {
	var highest int64
	for i := range 12 {
		o := exclusive
		if i%3 == 0 {
			o = shared
		}
		lease, err := obtain(ctx, f.caller(i), o)
		if err != nil {
			return err
		}
		fence := lease.Fence()
		if fence < 1 || fence < highest || o == exclusive && fence == highest {
			return fmt.Errorf("a lease that is %v has fence %d after %d", o.Mode, fence, highest)
		}
		highest = fence
		if err := release(ctx, lease); err != nil {
			return err
		}
	}
	return nil
}

func sharedFenceIsTheLastExclusive(ctx context.Context, f Fixture) error {
	want := int64(1)
	for i := range 3 {
		waited, err := f.caller(i+1).Acquire(ctx, name, shared)
		if err != nil {
			return err
		}
		tried, err := obtain(ctx, f.caller(i), shared)
		if err != nil {
			return err
		}
		if waited.Fence() != want || tried.Fence() != want {
			return fmt.Errorf("shared fences are %d and %d, want %d", waited.Fence(), tried.Fence(), want)
		}
		if err := release(ctx, waited, tried); err != nil {
			return err
		}
		last, err := obtain(ctx, f.Locker, exclusive)
		if err != nil {
			return err
		}
		want = last.Fence()
		if err := release(ctx, last); err != nil {
			return err
		}
	}
	return nil
}

func leaseOutlivesItsCtx(ctx context.Context, f Fixture) error {
	call, cancel := context.WithCancel(ctx)
	defer cancel()
	acquired, err := f.Locker.Acquire(call, name, shared)
	if err != nil {
		return err
	}
	tried, err := obtain(call, f.Other, shared)
	if err != nil {
		return err
	}
	cancel()
	sharpen()
	if closed(acquired.Lost()) || closed(tried.Lost()) {
		return errors.New("Lost is closed when the ctx of the call ends")
	}
	return errors.Join(refused(ctx, f.Locker, exclusive), release(ctx, acquired, tried))
}

func releaseClosesLost(ctx context.Context, f Fixture) error {
	for _, o := range []lock.Options{shared, exclusive} {
		lease, err := obtain(ctx, f.Locker, o)
		if err != nil {
			return err
		}
		sharpen()
		if closed(lease.Lost()) {
			return errors.New("Lost is closed while the lease is held")
		}
		if err := release(ctx, lease); err != nil {
			return err
		}
		if !closed(lease.Lost()) {
			return errors.New("Lost is open after Release")
		}
	}
	lease, err := obtain(ctx, f.Locker, exclusive)
	if err != nil {
		return err
	}
	_ = lease.Release(cancelled(ctx)) // may not reach the backend
	if !closed(lease.Lost()) {
		return errors.New("Lost is open after Release with an ended ctx")
	}
	return nil
}

func secondReleaseDoesNothing(ctx context.Context, f Fixture) error {
	first, err := obtain(ctx, f.Locker, exclusive)
	if err != nil {
		return err
	}
	if err := release(ctx, first); err != nil {
		return err
	}
	second, err := obtain(ctx, f.Other, exclusive)
	if err != nil {
		return err
	}
	if err := release(cancelled(ctx), first, first); err != nil {
		return err
	}
	if closed(second.Lost()) {
		return errors.New("a second Release ends somebody else's lease")
	}
	if err := refused(ctx, f.Locker, exclusive); err != nil {
		return err
	}
	return release(ctx, second)
}

func wantedWhenOneWaits(ctx context.Context, f Fixture) error {
	for _, modes := range [][2]lock.Options{{shared, exclusive}, {exclusive, shared}, {exclusive, exclusive}} {
		lease, waiting, err := hold(ctx, f, modes[0], modes[1])
		if err != nil {
			return err
		}
		behind := acquire(ctx, f.Locker, exclusive)
		if err := release(ctx, lease); err != nil {
			return err
		}
		if lease, err = waiting.granted(ctx); err != nil {
			return err
		}
		if err := wanted(ctx, lease); err != nil {
			return fmt.Errorf("of a lease that was waited for: %w", err)
		}
		if err := release(ctx, lease); err != nil {
			return err
		}
		if lease, err = behind.granted(ctx); err != nil {
			return err
		}
		if err := release(ctx, lease); err != nil {
			return err
		}
	}
	return nil
}

func notWantedOtherwise(ctx context.Context, f Fixture) error {
	lease, err := obtain(ctx, f.Locker, shared)
	if err != nil {
		return err
	}
	beside, err := f.Other.Acquire(ctx, name, shared)
	if err != nil {
		return err
	}
	if err := refused(ctx, f.Other, exclusive); err != nil {
		return err
	}
	sharpen()
	if closed(lease.Wanted()) || closed(beside.Wanted()) {
		return errors.New("Wanted is closed and nobody waits")
	}
	return release(ctx, lease, beside)
}

func livingHolderRenews(ctx context.Context, f Fixture) error {
	o := lock.Options{Mode: lock.Exclusive, TTL: 5 * time.Second}
	lease, err := obtain(ctx, f.Locker, o)
	if err != nil {
		return err
	}
	select {
	case <-lease.Lost():
		return errors.New("the lease is lost while its holder lives")
	case <-time.After(o.TTL + time.Second):
	}
	return errors.Join(refused(ctx, f.Other, exclusive), release(ctx, lease))
}

func crashedHolderLosesTheLease(ctx context.Context, f Fixture) error {
	if f.Crash == nil {
		return nil // the holder's node is the backend: nothing is left to hold
	}
	o := lock.Options{Mode: lock.Exclusive, TTL: 3 * time.Second}
	lease, err := obtain(ctx, f.Locker, o)
	if err != nil {
		return err
	}
	heir := acquire(ctx, f.Other, exclusive)
	if err := wanted(ctx, lease); err != nil {
		return err
	}
	f.Crash()
	ctx, cancel := context.WithTimeout(ctx, 5*o.TTL)
	defer cancel()
	next, err := heir.granted(ctx)
	if err != nil {
		return fmt.Errorf("five TTLs after the crash: %w", err)
	}
	if !closed(lease.Lost()) {
		return errors.New("Lost is open when another has the lease")
	}
	return release(ctx, next)
}

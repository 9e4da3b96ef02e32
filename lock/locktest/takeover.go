package locktest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// yield is what the holders of these laws promise, and mostly do not keep.
const yield = 200 * time.Millisecond

// excluding are the modes of a holder and of a request that it keeps out.
var excluding = [][2]lock.Mode{{lock.Shared, lock.Exclusive}, {lock.Exclusive, lock.Exclusive}, {lock.Exclusive, lock.Shared}}

// takeOver has a holder that keeps silent, in each mode, and gives check the lease
// that was taken over and the one that came after it.
func takeOver(ctx context.Context, f Fixture, check func(old, heir lock.Lease) error) error {
	for _, modes := range excluding {
		old, waiting, err := hold(ctx, f, lock.Options{Mode: modes[0], Yield: yield}, lock.Options{Mode: modes[1]})
		if err != nil {
			return err
		}
		heir, err := waiting.granted(ctx)
		if err != nil {
			return fmt.Errorf("of a holder that is %v and a request that is %v: %w", modes[0], modes[1], err)
		}
		if err := errors.Join(check(old, heir), release(ctx, heir)); err != nil {
			return err
		}
	}
	return nil
}

func silentHolderIsTakenOver(ctx context.Context, f Fixture) error {
	second, err := obtain(ctx, f.Other, lock.Options{Yield: yield})
	if err != nil {
		return err
	}
	if err := takeOver(ctx, f, func(_, _ lock.Lease) error { return nil }); err != nil {
		return err
	}
	return lost(ctx, second)
}

func takenOverHolderLosesTheLease(ctx context.Context, f Fixture) error {
	return takeOver(ctx, f, func(old, heir lock.Lease) error {
		if err := lost(ctx, old); err != nil {
			return err
		}
		if closed(heir.Lost()) {
			return errors.New("Lost of the next holder is closed too")
		}
		return nil
	})
}

func takeOverRaisesTheFence(ctx context.Context, f Fixture) error {
	return takeOver(ctx, f, func(old, heir lock.Lease) error {
		if heir.Fence() <= old.Fence() {
			return fmt.Errorf("fence %d was granted after %d", heir.Fence(), old.Fence())
		}
		return nil
	})
}

func takeOverKeepsTheOrder(ctx context.Context, f Fixture) error {
	_, first, err := hold(ctx, f, lock.Options{Mode: lock.Exclusive, Yield: yield}, exclusive)
	if err != nil {
		return err
	}
	sharpen()
	second := acquire(ctx, f.Locker, exclusive)
	select {
	case <-first.done:
	case <-second.done:
		return errors.New("the later request is granted first")
	case <-ctx.Done():
		return errors.New("the silent holder is not taken over")
	}
	if err := errors.Join(first.err, second.refused()); err != nil {
		return err
	}
	if err := release(ctx, first.lease); err != nil {
		return err
	}
	last, err := second.granted(ctx)
	if err != nil {
		return err
	}
	return release(ctx, last)
}

func releaseAfterTakeOverDoesNothing(ctx context.Context, f Fixture) error {
	return takeOver(ctx, f, func(old, heir lock.Lease) error {
		if err := release(ctx, old, old); err != nil {
			return err
		}
		sharpen()
		if closed(heir.Lost()) {
			return errors.New("the old holder's Release ends the new holder's lease")
		}
		return refused(ctx, f.Locker, exclusive)
	})
}

func noPromiseNoTakeOver(ctx context.Context, f Fixture) error {
	for _, modes := range excluding {
		holder, waiting, err := hold(ctx, f, lock.Options{Mode: modes[0]}, lock.Options{Mode: modes[1], Yield: yield})
		if err != nil {
			return err
		}
		impatient, cancel := context.WithCancel(ctx)
		defer cancel()
		behind := acquire(impatient, f.Locker, exclusive)
		time.Sleep(2 * yield)
		cancel()
		if closed(holder.Lost()) {
			return errors.New("the lease is taken over")
		}
		if err := errors.Join(behind.ended(ctx, context.Canceled), waiting.refused(), release(ctx, holder)); err != nil {
			return err
		}
		next, err := waiting.granted(ctx)
		if err != nil {
			return err
		}
		if err := release(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

func promiseCountsFromWanted(ctx context.Context, f Fixture) error {
	o := lock.Options{Mode: lock.Exclusive, Yield: 5 * yield}
	holder, err := obtain(ctx, f.Locker, o)
	if err != nil {
		return err
	}
	if err := refused(ctx, f.Other, shared); err != nil { // who only tries does not wait
		return err
	}
	time.Sleep(o.Yield + 5*sharp)
	if closed(holder.Lost()) {
		return errors.New("a lease that nobody waits for is taken over")
	}
	since := time.Now()
	waiting := acquire(ctx, f.Other, o)
	next, err := waiting.granted(ctx)
	if err != nil {
		return err
	}
	if took := time.Since(since); took < o.Yield {
		return fmt.Errorf("the holder was given %v, not the promised %v", took, o.Yield)
	}
	impatient, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting = acquire(impatient, f.Locker, shared)
	if err := wanted(ctx, next); err != nil {
		return err
	}
	cancel()
	if err := waiting.cancelled(ctx); err != nil {
		return err
	}
	time.Sleep(o.Yield + 5*sharp)
	if closed(next.Lost()) {
		return errors.New("a lease that nobody waits for any more is taken over")
	}
	return release(ctx, next)
}

// Nobody here waits for as long as the holder promised. It is overdue in the end all
// the same; when exactly, a busy backend decides.
func promiseOutlivesTheWaiter(ctx context.Context, f Fixture) error {
	const patience, promised, waiters = time.Second, 1500 * time.Millisecond, 8
	if _, err := obtain(ctx, f.Locker, lock.Options{Mode: lock.Exclusive, Yield: promised}); err != nil {
		return err
	}
	for i := range waiters {
		heir, err := lock.Within(ctx, f.Other, name, shared, patience)
		if err == nil && i == 0 {
			return fmt.Errorf("the lease is granted within %v of a promise of %v", patience, promised)
		}
		if err == nil {
			return release(ctx, heir)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return fmt.Errorf("a holder of a promise of %v is not overdue for any of %d that wait %v each", promised, waiters, patience)
}

// lost reports a lease whose Lost is not closed.
func lost(ctx context.Context, l lock.Lease) error {
	select {
	case <-l.Lost():
		return nil
	case <-ctx.Done():
		return errors.New("Lost stays open")
	}
}

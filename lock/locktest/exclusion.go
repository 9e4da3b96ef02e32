package locktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// crowdTTL lets a crowd wait on a busy machine, where renewals come late.
const crowdTTL = patience

func oneHolderAtATime(ctx context.Context, f Fixture) error {
	var holders atomic.Int32
	var last atomic.Int64
	return crowd(200, func(i int) error {
		lease, err := f.caller(i).Acquire(ctx, name, lock.Options{Mode: lock.Exclusive, TTL: crowdTTL})
		if err != nil {
			return err
		}
		n, before := holders.Add(1), last.Swap(lease.Fence())
		time.Sleep(10 * time.Microsecond)
		holders.Add(-1)
		if n != 1 {
			err = fmt.Errorf("%d hold the lease at once", n)
		} else if before >= lease.Fence() {
			err = fmt.Errorf("fence %d was granted after %d", lease.Fence(), before)
		}
		return errors.Join(err, lease.Release(ctx))
	})
}

func neverBothModes(ctx context.Context, f Fixture) error {
	const writer = 1 << 16 // a sharer counts 1
	var holders atomic.Int32
	return crowd(60, func(i int) error {
		o, weight := lock.Options{TTL: crowdTTL}, int32(1)
		if i%5 == 0 {
			o.Mode, weight = lock.Exclusive, writer
		}
		lease, err := f.caller(i).Acquire(ctx, name, o)
		if err != nil {
			return err
		}
		n := holders.Add(weight)
		time.Sleep(10 * time.Microsecond)
		holders.Add(-weight)
		if n > writer {
			err = fmt.Errorf("%d exclusive and %d shared leases are held at once", n/writer, n%writer)
		}
		return errors.Join(err, lease.Release(ctx))
	})
}

// crowd calls do n times at once and joins what it says.
func crowd(n int, do func(i int) error) error {
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- do(i) }()
	}
	var all []error
	for range n {
		if err := <-errs; err != nil && len(all) < 3 {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// caller spreads a crowd over both nodes.
func (f Fixture) caller(i int) lock.Locker {
	if i%2 == 0 {
		return f.Locker
	}
	return f.Other
}

func sharersStandTogether(ctx context.Context, f Fixture) error {
	for i := range 10 {
		lease, err := f.caller(i).Acquire(ctx, name, shared)
		if err != nil {
			return err
		}
		defer lease.Release(ctx)
		if lease, err = obtain(ctx, f.caller(i), shared); err != nil {
			return err
		}
		defer lease.Release(ctx)
	}
	return nil
}

func exclusiveKeepsSharersOut(ctx context.Context, f Fixture) error {
	lease, waiting, err := hold(ctx, f, exclusive, shared)
	if err != nil {
		return err
	}
	sharpen()
	if err := errors.Join(waiting.refused(), refused(ctx, f.Locker, shared), refused(ctx, f.Other, exclusive)); err != nil {
		return err
	}
	if err := release(ctx, lease); err != nil {
		return err
	}
	lease, err = waiting.granted(ctx)
	if err != nil {
		return err
	}
	return release(ctx, lease)
}

func sharersKeepExclusiveOut(ctx context.Context, f Fixture) error {
	second, err := obtain(ctx, f.Other, shared)
	if err != nil {
		return err
	}
	first, waiting, err := hold(ctx, f, shared, exclusive)
	if err != nil {
		return err
	}
	if err := release(ctx, first); err != nil {
		return err
	}
	sharpen()
	if err := errors.Join(waiting.refused(), refused(ctx, f.Locker, exclusive), release(ctx, second)); err != nil {
		return err
	}
	lease, err := waiting.granted(ctx)
	if err != nil {
		return err
	}
	return release(ctx, lease)
}

func zeroOptionsAreShared(ctx context.Context, f Fixture) error {
	first, err := obtain(ctx, f.Locker, lock.Options{})
	if err != nil {
		return err
	}
	second, err := obtain(ctx, f.Other, lock.Options{})
	if err != nil {
		return err
	}
	return release(ctx, first, second)
}

func namesAreIndependent(ctx context.Context, f Fixture) error {
	for _, n := range []string{"a", "a.b", "a:b", "aa", "A", "q", strings.Repeat("x", lock.MaxName)} {
		lease, err := f.Locker.TryAcquire(ctx, n, exclusive)
		if err != nil {
			return fmt.Errorf("%q: %w", n, err)
		}
		defer lease.Release(ctx)
	}
	return nil
}

func badNameIsAFault(ctx context.Context, f Fixture) error {
	for _, n := range []string{"", "a/b", "a b", "a\x00", "商品", "{1}", strings.Repeat("x", lock.MaxName+1)} {
		_, acquire := f.Locker.Acquire(ctx, n, shared)
		_, try := f.Locker.TryAcquire(ctx, n, exclusive)
		if err := errors.Join(fault(acquire), fault(try)); err != nil {
			return fmt.Errorf("the name %q: %w", n, err)
		}
	}
	return nil
}

func endedContextIsAFault(ctx context.Context, f Fixture) error {
	ctx = cancelled(ctx)
	_, acquire := f.Locker.Acquire(ctx, name, shared)
	_, try := f.Locker.TryAcquire(ctx, name, exclusive)
	if !errors.Is(acquire, ctx.Err()) || !errors.Is(try, ctx.Err()) {
		return fmt.Errorf("Acquire = %v, TryAcquire = %v, want %v", acquire, try, ctx.Err())
	}
	return errors.Join(fault(acquire), fault(try))
}

// fault reports an error that is none, or a refusal.
func fault(err error) error {
	if err == nil || errors.Is(err, lock.ErrNotObtained) {
		return fmt.Errorf("the answer is %v, want a fault", err)
	}
	return nil
}

package locktest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// arrivalOrder is sure that one waits before the next comes, because the holder's
// Wanted is closed; so it goes through the queue two by two.
func arrivalOrder(ctx context.Context, f Fixture) error {
	holder, first, err := hold(ctx, f, exclusive, exclusive)
	if err != nil {
		return err
	}
	for i := range 5 {
		newcomer := acquire(ctx, f.caller(i), exclusive)
		sharpen()
		if err := release(ctx, holder); err != nil {
			return err
		}
		select {
		case <-first.done:
		case <-newcomer.done:
			return errors.New("the later request is granted first")
		case <-ctx.Done():
			return errors.New("nobody is granted what was released")
		}
		if holder = first.lease; first.err != nil {
			return first.err
		}
		if err := wanted(ctx, holder); err != nil {
			return err
		}
		first = newcomer
	}
	if err := release(ctx, holder); err != nil {
		return err
	}
	if holder, err = first.granted(ctx); err != nil {
		return err
	}
	return release(ctx, holder)
}

func exclusiveIsNotStarved(ctx context.Context, f Fixture) error {
	first, waiting, err := hold(ctx, f, shared, exclusive)
	if err != nil {
		return err
	}
	late := acquire(ctx, f.Locker, shared)
	sharpen()
	if err := errors.Join(late.refused(), release(ctx, first)); err != nil {
		return err
	}
	middle, err := waiting.granted(ctx)
	if err != nil {
		return err
	}
	sharpen()
	if err := errors.Join(late.refused(), release(ctx, middle)); err != nil {
		return err
	}
	last, err := late.granted(ctx)
	if err != nil {
		return err
	}
	return release(ctx, last)
}

func tryDoesNotOvertake(ctx context.Context, f Fixture) error {
	first, waiting, err := hold(ctx, f, shared, exclusive)
	if err != nil {
		return err
	}
	for i := range 4 {
		if err := errors.Join(refused(ctx, f.caller(i), shared), refused(ctx, f.caller(i), exclusive)); err != nil {
			return err
		}
	}
	if err := release(ctx, first); err != nil {
		return err
	}
	last, err := waiting.granted(ctx)
	if err != nil {
		return err
	}
	return release(ctx, last)
}

func tryFailsFast(ctx context.Context, f Fixture) error {
	holder, err := obtain(ctx, f.Locker, exclusive)
	if err != nil {
		return err
	}
	started := time.Now()
	if err := refused(ctx, f.Other, shared); err != nil {
		return err
	}
	if took := time.Since(started); took > 3*time.Second { // who waits waits for ever
		return fmt.Errorf("TryAcquire took %v", took)
	}
	return release(ctx, holder)
}

func cancelledWaitMatchesBoth(ctx context.Context, f Fixture) error {
	holder, err := obtain(ctx, f.Locker, exclusive)
	if err != nil {
		return err
	}
	impatient, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting := acquire(impatient, f.Other, shared)
	if err := wanted(ctx, holder); err != nil {
		return err
	}
	cancel()
	late, stop := context.WithTimeout(ctx, 3*time.Second) // enough to be waiting by then
	defer stop()
	_, err = f.Other.Acquire(late, name, exclusive)
	return errors.Join(matchesBoth(err, context.DeadlineExceeded), waiting.cancelled(ctx), release(ctx, holder))
}

// cancelled reports a wait that its ctx does not end as it should.
func (p *pending) cancelled(ctx context.Context) error {
	_, err := p.granted(ctx)
	return matchesBoth(err, context.Canceled)
}

// ended reports an Acquire that does not say that its ctx has ended. It may not have
// waited yet, and then it is no refusal.
func (p *pending) ended(ctx context.Context, with error) error {
	if _, err := p.granted(ctx); !errors.Is(err, with) {
		return fmt.Errorf("Acquire = %v, want %v", err, with)
	}
	return nil
}

func matchesBoth(err, ended error) error {
	if !errors.Is(err, lock.ErrNotObtained) || !errors.Is(err, ended) {
		return fmt.Errorf("Acquire = %v, want ErrNotObtained and %v", err, ended)
	}
	return nil
}

func cancelledWaitLeavesNothing(ctx context.Context, f Fixture) error {
	holder, err := obtain(ctx, f.Locker, shared)
	if err != nil {
		return err
	}
	impatient, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting := acquire(impatient, f.Other, exclusive)
	if err := wanted(ctx, holder); err != nil {
		return err
	}
	behind := acquire(ctx, f.Other, shared)
	cancel()
	if _, err := waiting.granted(ctx); err == nil {
		return errors.New("a cancelled Acquire is granted beside a shared lease")
	}
	sharer, err := obtain(ctx, f.Locker, shared)
	if err != nil {
		return err
	}
	third, err := behind.granted(ctx)
	if err != nil {
		return err
	}
	return release(ctx, holder, sharer, third)
}

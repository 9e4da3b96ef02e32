package locktest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seckill-go/seckill/lock"
)

// named is o as a node asks for it.
func named(o lock.Options, node string) lock.Options {
	o.Node = node
	return o
}

// holdersAreTold holds for a locker that does not tell at all.
func holdersAreTold(ctx context.Context, f Fixture) error {
	if _, ok := f.Other.(lock.Holders); !ok {
		return nil
	}
	if err := told(ctx, f); err != nil {
		return fmt.Errorf("before the first request: %w", err)
	}
	first, err := obtain(ctx, f.Locker, named(shared, "node-a"))
	if err != nil {
		return err
	}
	second, err := f.Other.Acquire(ctx, name, named(shared, "node-b"))
	if err != nil {
		return err
	}
	waiting := acquire(ctx, f.Locker, named(exclusive, "node-c"))
	if err := wanted(ctx, second); err != nil {
		return err
	}
	if err := told(ctx, f, lock.Holder{Node: "node-a", Fence: first.Fence()}, lock.Holder{Node: "node-b", Fence: second.Fence()}); err != nil {
		return fmt.Errorf("two share, one waits: %w", err)
	}
	if err := release(ctx, first, second); err != nil {
		return err
	}
	last, err := waiting.granted(ctx)
	if err != nil {
		return err
	}
	if err := told(ctx, f, lock.Holder{Mode: lock.Exclusive, Node: "node-c", Fence: last.Fence()}); err != nil {
		return fmt.Errorf("one has it alone: %w", err)
	}
	if err := release(ctx, last); err != nil {
		return err
	}
	if err := told(ctx, f); err != nil {
		return fmt.Errorf("after the last release: %w", err)
	}
	return nil
}

// told asks who holds the lease, between two others, and compares.
func told(ctx context.Context, f Fixture, want ...lock.Holder) error {
	beside, err := f.Locker.Acquire(ctx, "beside", named(exclusive, "node-d"))
	if err != nil {
		return err
	}
	all, err := f.Other.(lock.Holders).Holders(ctx, []string{"nobody", name, "beside"})
	if err != nil {
		return err
	}
	if len(all) != 3 || len(all[0]) != 0 || len(all[2]) != 1 || all[2][0].Node != "node-d" {
		return fmt.Errorf("asked for three names, of which nobody holds the first and node-d the last, it says %+v", all)
	}
	same := slices.EqualFunc(all[1], want, func(got, want lock.Holder) bool {
		if got.Fence == 0 { // it may not be known
			got.Fence = want.Fence
		}
		return got == want
	})
	if !same {
		return fmt.Errorf("the holders are %+v, it says %+v", want, all[1])
	}
	return release(ctx, beside)
}

func badNodeIsAFault(ctx context.Context, f Fixture) error {
	for _, node := range []string{"node a", "a/b", "节点"} {
		_, acquire := f.Locker.Acquire(ctx, name, named(shared, node))
		_, try := f.Locker.TryAcquire(ctx, name, named(exclusive, node))
		if err := errors.Join(fault(acquire), fault(try)); err != nil {
			return fmt.Errorf("the node %q: %w", node, err)
		}
	}
	return nil
}

package lock_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// Sellers share a goods, whoever changes its stock has it alone. A fence tells the
// storage who came later.
func Example() {
	ctx, locker := context.Background(), new(lock.Memory)

	seller, _ := locker.Acquire(ctx, "1001", lock.Options{})
	another, _ := locker.Acquire(ctx, "1001", lock.Options{Mode: lock.Shared})
	_, err := locker.TryAcquire(ctx, "1001", lock.Options{Mode: lock.Exclusive})
	fmt.Println(errors.Is(err, lock.ErrNotObtained))

	seller.Release(ctx)
	another.Release(ctx)
	loader, err := locker.TryAcquire(ctx, "1001", lock.Options{Mode: lock.Exclusive})
	fmt.Println(err, loader.Fence() > seller.Fence())
	loader.Release(ctx)
	<-loader.Lost()
	// Output:
	// true
	// <nil> true
}

// A polite holder sees that somebody waits, finishes what it does and lets go.
func ExampleLease_wanted() {
	ctx, locker := context.Background(), new(lock.Memory)
	seller, _ := locker.Acquire(ctx, "1001", lock.Options{Yield: time.Minute})

	preload := make(chan error)
	go func() {
		lease, err := lock.Within(ctx, locker, "1001", lock.Options{Mode: lock.Exclusive}, time.Minute)
		if err == nil {
			err = lease.Release(ctx)
		}
		preload <- err
	}()
	<-seller.Wanted()
	seller.Release(ctx)
	fmt.Println(<-preload)
	// Output: <nil>
}

// Package lock is the contract for named leases that many nodes share.
//
// Use it to let one node at a time change a goods' stock (preload, rebuild,
// change of the total) while any number of nodes sell from it: sellers hold the
// lease [Shared], whoever changes the stock holds it [Exclusive].
//
// A lease keeps nodes out of each other's way; it is not what makes a sale
// correct. A holder may be paused past its TTL and not know it, so every write
// that must not come too late carries the lease's fence, and the storage
// refuses an older one.
//
// [Memory] serves one process; package etcdlock serves many. Backends prove
// themselves with package locktest.
package lock

import (
	"context"
	"errors"
	"time"
)

// ErrNotObtained says that somebody else holds, or waited longer for, a lease in
// a mode that excludes the wanted one. Any other error of a [Locker] is a fault
// of its backend.
var ErrNotObtained = errors.New("lock: not obtained")

// DefaultTTL is the time to live of a lease whose Options name none.
const DefaultTTL = 10 * time.Second

// Mode says who else may hold a lease of the same name.
type Mode uint8

const (
	// Shared leases exclude exclusive ones and stand beside each other.
	Shared Mode = iota
	// Exclusive leases exclude every other.
	Exclusive
)

// String returns "shared" or "exclusive".
func (m Mode) String() string {
	if m == Exclusive {
		return "exclusive"
	}
	return "shared"
}

// Options say what kind of lease is wanted. The zero value is a shared lease of
// [DefaultTTL].
type Options struct {
	// Mode is Shared or Exclusive. Zero means Shared.
	Mode Mode
	// TTL is how long the lease outlives a holder that crashed; a living holder
	// renews it by itself. Backends may round up (etcd: whole seconds, at least 2).
	// Zero or less means DefaultTTL.
	TTL time.Duration
	// Yield is a promise: the holder lets go within this time once the lease is
	// granted and Wanted. A holder that does not, because it is dead, paused or slow,
	// is taken over by those who wait: its Lost is closed, and whatever is granted
	// from then on has a higher fence. It is the holder's to give, as nobody else
	// knows how long its work takes. Zero or less means no promise: nobody takes the
	// lease over, it ends by Release or with its TTL.
	Yield time.Duration
	// Node names who asks, so that [Holders] can tell. It is a name as [CheckName]
	// wants it; another is a fault. Zero means that nobody is told.
	Node string
}

// Locker grants leases. Implementations are safe for concurrent use, also by
// callers of one value that want the same name: each grant is a lease of its own.
// ctx bounds the call and not the lease, which lives until it is released or lost.
// Names have nothing to do with each other; one that [CheckName] refuses is a
// fault, as is a ctx that has ended before the call.
type Locker interface {
	// Acquire waits, in the order of arrival, until the lease is granted. A waiting
	// exclusive request is not starved: shared requests that arrive after it are
	// granted after it. When ctx ends while others keep the request out, the error
	// matches both [ErrNotObtained] and ctx.Err(), and nothing of the request stays
	// behind; when its deadline passes because the backend is slow or silent, it is a
	// fault that matches ctx.Err() alone.
	Acquire(ctx context.Context, name string, o Options) (Lease, error)

	// TryAcquire does not wait: the lease is granted now or the error is
	// [ErrNotObtained]. It does not overtake requests that already wait in a
	// mode that excludes it.
	TryAcquire(ctx context.Context, name string, o Options) (Lease, error)
}

// Lease is one grant. It is safe for concurrent use.
type Lease interface {
	// Fence is the fencing token, at least 1. The fence of an exclusive lease is
	// higher than that of every lease granted before it under the same name. The
	// fence of a shared lease is that of the last exclusive grant before it, or 1;
	// it is higher than that of a lease that was taken over before it.
	Fence() int64

	// Lost is closed when the holder can no longer rely on the lease: it expired,
	// could not be renewed, was taken over, or was released.
	Lost() <-chan struct{}

	// Wanted is closed when a request waits that this lease keeps out, and stays
	// closed. A polite holder finishes what it does and releases.
	Wanted() <-chan struct{}

	// Release gives the lease back. A second call does nothing, nor does one after
	// the lease was lost. It needs ctx only
	// to reach the backend; when that fails the lease ends with its TTL.
	Release(ctx context.Context) error
}

// Within acquires a lease under the retry policy "wait at most this long". Zero
// or less fails fast, as TryAcquire does.
func Within(ctx context.Context, l Locker, name string, o Options, wait time.Duration) (Lease, error) {
	if wait <= 0 {
		return l.TryAcquire(ctx, name, o)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return l.Acquire(ctx, name, o)
}

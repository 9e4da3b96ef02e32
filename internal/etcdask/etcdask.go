// Package etcdask asks etcd so that a member that hangs does not hold up the
// answer of the others.
//
// An etcd client keeps a connection to each member and takes them in turn. A member
// that is stopped keeps its connections open, so a call to it waits for its
// deadline while the others would answer at once.
package etcdask

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// patience is how long the first try has before the next member is asked as well.
// Each later one has twice as long, so that an etcd that is slow as a whole is not
// asked ever more often.
const patience = 150 * time.Millisecond

// First calls ask, and calls it again beside that while no call has returned. It
// returns what the first call returns and ends the others. What the answer stands
// on, the context of its call, lasts until the caller calls release.
//
// ask must return soon after its context ends, and may happen more than once.
func First[T any](ctx context.Context, ask func(context.Context) (T, error)) (value T, release context.CancelFunc, err error) {
	type answer struct {
		try   int
		value T
		err   error
	}
	answers := make(chan answer, 16) // more than there are tries in an hour
	var ends []context.CancelFunc
	next, wait := time.NewTimer(0), patience
	defer next.Stop()
	for {
		select {
		case <-next.C:
			own, end := context.WithCancel(ctx)
			try := len(ends)
			ends = append(ends, end)
			go func() {
				value, err := ask(own)
				answers <- answer{try, value, err}
			}()
			next.Reset(wait)
			wait *= 2
		case a := <-answers:
			release := ends[a.try]
			for try, end := range ends {
				if try != a.try {
					end()
				}
			}
			return a.value, release, a.err
		}
	}
}

// Writable returns why etcd takes no write: it has no quorum, its space is used up,
// or the user may not write the key. The proof is a transaction whose condition is
// never true. It goes the way of a write, through the members' logs, and leaves no
// revision behind.
func Writable(ctx context.Context, client interface {
	Txn(ctx context.Context) clientv3.Txn
}, key string) error {
	_, release, err := First(ctx, func(ctx context.Context) (*clientv3.TxnResponse, error) {
		return client.Txn(ctx).
			If(clientv3.Compare(clientv3.CreateRevision(key), "<", 0)).
			Then(clientv3.OpPut(key, "")).
			Commit()
	})
	release()
	return err
}

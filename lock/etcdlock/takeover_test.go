package etcdlock_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/lock/etcdlock"
)

// sworn is a lease that would outlive every test if nobody took it over.
func sworn(mode lock.Mode) lock.Options {
	return lock.Options{Mode: mode, TTL: time.Minute, Yield: 300 * time.Millisecond}
}

func TestThePromiseIsTheKeysValue(t *testing.T) {
	c, prefix := client(t), newPrefix()
	lease, err := etcdlock.New(c, patient(prefix)).TryAcquire(t.Context(), "goods", sworn(lock.Shared))
	require.NoError(t, err)
	r, err := c.Get(t.Context(), prefix+"/lock/goods/q/", clientv3.WithPrefix())
	require.NoError(t, err)
	require.Equal(t, "300ms", string(r.Kvs[0].Value))
	require.NoError(t, lease.Release(t.Context()))
}

// A node that dies leaves a shared lease, an exclusive request behind it, and
// whatever else it waited for.
func TestAQueueOfDeadRequestsIsTakenOver(t *testing.T) {
	for name, survivor := range map[string]lock.Mode{"by a shared request": lock.Shared, "by an exclusive one": lock.Exclusive} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prefix, dead := newPrefix(), client(t)
			node := etcdlock.New(dead, patient(prefix))
			for range 3 {
				_, err := node.TryAcquire(soon(t), "goods", sworn(lock.Shared))
				require.NoError(t, err)
			}
			c := client(t)
			for n, mode := range []lock.Mode{lock.Exclusive, lock.Exclusive, lock.Shared} {
				go node.Acquire(soon(t), "goods", sworn(mode))
				require.Eventually(t, func() bool { return len(queue(t, c, prefix)) == n+4 }, time.Minute, time.Millisecond)
			}
			require.NoError(t, dead.Close())

			lease, err := etcdlock.New(c, patient(prefix)).Acquire(soon(t), "goods", sworn(survivor))
			require.NoError(t, err)
			require.NoError(t, lease.Release(t.Context()))
		})
	}
}

// The holders are taken over by two waiters at once, and live on.
func TestHoldersAreTakenOverOnce(t *testing.T) {
	c, prefix := client(t), newPrefix()
	l, other := etcdlock.New(c, patient(prefix)), etcdlock.New(client(t), patient(prefix))
	old, err := l.TryAcquire(soon(t), "goods", sworn(lock.Exclusive))
	require.NoError(t, err)
	heirs := make(chan lock.Lease, 2)
	for _, waiter := range []*etcdlock.Locker{l, other} {
		go func() {
			lease, err := waiter.Acquire(soon(t), "goods", lock.Options{Mode: lock.Exclusive})
			if err == nil {
				heirs <- lease
			}
		}()
	}
	first := <-heirs
	require.True(t, closed(old.Lost()) || first.Fence() > old.Fence())
	closes(t, first.Wanted(), 30*time.Second)
	time.Sleep(2 * sworn(0).Yield) // time to do it again, to a lease that promised nothing
	require.False(t, closed(first.Lost()))
	require.Empty(t, heirs)
	require.NoError(t, first.Release(t.Context()))
	require.NoError(t, (<-heirs).Release(t.Context()))
}

func TestSlowAnswersAreNoRefusal(t *testing.T) {
	for step, name := range []string{"to the first write", "to the grant"} {
		t.Run(name, func(t *testing.T) {
			c, prefix, written := client(t), newPrefix(), 0
			slow := faulty{Client: c, commit: func(ctx context.Context, txn clientv3.Txn) (*clientv3.TxnResponse, error) {
				if written++; written <= step {
					return txn.Commit()
				}
				<-ctx.Done()
				return nil, ctx.Err()
			}}
			holder, err := etcdlock.New(c, patient(prefix)).TryAcquire(soon(t), "goods", exclusive)
			require.NoError(t, err)
			releaseWhenWanted(t, holder)
			_, err = lock.Within(soon(t), etcdlock.New(slow, patient(prefix)), "goods", shared, 2*time.Second)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotErrorIs(t, err, lock.ErrNotObtained)
			require.NoError(t, holder.Release(t.Context()))
			require.Empty(t, queue(t, c, prefix))
		})
	}
}

func TestAWaiterWhomEtcdLeavesIsNotRefused(t *testing.T) {
	c, prefix := client(t), newPrefix()
	node := client(t)
	holder, err := etcdlock.New(c, patient(prefix)).TryAcquire(soon(t), "goods", exclusive)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-holder.Wanted()
		_ = node.Close()
		cancel()
	}()
	_, err = etcdlock.New(node, patient(prefix)).Acquire(ctx, "goods", shared)
	require.Error(t, err)
	require.NotErrorIs(t, err, lock.ErrNotObtained)
	require.NoError(t, holder.Release(t.Context()))
}

// writes counts what a node writes, apart from leases.
func writes(c *clientv3.Client, n *atomic.Int64) faulty {
	return faulty{Client: c, commit: func(_ context.Context, txn clientv3.Txn) (*clientv3.TxnResponse, error) {
		n.Add(1)
		return txn.Commit()
	}}
}

func TestAnExclusiveHolderGrantsTheNextOne(t *testing.T) {
	c, prefix := client(t), newPrefix()
	l := etcdlock.New(c, patient(prefix))
	holder, err := l.TryAcquire(soon(t), "goods", exclusive)
	require.NoError(t, err)
	last := holder.Fence()
	for range 10 {
		n := new(atomic.Int64)
		releaseWhenWanted(t, holder)
		holder, err = etcdlock.New(writes(client(t), n), patient(prefix)).Acquire(soon(t), "goods", exclusive)
		require.NoError(t, err)
		require.EqualValues(t, 1, n.Load(), "the write that enters the queue is all")
		require.Greater(t, holder.Fence(), last)
		last = holder.Fence()
		r, err := c.Get(t.Context(), prefix+"/lock/goods/fence")
		require.NoError(t, err)
		require.Equal(t, last, r.Kvs[0].ModRevision)
	}
	require.NoError(t, holder.Release(t.Context()))
	require.Empty(t, queue(t, c, prefix))
}

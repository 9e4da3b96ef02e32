package etcdlock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/lock/etcdlock"
)

var errReplyLost = errors.New("the reply is lost")

// faulty is a client of which a test breaks one thing.
type faulty struct {
	*clientv3.Client
	commit    func(ctx context.Context, txn clientv3.Txn) (*clientv3.TxnResponse, error)
	watch     func(ctx context.Context) clientv3.WatchChan
	keepAlive func(ctx context.Context) error
}

func (f faulty) Txn(ctx context.Context) clientv3.Txn {
	if f.commit == nil {
		return f.Client.Txn(ctx)
	}
	return faultyTxn{f.Client.Txn(context.WithoutCancel(ctx)), ctx, f.commit}
}

func (f faulty) Watch(ctx context.Context, key string, o ...clientv3.OpOption) clientv3.WatchChan {
	if f.watch == nil {
		return f.Client.Watch(ctx, key, o...)
	}
	return f.watch(ctx)
}

func (f faulty) KeepAliveOnce(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseKeepAliveResponse, error) {
	if f.keepAlive == nil {
		return f.Client.KeepAliveOnce(ctx, id)
	}
	return nil, f.keepAlive(ctx)
}

type faultyTxn struct {
	clientv3.Txn
	ctx    context.Context
	commit func(ctx context.Context, txn clientv3.Txn) (*clientv3.TxnResponse, error)
}

func (t faultyTxn) If(c ...clientv3.Cmp) clientv3.Txn {
	t.Txn = t.Txn.If(c...)
	return t
}

func (t faultyTxn) Then(o ...clientv3.Op) clientv3.Txn {
	t.Txn = t.Txn.Then(o...)
	return t
}

func (t faultyTxn) Else(o ...clientv3.Op) clientv3.Txn {
	t.Txn = t.Txn.Else(o...)
	return t
}

func (t faultyTxn) Commit() (*clientv3.TxnResponse, error) { return t.commit(t.ctx, t.Txn) }

func TestLostReplyLeavesNothing(t *testing.T) {
	for step, name := range []string{"of the first write", "of the grant"} {
		t.Run(name, func(t *testing.T) {
			c, prefix, written := client(t), newPrefix(), 0
			lossy := faulty{Client: c, commit: func(_ context.Context, txn clientv3.Txn) (*clientv3.TxnResponse, error) {
				r, err := txn.Commit()
				require.NoError(t, err)
				if written++; written > step {
					return nil, errReplyLost
				}
				return r, nil
			}}
			l := etcdlock.New(lossy, patient(prefix))
			holder, err := etcdlock.New(c, patient(prefix)).TryAcquire(soon(t), "goods", shared)
			require.NoError(t, err)
			releaseWhenWanted(t, holder)
			_, err = l.Acquire(soon(t), "goods", exclusive)
			require.ErrorIs(t, err, errReplyLost)
			require.NotErrorIs(t, err, lock.ErrNotObtained)
			closes(t, holder.Lost(), 30*time.Second)
			_, err = l.TryAcquire(soon(t), "goods", exclusive)
			require.ErrorIs(t, err, errReplyLost)
			require.Eventually(t, func() bool { return len(queue(t, c, prefix)) == 0 }, 30*time.Second, time.Millisecond)
		})
	}
}

func TestWriteThatComesTooLateLeavesNothing(t *testing.T) {
	c, prefix := client(t), newPrefix()
	late := make(chan clientv3.Txn, 1)
	slow := faulty{Client: c, commit: func(ctx context.Context, txn clientv3.Txn) (*clientv3.TxnResponse, error) {
		late <- txn
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	l := etcdlock.New(slow, etcdlock.Options{Prefix: prefix, Timeout: 2 * time.Second}) // enough for the lease before the write
	_, err := l.TryAcquire(soon(t), "goods", exclusive)
	require.ErrorContains(t, err, "did not answer within 2s")
	require.NotErrorIs(t, err, lock.ErrNotObtained)
	require.Len(t, late, 1)
	_, err = (<-late).Commit()
	require.ErrorIs(t, err, rpctypes.ErrLeaseNotFound)
	require.Empty(t, queue(t, c, prefix))
}

func TestWaitsWithoutAWatch(t *testing.T) {
	for name, watch := range map[string]func(ctx context.Context) clientv3.WatchChan{
		"that opens": func(context.Context) clientv3.WatchChan {
			events := make(chan clientv3.WatchResponse)
			close(events)
			return events
		},
		"that says anything": func(ctx context.Context) clientv3.WatchChan {
			events := make(chan clientv3.WatchResponse, 1)
			events <- clientv3.WatchResponse{Created: true}
			context.AfterFunc(ctx, func() { close(events) })
			return events
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			blind := faulty{Client: client(t), watch: watch}
			l := etcdlock.New(blind, patient(newPrefix()))
			o := lock.Options{Mode: lock.Exclusive, TTL: 5 * time.Second}
			holder, err := l.TryAcquire(soon(t), "goods", o)
			require.NoError(t, err)
			releaseWhenWanted(t, holder)
			lease, err := l.Acquire(soon(t), "goods", o)
			require.NoError(t, err)
			require.Greater(t, lease.Fence(), holder.Fence())
			require.NoError(t, lease.Release(t.Context()))
		})
	}
}

func TestLeaseThatEndsBeforeItsGrantIsNotGranted(t *testing.T) {
	c, prefix, written := client(t), newPrefix(), 0
	l := etcdlock.New(faulty{Client: c, commit: func(ctx context.Context, txn clientv3.Txn) (*clientv3.TxnResponse, error) {
		if written++; written == 2 { // the grant
			r, err := c.Get(ctx, prefix+"/lock/goods/q/", clientv3.WithPrefix())
			require.NoError(t, err)
			_, err = c.Revoke(ctx, clientv3.LeaseID(r.Kvs[0].Lease))
			require.NoError(t, err)
		}
		return txn.Commit()
	}}, patient(prefix))
	holder, err := etcdlock.New(c, patient(prefix)).TryAcquire(soon(t), "goods", shared)
	require.NoError(t, err)
	releaseWhenWanted(t, holder)
	_, err = l.Acquire(soon(t), "goods", exclusive)
	require.ErrorContains(t, err, "gone from the queue")
}

func TestWaiterWhoseLeaseIsRevokedFails(t *testing.T) {
	c, prefix := client(t), newPrefix()
	l := etcdlock.New(c, patient(prefix))
	holder, err := l.TryAcquire(soon(t), "goods", shared)
	require.NoError(t, err)
	waiter := make(chan error, 1)
	go func() {
		_, err := l.Acquire(soon(t), "goods", exclusive)
		waiter <- err
	}()
	closes(t, holder.Wanted(), 30*time.Second)
	r, err := c.Get(t.Context(), prefix+"/lock/goods/q/x/", clientv3.WithPrefix())
	require.NoError(t, err)
	_, err = c.Revoke(t.Context(), clientv3.LeaseID(r.Kvs[0].Lease))
	require.NoError(t, err)
	err = <-waiter
	require.ErrorContains(t, err, "gone from the queue")
	require.NotErrorIs(t, err, lock.ErrNotObtained)
	require.NoError(t, holder.Release(t.Context()))
}

func TestLostIsClosedInTimeWhenRenewalsHang(t *testing.T) {
	t.Parallel()
	prefix := newPrefix()
	hanging := faulty{Client: client(t), keepAlive: func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	o := lock.Options{Mode: lock.Exclusive, TTL: 2 * time.Second}
	holder, err := etcdlock.New(hanging, patient(prefix)).TryAcquire(soon(t), "goods", o)
	require.NoError(t, err)
	heir, err := etcdlock.New(client(t), patient(prefix)).Acquire(soon(t), "goods", exclusive)
	require.NoError(t, err)
	require.True(t, closed(holder.Lost()), "Lost is open when another has the lease")
	require.NoError(t, holder.Release(t.Context()))
	require.NoError(t, heir.Release(t.Context()))
}

func TestLostIsClosedWhenEtcdTakesTheLease(t *testing.T) {
	for name, take := range map[string]func(*clientv3.Client, *clientv3.GetResponse) error{
		"lease revoked": func(c *clientv3.Client, r *clientv3.GetResponse) error {
			_, err := c.Revoke(t.Context(), clientv3.LeaseID(r.Kvs[0].Lease))
			return err
		},
		"key deleted": func(c *clientv3.Client, r *clientv3.GetResponse) error {
			_, err := c.Delete(t.Context(), string(r.Kvs[0].Key))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, prefix := client(t), newPrefix()
			lease, err := etcdlock.New(c, patient(prefix)).Acquire(soon(t), "goods", shared)
			require.NoError(t, err)
			r, err := c.Get(t.Context(), prefix+"/lock/goods/q/", clientv3.WithPrefix())
			require.NoError(t, err)
			require.Len(t, r.Kvs, 1)
			require.NoError(t, take(c, r))
			closes(t, lease.Lost(), 30*time.Second)
			require.NoError(t, lease.Release(t.Context()))
		})
	}
}

func TestUnreachableEtcdIsAFault(t *testing.T) {
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{"127.0.0.1:1"}, Logger: zap.NewNop()})
	require.NoError(t, err)
	defer c.Close()
	l := etcdlock.New(c, etcdlock.Options{Timeout: 100 * time.Millisecond})
	patient := etcdlock.New(c, etcdlock.Options{Timeout: time.Hour})

	_, err = l.TryAcquire(soon(t), "goods", exclusive)
	require.ErrorContains(t, err, "did not answer within 100ms")
	require.NotErrorIs(t, err, lock.ErrNotObtained)
	_, err = l.Acquire(soon(t), "goods", exclusive)
	require.ErrorContains(t, err, "did not answer within 100ms")
	require.NotErrorIs(t, err, lock.ErrNotObtained)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = patient.TryAcquire(ctx, "goods", exclusive)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, lock.ErrNotObtained)
}

func TestEtcdThatStopsEndsHoldersAndWaiters(t *testing.T) {
	t.Parallel()
	mortal, err := etcdserver.Start(t.Context(), "")
	require.NoError(t, err)
	c, err := mortal.Client()
	require.NoError(t, err)
	defer c.Close()
	o := lock.Options{Mode: lock.Exclusive, TTL: 5 * time.Second}
	l := etcdlock.New(c, etcdlock.Options{Timeout: 2 * time.Second})
	holder, err := l.TryAcquire(soon(t), "goods", o)
	require.NoError(t, err)
	waiter := make(chan error, 1)
	go func() {
		_, err := l.Acquire(soon(t), "goods", o)
		waiter <- err
	}()
	closes(t, holder.Wanted(), 30*time.Second)
	require.NoError(t, mortal.Close())
	closes(t, holder.Lost(), 10*time.Second)
	err = <-waiter
	require.Error(t, err)
	require.NotErrorIs(t, err, lock.ErrNotObtained)
	require.Error(t, holder.Release(t.Context()))
}

func releaseWhenWanted(t *testing.T, l lock.Lease) {
	ctx := context.WithoutCancel(t.Context())
	go func() {
		<-l.Wanted()
		_ = l.Release(ctx)
	}()
}

package etcdlock_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/lock/etcdlock"
)

func TestKeysAreAsDocumented(t *testing.T) {
	c, prefix := client(t), newPrefix()
	l := etcdlock.New(c, patient(prefix))
	for letter, o := range map[string]lock.Options{"x": exclusive, "s": shared} {
		lease, err := l.TryAcquire(t.Context(), "goods:1", o)
		require.NoError(t, err)
		keys := queue(t, c, prefix)
		require.Len(t, keys, 1)
		require.Regexp(t, "^"+prefix+"/lock/goods:1/q/"+letter+"/[0-9a-f]{16}$", keys[0])
		require.NoError(t, lease.Release(t.Context()))
	}
	r, err := c.Get(t.Context(), prefix, clientv3.WithPrefix())
	require.NoError(t, err)
	require.Len(t, r.Kvs, 1)
	require.Equal(t, prefix+"/lock/goods:1/fence", string(r.Kvs[0].Key))
}

func TestManyLeasesLeaveOneKeyPerName(t *testing.T) {
	c, prefix := client(t), newPrefix()
	l := etcdlock.New(c, patient(prefix))
	for i := range 100 {
		o := lock.Options{Mode: lock.Mode(i % 2)}
		lease, err := l.Acquire(soon(t), "goods", o)
		require.NoError(t, err)
		if i%3 == 0 {
			_, err := l.TryAcquire(t.Context(), "goods", exclusive)
			require.ErrorIs(t, err, lock.ErrNotObtained)
		}
		require.NoError(t, lease.Release(t.Context()))
	}
	r, err := c.Get(t.Context(), prefix, clientv3.WithPrefix(), clientv3.WithCountOnly())
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Count)
}

func TestTTLIsInWholeSecondsAtLeastTwo(t *testing.T) {
	for ttl, want := range map[time.Duration]int64{
		0: 10, -time.Second: 10, time.Millisecond: 2, 2100 * time.Millisecond: 3, time.Minute: 60,
	} {
		c, prefix := client(t), newPrefix()
		lease, err := etcdlock.New(c, patient(prefix)).TryAcquire(t.Context(), "goods", lock.Options{TTL: ttl})
		require.NoError(t, err)
		r, err := c.Get(t.Context(), prefix, clientv3.WithPrefix())
		require.NoError(t, err)
		left, err := c.TimeToLive(t.Context(), clientv3.LeaseID(r.Kvs[0].Lease))
		require.NoError(t, err)
		require.Equal(t, want, left.GrantedTTL, "of %v", ttl)
		require.NoError(t, lease.Release(t.Context()))
	}
}

func TestNoGoroutineOutlivesItsLease(t *testing.T) {
	queue(t, client(t), newPrefix()) // the server's own have started when it answers
	before := goleak.IgnoreCurrent()
	c, err := server.Client()
	require.NoError(t, err)
	l := etcdlock.New(c, patient(newPrefix()))
	holder, err := l.TryAcquire(t.Context(), "goods", exclusive)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-holder.Wanted()
		cancel()
	}()
	_, err = l.Acquire(ctx, "goods", shared)
	require.ErrorIs(t, err, lock.ErrNotObtained)
	_, err = l.TryAcquire(t.Context(), "goods", shared)
	require.ErrorIs(t, err, lock.ErrNotObtained)
	require.NoError(t, holder.Release(t.Context()))
	require.NoError(t, c.Close())
	goleak.VerifyNone(t, before)
}

func BenchmarkTryAcquireRelease(b *testing.B) {
	l := etcdlock.New(client(b), patient(newPrefix()))
	for b.Loop() {
		lease, err := l.TryAcquire(b.Context(), "goods", exclusive)
		require.NoError(b, err)
		require.NoError(b, lease.Release(b.Context()))
	}
}

// BenchmarkHandOver measures the time between the call of Release and the return
// of the next Acquire, among waiters that each have a node of their own.
func BenchmarkHandOver(b *testing.B) {
	for _, waiters := range []int{2, 16} {
		b.Run(fmt.Sprint(waiters), func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			prefix, leases := newPrefix(), make(chan lock.Lease)
			for range waiters {
				l := etcdlock.New(client(b), patient(prefix))
				go func() {
					for ctx.Err() == nil {
						if lease, err := l.Acquire(ctx, "goods", exclusive); err == nil {
							leases <- lease
						}
					}
				}()
			}
			holder := <-leases
			var total time.Duration
			for b.Loop() {
				<-holder.Wanted()
				released, done := time.Now(), make(chan error, 1)
				go func() { done <- holder.Release(ctx) }()
				next := <-leases
				total += time.Since(released)
				require.NoError(b, <-done)
				holder = next
			}
			b.ReportMetric(float64(total.Microseconds())/float64(b.N), "µs/hand-over")
			cancel()
		})
	}
}

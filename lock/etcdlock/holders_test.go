package etcdlock_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/lock/etcdlock"
)

// A key of an older version has the promise alone; one with a node keeps it too.
func TestAPromiseIsReadWithAndWithoutANode(t *testing.T) {
	for value, node := range map[string]string{"50ms": "", "50ms node-a": "node-a"} {
		c, prefix := client(t), newPrefix()
		key := prefix + "/lock/goods/q/s/0000000000000001"
		_, err := c.Put(t.Context(), key, value)
		require.NoError(t, err)
		l := etcdlock.New(c, etcdlock.Options{Prefix: prefix})
		before, err := l.Holders(t.Context(), []string{"goods"})
		require.NoError(t, err)
		require.Equal(t, [][]lock.Holder{{{Node: node, Fence: 1}}}, before)
		lease, err := l.Acquire(soon(t), "goods", lock.Options{Mode: lock.Exclusive, Node: "node-b"})
		require.NoError(t, err, "the holder with %q is not taken over", value)
		after, err := l.Holders(t.Context(), []string{"goods"})
		require.NoError(t, err)
		require.Equal(t, [][]lock.Holder{{{Mode: lock.Exclusive, Node: "node-b", Fence: lease.Fence()}}}, after)
		require.NoError(t, lease.Release(t.Context()))
	}
}

func TestARequestsKeyNamesItsNode(t *testing.T) {
	for want, o := range map[string]lock.Options{
		"": {}, "1.5s": {Yield: 1500 * time.Millisecond}, "1.5s node-a": {Yield: 1500 * time.Millisecond, Node: "node-a"}, " node-a": {Node: "node-a"},
	} {
		c, prefix := client(t), newPrefix()
		lease, err := etcdlock.New(c, etcdlock.Options{Prefix: prefix}).TryAcquire(t.Context(), "goods", o)
		require.NoError(t, err)
		r, err := c.Get(t.Context(), queue(t, c, prefix)[0])
		require.NoError(t, err)
		require.Equal(t, want, string(r.Kvs[0].Value))
		require.NoError(t, lease.Release(t.Context()))
	}
}

// After a take-over a holder from before it has a lower fence than the key says.
func TestAFenceThatIsNotKnownIsNotInvented(t *testing.T) {
	c, prefix := client(t), newPrefix()
	l := etcdlock.New(c, etcdlock.Options{Prefix: prefix})
	old, err := l.TryAcquire(t.Context(), "goods", lock.Options{Node: "node-a"})
	require.NoError(t, err)
	_, err = c.Put(t.Context(), prefix+"/lock/goods/fence", "") // as a take-over of another does
	require.NoError(t, err)
	fresh, err := l.TryAcquire(t.Context(), "goods", lock.Options{Node: "node-b"})
	require.NoError(t, err)
	all, err := l.Holders(t.Context(), []string{"goods"})
	require.NoError(t, err)
	require.Equal(t, []lock.Holder{{Node: "node-a"}, {Node: "node-b", Fence: fresh.Fence()}}, all[0])
	require.Greater(t, fresh.Fence(), old.Fence())
	require.NoError(t, old.Release(t.Context()))
	require.NoError(t, fresh.Release(t.Context()))
}

func TestHoldersOfManyNamesAreReadInFewTransactions(t *testing.T) {
	c, prefix := client(t), newPrefix()
	l := etcdlock.New(c, etcdlock.Options{Prefix: prefix})
	names := make([]string, 250)
	for i := range names {
		names[i] = fmt.Sprint("goods-", i)
		_, err := c.Put(t.Context(), fmt.Sprintf("%s/lock/%s/q/x/%016x", prefix, names[i], i), " node-a")
		require.NoError(t, err)
	}
	counting := &countsTxns{Client: c}
	all, err := etcdlock.New(counting, etcdlock.Options{Prefix: prefix}).Holders(t.Context(), names)
	require.NoError(t, err)
	require.Equal(t, 3, counting.n)
	require.Len(t, all, len(names))
	for i := range all {
		require.Equal(t, []lock.Holder{{Mode: lock.Exclusive, Node: "node-a"}}, all[i])
	}
	none, err := l.Holders(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

type countsTxns struct {
	*clientv3.Client
	n int
}

func (c *countsTxns) Txn(ctx context.Context) clientv3.Txn {
	c.n++
	return c.Client.Txn(ctx)
}

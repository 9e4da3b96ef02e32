package etcdlock_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/lock/etcdlock"
	"github.com/seckill-go/seckill/lock/locktest"
)

var (
	server    *etcdserver.Server
	prefixes  atomic.Int64
	exclusive = lock.Options{Mode: lock.Exclusive}
	shared    = lock.Options{Mode: lock.Shared}
)

func TestMain(m *testing.M) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var err error
	if server, err = etcdserver.Start(ctx, ""); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func TestLocker(t *testing.T) {
	locktest.Run(t, func(t *testing.T) locktest.Fixture {
		node, prefix := client(t), newPrefix()
		return locktest.Fixture{
			Locker: etcdlock.New(node, patient(prefix)),
			Other:  etcdlock.New(client(t), patient(prefix)),
			Crash:  func() { _ = node.Close() },
		}
	})
}

// client is one node's; several in one test are several nodes.
func client(t testing.TB) *clientv3.Client {
	c, err := server.Client()
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// patient are options for a machine that has more to do.
func patient(prefix string) etcdlock.Options {
	return etcdlock.Options{Prefix: prefix, Timeout: time.Minute}
}

// newPrefix sets the keys of one test apart.
func newPrefix() string { return fmt.Sprintf("test-%d", prefixes.Add(1)) }

// queue is the keys of everybody who holds or waits under prefix.
func queue(t testing.TB, c *clientv3.Client, prefix string) []string {
	r, err := c.Get(t.Context(), prefix+"/", clientv3.WithPrefix())
	require.NoError(t, err)
	var keys []string
	for _, kv := range r.Kvs {
		if kv.Lease != 0 {
			keys = append(keys, string(kv.Key))
		}
	}
	return keys
}

// soon is a ctx for what would otherwise wait for ever when it is broken.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func closes(t testing.TB, c <-chan struct{}, within time.Duration) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(within):
		require.FailNow(t, "still open", "after %v", within)
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

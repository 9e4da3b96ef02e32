package etcdblacklist_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/blacklist/blacklisttest"
	"github.com/seckill-go/seckill/blacklist/etcdblacklist"
	"github.com/seckill-go/seckill/internal/etcdserver"
)

var client *clientv3.Client

// No goroutine outlives its test.
func TestMain(m *testing.M) { goleak.VerifyTestMain(served{m}) }

// served runs the tests while an etcd is up.
type served struct{ *testing.M }

func (m served) Run() int {
	server, err := etcdserver.Start(context.Background(), "")
	if err != nil {
		panic(err)
	}
	defer server.Close()
	if client, err = server.Client(); err != nil {
		panic(err)
	}
	defer client.Close()
	return m.M.Run()
}

// run runs the list while the test lasts.
func run(t testing.TB, l *etcdblacklist.List) *etcdblacklist.List {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { require.NoError(t, l.Run(ctx)) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return l
}

// nodes returns two nodes' lists; what the test wrote is gone after it.
func nodes(t testing.TB) (a, b *etcdblacklist.List) {
	t.Cleanup(func() { client.Delete(context.Background(), t.Name()+"/", clientv3.WithPrefix()) })
	o := etcdblacklist.Options{Prefix: t.Name()}
	return etcdblacklist.New(client, o), etcdblacklist.New(client, o)
}

func TestListThatRuns(t *testing.T) {
	blacklisttest.Run(t, func(t *testing.T) blacklisttest.Fixture {
		a, b := nodes(t)
		return blacklisttest.Fixture{A: run(t, a), B: run(t, b)}
	})
}

func TestListThatDoesNotRun(t *testing.T) {
	blacklisttest.Run(t, func(t *testing.T) blacklisttest.Fixture {
		a, b := nodes(t)
		return blacklisttest.Fixture{A: a, B: b}
	})
}

func leases(t *testing.T) map[clientv3.LeaseID]bool {
	resp, err := client.Leases(t.Context())
	require.NoError(t, err)
	all := make(map[clientv3.LeaseID]bool)
	for _, l := range resp.Leases {
		all[l.ID] = true
	}
	return all
}

func add(t *testing.T, l *etcdblacklist.List, user string, d time.Duration) (lease clientv3.LeaseID) {
	e := blacklist.Entry{User: user}
	if d > 0 {
		e.ExpiresAt = time.Now().Add(d)
	}
	require.NoError(t, l.Add(t.Context(), e, time.Now()))
	resp, err := client.Get(t.Context(), t.Name()+"/blacklist/"+user)
	require.NoError(t, err)
	require.Len(t, resp.Kvs, 1)
	return clientv3.LeaseID(resp.Kvs[0].Lease)
}

func TestAnEntryHasALeaseOfItsOwnWhileItIsThere(t *testing.T) {
	l, other := nodes(t)
	first := add(t, l, "u", time.Hour)
	end := time.Now().Add(90*time.Minute + 900*time.Millisecond)
	second := add(t, other, "u", time.Until(end))
	require.NotContains(t, leases(t), first, "replaced: revoked")
	ttl, err := client.TimeToLive(t.Context(), second)
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Duration(ttl.GrantedTTL)*time.Second, time.Until(end), "rounded up")
	require.LessOrEqual(t, ttl.GrantedTTL, int64(90*60+1))

	require.Zero(t, add(t, l, "u", 0), "no end, no lease")
	require.NotContains(t, leases(t), second)

	third := add(t, l, "u", 292*365*24*time.Hour)
	require.Contains(t, leases(t), third)
	_, err = l.Remove(t.Context(), "u", time.Now())
	require.NoError(t, err)
	require.NotContains(t, leases(t), third, "removed: revoked")
}

func TestEtcdRemovesWhatHasEnded(t *testing.T) {
	l, _ := nodes(t)
	add(t, l, "u", time.Millisecond)
	require.Eventually(t, func() bool {
		resp, err := client.Get(t.Context(), t.Name(), clientv3.WithPrefix())
		return err == nil && len(resp.Kvs) == 0
	}, 10*time.Second, 50*time.Millisecond)
}

func TestAnIllegibleEntryKeepsItsUserOutAndNobodyElse(t *testing.T) {
	l, _ := nodes(t)
	key := t.Name() + "/blacklist/"
	_, err := client.Put(t.Context(), key+"broken", "{")
	require.NoError(t, err)
	_, err = client.Put(t.Context(), key+"newer", `{"reason":"r","added_at":"2026-11-11T20:00:00Z","of_a_later_version":1}`)
	require.NoError(t, err)

	_, _, err = l.Find(t.Context(), "broken", time.Now())
	require.ErrorContains(t, err, `etcdblacklist: find "broken"`)
	_, found, err := l.Find(t.Context(), "newer", time.Now())
	require.NoError(t, err)
	require.True(t, found)
	all, err := l.Entries(t.Context(), time.Now())
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func TestErrorsOfTheContextAreTheContexts(t *testing.T) {
	l, _ := nodes(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, l.Add(ctx, blacklist.Entry{User: "u", ExpiresAt: time.Now().Add(time.Hour)}, time.Now()), context.Canceled)
	_, err := l.Remove(ctx, "u", time.Now())
	require.ErrorIs(t, err, context.Canceled)
	_, err = l.Entries(ctx, time.Now())
	require.ErrorIs(t, err, context.Canceled)
	_, _, err = l.Find(ctx, "u", time.Now())
	require.ErrorIs(t, err, context.Canceled)
}

func TestFindAllocatesNothing(t *testing.T) {
	for name, l := range map[string]*etcdblacklist.List{"runs": run(t, first(nodes(t))), "does not run": first(nodes(t))} {
		add(t, l, "u", time.Hour)
		for _, user := range []string{"u", "nobody"} {
			_, _, err := l.Find(t.Context(), user, time.Now())
			require.NoError(t, err)
			require.Zero(t, testing.AllocsPerRun(100, func() { l.Find(context.Background(), user, time.Now()) }), "%s, %s", name, user)
		}
	}
}

func first(a, _ *etcdblacklist.List) *etcdblacklist.List { return a }

func BenchmarkFind(b *testing.B) {
	l := run(b, first(nodes(b)))
	require.NoError(b, l.Add(b.Context(), blacklist.Entry{User: "u", ExpiresAt: time.Now().Add(time.Hour)}, time.Now()))
	for _, user := range []string{"u", "nobody"} {
		b.Run(user, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Find(b.Context(), user, time.Now())
			}
		})
	}
}

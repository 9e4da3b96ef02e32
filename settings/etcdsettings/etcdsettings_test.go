package etcdsettings_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/settings/etcdsettings"
	"github.com/seckill-go/seckill/settings/settingstest"
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

// run runs the store while the test lasts.
func run(t testing.TB, s *etcdsettings.Store) *etcdsettings.Store {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { require.NoError(t, s.Run(ctx)) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return s
}

// node returns one node's store; what the test wrote is gone after it.
func node(t testing.TB) *etcdsettings.Store { return nodeThatLogs(t, nil) }

func nodeThatLogs(t testing.TB, log *slog.Logger) *etcdsettings.Store {
	t.Cleanup(func() { client.Delete(context.Background(), t.Name()+"/", clientv3.WithPrefix()) })
	return etcdsettings.New(client, etcdsettings.Options{Prefix: t.Name(), Logger: log})
}

func TestStoreThatRuns(t *testing.T) {
	settingstest.Run(t, func(t *testing.T) settingstest.Fixture {
		return settingstest.Fixture{A: run(t, node(t)), B: run(t, node(t))}
	})
}

func TestStoreThatDoesNotRun(t *testing.T) {
	settingstest.Run(t, func(t *testing.T) settingstest.Fixture {
		return settingstest.Fixture{A: node(t), B: node(t)}
	})
}

func off(s *settings.Settings) error {
	s.Enabled = false
	return nil
}

func put(t *testing.T, value string) {
	t.Helper()
	_, err := client.Put(t.Context(), t.Name()+"/settings/live", value)
	require.NoError(t, err)
}

func TestTheValueIsLegible(t *testing.T) {
	_, err := node(t).Update(t.Context(), off)
	require.NoError(t, err)
	resp, err := client.Get(t.Context(), t.Name()+"/settings/live")
	require.NoError(t, err)
	require.Len(t, resp.Kvs, 1)
	require.JSONEq(t, `{"version":1,"enabled":false,"rate_limit":{"limit":10,"window":"1m0s"},
		"lock":{"mode":"shared","ttl":"10s","wait":"1s","slice":"50ms"}}`, string(resp.Kvs[0].Value))
}

func TestWhatAHandWrittenValueLeavesOutHasItsDefault(t *testing.T) {
	put(t, `{"version":4,"rate_limit":{"limit":7}}`)
	want := settings.Default()
	want.Version, want.RateLimit.Limit = 4, 7
	got, err := node(t).Get(t.Context())
	require.NoError(t, err)
	got.ReadAt = time.Time{}
	require.Equal(t, want, got)
}

// None of them may switch the sale on again.
var broken = []string{
	``, `null`, `{}`, `{`, `[]`, `{"version":9} x`, `{"version":9}{}`, `{"version":0}`, `{"version":9,"enabeld":true}`,
	`{"version":9,"enabled":"yes"}`, `{"version":9,"rate_limit":{"limit":0}}`, `{"version":9,"rate_limit":{"window":60}}`,
	`{"version":9,"lock":{"mode":"none"}}`, `{"version":9,"lock":{"ttl":"soon"}}`,
}

func TestTheLastGoodSettingsOutliveABrokenValue(t *testing.T) {
	var logged logs
	s := run(t, nodeThatLogs(t, slog.New(slog.NewTextHandler(&logged, nil))))
	_, err := s.Update(t.Context(), off)
	require.NoError(t, err)
	good, err := s.Get(t.Context())
	require.NoError(t, err)
	for _, value := range broken {
		put(t, value)
		require.Eventually(t, logged.Take, 5*time.Second, time.Millisecond, value)
		got, err := s.Get(t.Context())
		require.NoError(t, err)
		got.ReadAt = good.ReadAt
		require.Equal(t, good, got, "stored: %s", value)
	}
}

// logs says whether the broken value was reported since it was last asked.
type logs struct{ reported atomic.Bool }

func (l *logs) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("/settings/live")) {
		l.reported.Store(true)
	}
	return len(line), nil
}

func (l *logs) Take() bool { return l.reported.Swap(false) }

func TestANodeThatNeverSawGoodSettingsDoesNotGuess(t *testing.T) {
	put(t, `{"version":9,"enabled":`)
	_, err := node(t).Get(t.Context())
	require.ErrorContains(t, err, "etcdsettings: get")
}

func TestUpdateRepairsABrokenValue(t *testing.T) {
	knows, fresh := node(t), node(t)
	_, err := knows.Update(t.Context(), off)
	require.NoError(t, err)
	put(t, "broken")
	repaired, err := knows.Update(t.Context(), func(s *settings.Settings) error { s.RateLimit.Limit = 7; return nil })
	require.NoError(t, err)
	require.False(t, repaired.Enabled, "from the last good settings on")
	require.Greater(t, repaired.Version, int64(1))

	put(t, "broken")
	again, err := fresh.Update(t.Context(), off)
	require.NoError(t, err)
	require.Greater(t, again.Version, repaired.Version, "also for a node that never saw the good ones")
	got, err := fresh.Get(t.Context())
	require.NoError(t, err)
	require.Equal(t, again.Version, got.Version)
}

func TestGetFailsWithItsContextIfNothingIsKnown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := node(t).Get(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestGetAllocatesNothing(t *testing.T) {
	for _, s := range []*etcdsettings.Store{run(t, node(t)), node(t)} {
		_, err := s.Update(t.Context(), off)
		require.NoError(t, err)
		_, err = s.Get(t.Context())
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(100, func() { s.Get(context.Background()) }))
	}
}

func BenchmarkGet(b *testing.B) {
	s := run(b, node(b))
	_, err := s.Update(b.Context(), off)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		s.Get(b.Context())
	}
}

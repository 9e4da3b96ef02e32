package etcdmirror_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/internal/etcdmirror"
	"github.com/seckill-go/seckill/internal/etcdserver"
)

func dial(t *testing.T, addr string) *clientv3.Client {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{addr}})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return client
}

func eventually(t *testing.T, m *etcdmirror.Mirror[string], name, want string) {
	t.Helper()
	require.Eventually(t, func() bool {
		got, _, err := m.Get(t.Context(), name)
		return err == nil && got == want
	}, 20*time.Second, time.Millisecond)
}

// The server stops, starts again, is written to and compacted, all before the node
// reaches it again.
func TestSurvivesARestartAndACompactionWhileAway(t *testing.T) {
	dir := t.TempDir()
	first, err := etcdserver.Start(t.Context(), dir)
	require.NoError(t, err)
	wire := newLine(t)
	wire.lead(first.Endpoint)
	client := dial(t, wire.Addr().String())
	_, err = client.Put(t.Context(), prefix+"a", "x")
	require.NoError(t, err)

	m := mirror(client)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	defer running.Wait()
	defer cancel()
	eventually(t, m, "a", "X")
	_, err = client.Put(t.Context(), prefix+"b", "y")
	require.NoError(t, err)
	eventually(t, m, "b", "Y")

	wire.lead("")
	require.NoError(t, first.Close())
	known, asked := m.ReadAt(), time.Now()
	holds(t, m, "a", "X")
	require.Less(t, time.Since(asked), time.Second, "no waiting for a server that is away")
	require.Equal(t, known, m.ReadAt())

	second, err := etcdserver.Start(t.Context(), dir)
	require.NoError(t, err)
	defer second.Close()
	defer wire.lead("") // first: etcd stops slowly while a watch is open
	other := dial(t, second.Endpoint)
	defer other.Close()
	_, err = other.Delete(t.Context(), prefix+"a")
	require.NoError(t, err)
	put, err := other.Put(t.Context(), prefix+"b", "z")
	require.NoError(t, err)
	_, err = other.Compact(t.Context(), put.Header.Revision, clientv3.WithCompactPhysical())
	require.NoError(t, err)

	wire.lead(second.Endpoint)
	eventually(t, m, "b", "Z")
	eventually(t, m, "a", "")
	require.True(t, m.ReadAt().After(known))
	_, err = other.Put(t.Context(), prefix+"a", "again")
	require.NoError(t, err)
	eventually(t, m, "a", "AGAIN")
}

func TestACallToAServerThatIsAwayIsBounded(t *testing.T) {
	wire := newLine(t)
	asked := time.Now()
	_, _, err := mirror(dial(t, wire.Addr().String())).Get(t.Context(), "a")
	require.Error(t, err)
	require.Less(t, time.Since(asked), etcdmirror.Timeout+time.Second)
}

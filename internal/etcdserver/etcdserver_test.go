package etcdserver_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/internal/etcdserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, dir string) *etcdserver.Server {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	server, err := etcdserver.Start(ctx, dir)
	require.NoError(t, err)
	return server
}

// The ports of the second run are others than those the first one wrote down.
func TestAFolderIsTakenUpAgain(t *testing.T) {
	dir := t.TempDir()
	for run := range 3 {
		server := start(t, dir)
		client, err := server.Client()
		require.NoError(t, err)
		got, err := client.Get(t.Context(), "runs")
		require.NoError(t, err)
		if run > 0 {
			require.Len(t, got.Kvs, 1, "run %d found nothing", run)
			require.EqualValues(t, run, got.Kvs[0].Version)
		}
		_, err = client.Put(t.Context(), "runs", "")
		require.NoError(t, err)
		members, err := client.MemberList(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"http://" + server.Endpoint}, members.Members[0].ClientURLs)
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
	}
}

func TestAServerWithoutAFolderLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	server := start(t, "")
	require.NotEmpty(t, entries(t, temp))
	require.NoError(t, server.Close())
	require.Empty(t, entries(t, temp))
}

func entries(t *testing.T, dir string) []os.DirEntry {
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	return all
}

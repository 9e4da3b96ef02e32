package primitive_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/examples/bench/primitive"
	"github.com/seckill-go/seckill/standard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) (*embedded.Servers, standard.Clients) {
	servers, err := embedded.Start(t.Context(), embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	return servers, servers.Clients()
}

func TestEachMeasuresAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	before := traces(t, c)
	var names []string
	for _, p := range primitive.All {
		names = append(names, p.Name)
		rate, err := p.Run(t.Context(), c, 100*time.Millisecond)
		require.NoError(t, err, p.Name)
		require.Positive(t, rate, p.Name)
		require.Equal(t, before, traces(t, c), p.Name)
		t.Logf("%s: %.0f/s", p.Name, rate)
	}
	require.Equal(t, []string{"evalsha", "batch_script", "insert256", "hot_update", "commit", "etcd_mutex16"}, names)
}

// traces lists the keys, tables, indexes and leases that there are.
func traces(t *testing.T, c standard.Clients) (found struct {
	Redis, Database []string
	Keys            int64
	Leases          int
}) {
	var err error
	found.Redis, err = c.Redis.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.NoError(t, c.DB.Raw("SELECT name FROM sqlite_master ORDER BY name").Scan(&found.Database).Error)
	require.NotEmpty(t, found.Database)
	got, err := c.Etcd.Get(t.Context(), "", clientv3.WithPrefix(), clientv3.WithCountOnly())
	require.NoError(t, err)
	found.Keys = got.Count
	leases, err := c.Etcd.Leases(t.Context())
	require.NoError(t, err)
	found.Leases = len(leases.Leases)
	return found
}

func TestAMeasurementThatIsCutOffLeavesNothingBehindEither(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	before := traces(t, c)
	for _, p := range primitive.All {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := p.Run(ctx, c, time.Hour)
		cancel()
		require.Error(t, err, p.Name)
		require.Equal(t, before, traces(t, c), p.Name)
	}
}

func TestABackendThatIsGoneIsAFault(t *testing.T) {
	t.Parallel()
	servers, c := start(t)
	require.NoError(t, servers.Close())
	for _, p := range primitive.All {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := p.Run(ctx, c, 50*time.Millisecond)
		cancel()
		require.Error(t, err, p.Name)
	}
}

package clients_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/examples/internal/clients"
	"github.com/seckill-go/seckill/examples/internal/conf"
	"github.com/seckill-go/seckill/standard"
)

// start starts servers and returns the configuration of their clients.
func start(t *testing.T) conf.Config {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { servers.Close() })
	c := conf.Default()
	c.Database.Driver, c.Database.Path = conf.SQLite, servers.Database
	c.Redis.Addr, c.Kafka.Brokers, c.Etcd.Host = servers.RedisAddr, servers.Brokers, []string{servers.EtcdEndpoint}
	return c
}

func TestOpensAllFourClients(t *testing.T) {
	all, err := clients.Open(t.Context(), start(t))
	require.NoError(t, err)
	require.NoError(t, standard.Prepare(t.Context(), all.Clients))
	require.NoError(t, all.Close())
}

func TestNamesOnlyWhatIsDownAndGivesUpWithTheContext(t *testing.T) {
	c := start(t)
	c.Redis = conf.Redis{ClusterNodes: []string{"127.0.0.1:1"}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := clients.Open(ctx, c)
	require.ErrorContains(t, err, "redis cluster at 127.0.0.1:1: no answer within 1")
	for _, other := range []string{"sqlite", "kafka", "etcd"} {
		require.NotContains(t, err.Error(), other)
	}
}

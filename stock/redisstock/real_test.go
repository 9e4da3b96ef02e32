//go:build real

package redisstock_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock/redisstock"
	"github.com/seckill-go/seckill/stock/stocktest"
)

// The suite against a Redis or a Redis Cluster that is already there:
//
//	SECKILL_TEST_REDIS=host:port[,host:port...] go test -tags real ./stock/redisstock
func TestRealConforms(t *testing.T) {
	client := real(t)
	stocktest.Run(t, func(t *testing.T) stocktest.Fixture {
		return stocktest.Fixture{
			Store:   redisstock.New(client, redisstock.Options{Prefix: ownPrefix(t, client)}),
			Advance: time.Sleep,
		}
	})
}

func BenchmarkReal(b *testing.B) {
	client := real(b)
	benchmark(b, redisstock.New(client, redisstock.Options{Prefix: ownPrefix(b, client)}))
}

func real(t testing.TB) redis.UniversalClient {
	addresses := os.Getenv("SECKILL_TEST_REDIS")
	require.NotEmpty(t, addresses, "SECKILL_TEST_REDIS")
	client := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: strings.Split(addresses, ","), MaxRetries: -1, ContextTimeoutEnabled: true,
	})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// ownPrefix keeps a test's keys apart, and removes them when it has ended.
func ownPrefix(t testing.TB, client redis.UniversalClient) string {
	prefix := "test-" + rand.Text()
	t.Cleanup(func() {
		if cluster, ok := client.(*redis.ClusterClient); ok {
			require.NoError(t, cluster.ForEachMaster(context.Background(), func(ctx context.Context, c *redis.Client) error {
				return clean(ctx, c, prefix)
			}))
			return
		}
		require.NoError(t, clean(context.Background(), client, prefix))
	})
	return prefix
}

func clean(ctx context.Context, client redis.Cmdable, prefix string) error {
	keys := client.Scan(ctx, 0, prefix+":*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := client.Unlink(ctx, keys.Val()).Err(); err != nil {
			return err
		}
	}
	return keys.Err()
}

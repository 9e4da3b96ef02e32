package redisserver_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/internal/redisserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestKeysExpireByThemselves(t *testing.T) {
	server, err := redisserver.Start()
	require.NoError(t, err)
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	defer client.Close()

	require.NoError(t, client.Set(t.Context(), "short", 1, 500*time.Millisecond).Err())
	require.NoError(t, client.Set(t.Context(), "long", 1, time.Hour).Err())
	require.Eventually(t, func() bool {
		return client.Exists(t.Context(), "short").Val() == 0
	}, 5*time.Second, 10*time.Millisecond)
	require.EqualValues(t, 1, client.Exists(t.Context(), "long").Val())
	ttl := client.PTTL(t.Context(), "long").Val()
	require.Less(t, ttl, time.Hour)
	require.Greater(t, ttl, time.Hour-10*time.Second)
}

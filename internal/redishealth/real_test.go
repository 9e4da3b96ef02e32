//go:build real

package redishealth_test

import (
	"context"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/internal/redishealth"
)

func TestEachMasterOfAClusterIsWrittenTo(t *testing.T) {
	client := realtest.Redis(t).(*redis.ClusterClient)
	prefix := realtest.RedisPrefix(t, client)
	require.NoError(t, redishealth.Write(t.Context(), client, prefix))
	var mu sync.Mutex
	masters := make(map[string]int)
	require.NoError(t, client.ForEachMaster(t.Context(), func(ctx context.Context, master *redis.Client) error {
		keys, err := master.Keys(ctx, prefix+"*").Result()
		mu.Lock()
		defer mu.Unlock()
		masters[master.Options().Addr] = len(keys)
		return err
	}))
	require.Len(t, masters, 3)
	for master, keys := range masters {
		require.Equal(t, 1, keys, master)
	}
}

package redisstock_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock/redisstock"
)

// configured is a client whose server is configured as told.
type configured struct {
	*redis.Client
	config map[string]string
}

func (c configured) ConfigGet(ctx context.Context, parameter string) *redis.MapStringStringCmd {
	cmd := redis.NewMapStringStringCmd(ctx)
	cmd.SetVal(map[string]string{parameter: c.config[parameter]})
	return cmd
}

func TestCheckNamesARedisThatIsAwayOrEvicts(t *testing.T) {
	server, client := start(t)
	check := func(c redis.Scripter) error { return redisstock.New(c, redisstock.Options{}).Check(t.Context()) }

	require.NoError(t, check(client))
	require.NoError(t, check(configured{client, map[string]string{"maxmemory": "0", "maxmemory-policy": "allkeys-lru"}}))
	require.NoError(t, check(configured{client, map[string]string{"maxmemory": "1000000", "maxmemory-policy": "noeviction"}}))
	require.ErrorContains(t, check(configured{client, map[string]string{"maxmemory": "1000000", "maxmemory-policy": "allkeys-lru"}}), "want noeviction, got allkeys-lru")
	server.Close()
	require.ErrorContains(t, check(client), "ping")
}

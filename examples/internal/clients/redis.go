package clients

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

func redisName(r conf.Redis) string {
	if r.Addr != "" {
		return "redis at " + r.Addr
	}
	return "redis cluster at " + strings.Join(r.ClusterNodes, ",")
}

func (c *Clients) openRedis(ctx context.Context, r conf.Redis) error {
	if c.Redis == nil {
		c.Redis = newRedis(r)
	}
	if cluster, ok := c.Redis.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return node.Ping(ctx).Err() })
	}
	return c.Redis.Ping(ctx).Err()
}

// newRedis returns a client that sends nothing twice by itself, as the engine
// knows what may be sent again, and that gives up when its context ends.
func newRedis(r conf.Redis) redis.UniversalClient {
	quiet := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if r.Addr != "" {
		return redis.NewClient(&redis.Options{
			Addr: r.Addr, Password: string(r.Password), PoolSize: poolSize,
			MaxRetries: -1, ContextTimeoutEnabled: true, DialTimeout: 2 * time.Second,
			MaintNotificationsConfig: quiet,
		})
	}
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: r.ClusterNodes, Password: string(r.Password), PoolSize: poolSize,
		MaxRetries: -1, ContextTimeoutEnabled: true, DialTimeout: 2 * time.Second,
		// A node that took over is found within a second, also when nobody redirects.
		ClusterStateReloadInterval: time.Second,
		MaintNotificationsConfig:   quiet,
	})
}

// poolSize bounds the connections to a server.
const poolSize = 64

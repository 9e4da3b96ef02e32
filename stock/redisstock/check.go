package redisstock

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/internal/redishealth"
)

// Check returns why the gate cannot be relied on: Redis does not answer, takes no
// writes, or may evict keys when its memory is full. It asks each master of a
// cluster and writes one key to each, which expires. A Redis that hides its
// configuration is assumed not to evict.
func (s *Store) Check(ctx context.Context) error {
	if err := s.configured(ctx); err != nil {
		return err
	}
	if err := redishealth.Write(ctx, s.client, s.prefix); err != nil {
		return fmt.Errorf("redisstock: write: %w", errors.Join(err, ctx.Err()))
	}
	return nil
}

func (s *Store) configured(ctx context.Context) error {
	switch c := s.client.(type) {
	case interface {
		ForEachMaster(context.Context, func(context.Context, *redis.Client) error) error
	}:
		return c.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error { return check(ctx, master) })
	case node:
		return check(ctx, c)
	}
	return nil
}

// node is what a check needs of a client.
type node interface {
	Ping(ctx context.Context) *redis.StatusCmd
	ConfigGet(ctx context.Context, parameter string) *redis.MapStringStringCmd
}

func check(ctx context.Context, n node) error {
	if err := n.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redisstock: ping: %w", errors.Join(err, ctx.Err()))
	}
	limit, err := n.ConfigGet(ctx, "maxmemory").Result()
	if err != nil || limit["maxmemory"] == "0" || limit["maxmemory"] == "" {
		return nil // hidden, or no limit: nothing is evicted
	}
	policy, err := n.ConfigGet(ctx, "maxmemory-policy").Result()
	if p := policy["maxmemory-policy"]; err == nil && !strings.EqualFold(p, "noeviction") {
		return fmt.Errorf("redisstock: maxmemory-policy: want noeviction, got %s", p)
	}
	return nil
}

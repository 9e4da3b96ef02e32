package redisstock

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/stock"
)

// pipeliner is a client that sends many commands in one round trip for each node.
type pipeliner interface {
	Pipelined(ctx context.Context, fn func(redis.Pipeliner) error) ([]redis.Cmder, error)
}

// together is how many goods are read in one round trip.
const together = 1000

// CountsOf implements [stock.Reader]. It sends plain commands, 1000 goods at a time;
// a client that only runs scripts is asked for one goods after the other.
func (s *Store) CountsOf(ctx context.Context, goodsIDs []string) (map[string]stock.Counts, error) {
	all := make(map[string]stock.Counts, len(goodsIDs))
	for ids := range slices.Chunk(goodsIDs, together) {
		if err := s.countsOf(ctx, ids, all); err != nil {
			return nil, fmt.Errorf("redisstock: read the counts of %d goods: %w", len(goodsIDs), cause(ctx, err))
		}
	}
	return all, ctx.Err()
}

func (s *Store) countsOf(ctx context.Context, ids []string, all map[string]stock.Counts) error {
	unsure := ids // of these the script has to look at all keys in one step
	if client, ok := s.client.(pipeliner); ok {
		var err error
		if unsure, err = s.pipeline(ctx, client, ids, all); err != nil {
			return err
		}
	}
	for _, id := range unsure {
		switch c, err := s.counts(ctx, id); {
		case err == nil:
			all[id] = c
		case !errors.Is(err, stock.ErrNotLoaded):
			return err
		}
	}
	return nil
}

// pipeline reads the goods in one round trip, and returns those that seem to have lost
// a key.
func (s *Store) pipeline(ctx context.Context, client pipeliner, ids []string, all map[string]stock.Counts) (unsure []string, err error) {
	fields, keys := make([]*redis.SliceCmd, len(ids)), make([]*redis.IntCmd, len(ids))
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			k, err := s.Keys(id)
			if err != nil {
				return err
			}
			fields[i] = p.HMGet(ctx, k[0], "state", "counted", "total", "left", "held", "sold", "epoch", "fence")
			keys[i] = p.Exists(ctx, k[1], k[2])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		v := fields[i].Val()
		if len(v) != 8 || v[0] != "open" {
			continue
		}
		counted, err := numbers(v[1:2], 1)
		if err != nil {
			return nil, err
		}
		c, err := counts(v[2:])
		if err != nil {
			return nil, err
		}
		if all[id] = c; int64(c.Held+c.Sold) > counted[0] && keys[i].Val() < 2 {
			delete(all, id)
			unsure = append(unsure, id)
		}
	}
	return unsure, nil
}

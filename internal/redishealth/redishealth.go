// Package redishealth proves that Redis takes writes: a replica, a server whose
// memory is full and one that may not save answer every read.
package redishealth

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// expiry is how long a proof's key stays.
const expiry = time.Minute

// tags are how many keys are looked through for one of each master.
const tags = 256

type (
	writer interface {
		Set(ctx context.Context, key string, value any, expiration time.Duration) *redis.StatusCmd
	}
	cluster interface {
		writer
		MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	}
)

// Write writes one key with an expiry to each master of a cluster, or to the
// server: <prefix>:health:{<number>}. It returns the server's own error. A client
// that cannot set keys is assumed to be well.
func Write(ctx context.Context, client any, prefix string) error {
	w, ok := client.(writer)
	if !ok {
		return nil
	}
	keys, err := keys(ctx, client, prefix)
	if err != nil {
		return fmt.Errorf("find the masters: %w", err)
	}
	faults := make([]error, len(keys))
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() { faults[i] = w.Set(ctx, key, "", expiry).Err() })
	}
	all.Wait()
	for i, fault := range faults {
		if fault != nil {
			return fmt.Errorf("set %s: %w", keys[i], fault)
		}
	}
	return nil
}

// keys returns a key for each master. A master that has none of the tags has less
// than a hundredth of the slots.
func keys(ctx context.Context, client any, prefix string) ([]string, error) {
	name := func(tag int) string { return prefix + ":health:{" + strconv.Itoa(tag) + "}" }
	c, ok := client.(cluster)
	if !ok {
		return []string{name(0)}, nil
	}
	var all []string
	seen := make(map[*redis.Client]bool)
	for tag := range tags {
		master, err := c.MasterForKey(ctx, name(tag))
		if err != nil {
			return nil, err
		}
		if !seen[master] {
			seen[master] = true
			all = append(all, name(tag))
		}
	}
	return all, nil
}

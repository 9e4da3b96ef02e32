// Package cache is a small bounded cache whose entries live for a fixed time.
// Callers that miss the same key at once share one load.
package cache

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errUnfinished is what the others get when the caller that loads panics.
var errUnfinished = errors.New("cache: the load did not finish")

// Cache keeps up to max values for ttl each. Errors are not kept. It is safe for
// concurrent use.
type Cache[V any] struct {
	ttl time.Duration
	max int

	mu      sync.Mutex
	entries map[string]*entry[V]
}

type entry[V any] struct {
	until time.Time
	ready chan struct{} // closed when value and err are set
	value V
	err   error
}

// New returns an empty cache.
func New[V any](ttl time.Duration, max int) *Cache[V] {
	return &Cache[V]{ttl: ttl, max: max, entries: make(map[string]*entry[V])}
}

// Get returns the value kept under key, or loads it. Whoever comes first runs the
// load, with the values of its ctx but to the end even if ctx ends, as others wait
// for it; so a load bounds its own time. Whoever waits stops when its ctx ends.
// A hit allocates nothing, not even for a load that is a closure.
func (c *Cache[V]) Get(ctx context.Context, key string, load func(context.Context) (V, error)) (V, error) {
	e, first := c.find(key)
	if first {
		c.load(ctx, key, e, load)
	}
	select {
	case <-e.ready:
		return e.value, e.err
	default:
	}
	select {
	case <-e.ready:
		return e.value, e.err
	case <-ctx.Done():
		var zero V
		return zero, ctx.Err()
	}
}

// Forget drops the key, so that the next Get loads it, even if a load of it is
// under way.
func (c *Cache[V]) Forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}

// find returns the entry of key, and whether it is a new one, which the caller has
// to load.
func (c *Cache[V]) find(key string) (e *entry[V], first bool) {
	// The time counts from before the load: what is read was true then or later.
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[key]; ok && !e.expired(now) {
		return e, false
	}
	e = &entry[V]{until: now.Add(c.ttl), ready: make(chan struct{})}
	delete(c.entries, key)
	// A full cache loses whatever the map yields first, as good as chosen by chance.
	for k := range c.entries {
		if len(c.entries) < c.max {
			break
		}
		delete(c.entries, k)
	}
	c.entries[key] = e
	return e, true
}

// load fills the entry, also when load panics: the others must not wait for ever.
func (c *Cache[V]) load(ctx context.Context, key string, e *entry[V], load func(context.Context) (V, error)) {
	e.err = errUnfinished
	defer func() {
		if e.err != nil {
			c.drop(key, e)
		}
		close(e.ready)
	}()
	e.value, e.err = load(context.WithoutCancel(ctx))
}

func (c *Cache[V]) drop(key string, e *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] == e {
		delete(c.entries, key)
	}
}

// expired is false while the entry is loading.
func (e *entry[V]) expired(now time.Time) bool {
	select {
	case <-e.ready:
		return !now.Before(e.until)
	default:
		return false
	}
}

// Package cache is a small bounded cache whose entries live for a fixed time.
// Callers that miss the same key at once share one load.
package cache

import (
	"context"
	"sync"
	"time"
)

// Cache keeps up to max values for ttl each. Errors are not kept. It is safe for
// concurrent use.
type Cache[V any] struct {
	ttl time.Duration
	max int

	mu      sync.Mutex
	entries map[string]*entry[V]
}

type entry[V any] struct {
	ready chan struct{} // closed when value and err are set
	value V
	err   error
	until time.Time
}

// New returns an empty cache.
func New[V any](ttl time.Duration, max int) *Cache[V] {
	return &Cache[V]{ttl: ttl, max: max, entries: make(map[string]*entry[V])}
}

// Get returns the value kept under key, or loads it. The load runs under the
// first caller's values but not its cancellation, as others wait for it too; a
// caller whose ctx ends stops waiting.
func (c *Cache[V]) Get(ctx context.Context, key string, load func(context.Context) (V, error)) (V, error) {
	c.mu.Lock()
	e, ok := c.entries[key]
	if !ok || e.expired() {
		e = &entry[V]{ready: make(chan struct{})}
		c.put(key, e)
		go func() {
			// The time counts from before the load: what is read was true then or later.
			e.until = time.Now().Add(c.ttl)
			e.value, e.err = load(context.WithoutCancel(ctx))
			if e.err != nil {
				c.drop(key, e)
			}
			close(e.ready)
		}()
	}
	c.mu.Unlock()

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

// Forget drops the key, so that the next Get loads it.
func (c *Cache[V]) Forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}

func (c *Cache[V]) drop(key string, e *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] == e {
		delete(c.entries, key)
	}
}

// put adds the entry; a full cache loses whatever the map yields first, which is
// as good as chosen by chance.
func (c *Cache[V]) put(key string, e *entry[V]) {
	for k := range c.entries {
		if len(c.entries) < c.max {
			break
		}
		delete(c.entries, k)
	}
	c.entries[key] = e
}

// expired is false while the entry is loading: its ready is not closed.
func (e *entry[V]) expired() bool {
	select {
	case <-e.ready:
		return !time.Now().Before(e.until)
	default:
		return false
	}
}

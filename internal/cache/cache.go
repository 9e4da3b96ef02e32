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
type Cache[K comparable, V any] struct {
	ttl time.Duration
	max int

	mu      sync.Mutex
	entries map[K]*Entry[K, V]
}

// Entry is the value of a key, which is there or on its way.
type Entry[K comparable, V any] struct {
	key   K
	until time.Time
	ready chan struct{} // closed when value and err are set
	value V
	err   error
}

// New returns an empty cache.
func New[K comparable, V any](ttl time.Duration, max int) *Cache[K, V] {
	return &Cache[K, V]{ttl: ttl, max: max, entries: make(map[K]*Entry[K, V])}
}

// Get returns the value kept under key, or loads it. Whoever comes first runs the
// load, with the values of its ctx but to the end even if ctx ends, as others wait
// for it; so a load bounds its own time. Whoever waits stops when its ctx ends.
// A hit allocates nothing, not even for a load that is a closure.
func (c *Cache[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	e, first := c.Find(key)
	if first {
		c.load(ctx, e, load)
	}
	return e.Wait(ctx)
}

// Kept returns the value of key if it is there. now is the time, which callers have
// at hand, and which costs more than the rest.
func (c *Cache[K, V]) Kept(key K, now time.Time) (value V, ok bool) {
	c.mu.Lock()
	e := c.entries[key]
	c.mu.Unlock()
	if e == nil || !e.filled() || !e.Fresh(now) || e.err != nil {
		return value, false
	}
	return e.value, true
}

// Forget drops the key, so that the next Get loads it, even if a load of it is
// under way.
func (c *Cache[K, V]) Forget(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}

// Find returns the entry of key, and whether it is a new one, which the caller has
// to [Cache.Fill] whatever happens, as others wait for it.
func (c *Cache[K, V]) Find(key K) (e *Entry[K, V], first bool) {
	// The time counts from before the load: what is read was true then or later.
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[key]; ok && (e.Fresh(now) || !e.filled()) {
		return e, false
	}
	e = &Entry[K, V]{key: key, until: now.Add(c.ttl), ready: make(chan struct{})}
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
func (c *Cache[K, V]) load(ctx context.Context, e *Entry[K, V], load func(context.Context) (V, error)) {
	var value V
	err := errUnfinished
	defer func() { c.Fill(e, value, err) }()
	value, err = load(context.WithoutCancel(ctx))
}

// Fill gives the entry its value, once, to all who wait for it. With an error it is
// not kept.
func (c *Cache[K, V]) Fill(e *Entry[K, V], value V, err error) {
	e.value, e.err = value, err
	if err != nil {
		c.drop(e)
	}
	close(e.ready)
}

func (c *Cache[K, V]) drop(e *Entry[K, V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[e.key] == e {
		delete(c.entries, e.key)
	}
}

// Wait returns the value once it is there, or the error of ctx if that ends first.
func (e *Entry[K, V]) Wait(ctx context.Context) (V, error) {
	if e.filled() {
		return e.value, e.err
	}
	select {
	case <-e.ready:
		return e.value, e.err
	case <-ctx.Done():
		var zero V
		return zero, ctx.Err()
	}
}

// Fresh reports whether the load began within the cache's time before now.
func (e *Entry[K, V]) Fresh(now time.Time) bool { return now.Before(e.until) }

func (e *Entry[K, V]) filled() bool {
	select {
	case <-e.ready:
		return true
	default:
		return false
	}
}

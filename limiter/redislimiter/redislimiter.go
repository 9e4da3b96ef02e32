// Package redislimiter limits calls per key across any number of nodes, with one
// Redis script per call.
//
// The clock is that of the Redis server that holds the key, so the nodes' clocks
// do not matter. Times are exact to the microsecond. A key costs a list of up to
// rate.Limit times and is gone one window after its last allowed call. Each script
// touches one key, so a cluster spreads the users over its nodes; a failover that
// loses writes forgets the calls in them.
package redislimiter

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/internal/redishealth"
	"github.com/seckill-go/seckill/limiter"
)

//go:embed allow.lua
var allowSource string

var allow = redis.NewScript(allowSource)

// Options of a Limiter. The zero value is ready.
type Options struct {
	// Prefix begins each key: <prefix>:limit:<key>. Default "seckill".
	Prefix string
}

// Limiter is a [limiter.Limiter] on Redis. It is safe for concurrent use.
type Limiter struct {
	client redis.Scripter
	prefix string // of all keys
}

var _ limiter.Limiter = (*Limiter)(nil)

// New returns a Limiter on a client that the caller opened and closes. A client
// that retries by itself may count one call twice, which errs on the side of the
// limit.
func New(client redis.Scripter, o Options) *Limiter {
	if o.Prefix == "" {
		o.Prefix = "seckill"
	}
	return &Limiter{client: client, prefix: o.Prefix}
}

// Allow implements [limiter.Limiter].
func (l *Limiter) Allow(ctx context.Context, key string, rate limiter.Rate) (limiter.Decision, error) {
	if err := rate.Validate(); err != nil {
		return limiter.Decision{}, err
	}
	if rate.Limit == 0 {
		return limiter.Decision{RetryAfter: rate.Window}, nil
	}
	wait, err := allow.Run(ctx, l.client, []string{l.prefix + ":limit:" + key}, rate.Limit-1, microseconds(rate.Window)).Int64()
	if err != nil {
		return limiter.Decision{}, fmt.Errorf("redislimiter: allow a call of %q: %w", key, err)
	}
	return limiter.Decision{Allowed: wait == 0, RetryAfter: time.Duration(wait) * time.Microsecond}, nil
}

// Check returns why no call can be counted: Redis does not answer or takes no
// writes. It writes one key to each master, which expires.
func (l *Limiter) Check(ctx context.Context) error {
	if err := redishealth.Write(ctx, l.client, l.prefix); err != nil {
		return fmt.Errorf("redislimiter: write: %w", errors.Join(err, ctx.Err()))
	}
	return nil
}

// microseconds rounds up, so that no window is shorter than it was asked for.
func microseconds(d time.Duration) int64 {
	n := d.Microseconds()
	if time.Duration(n)*time.Microsecond < d {
		n++
	}
	return n
}

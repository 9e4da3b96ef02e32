// Package redissession keeps login sessions in Redis, for many nodes at once.
//
// A session is one key, seckill:session:<id>, that expires with the session; so
// it works on a Redis Cluster too.
package redissession

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/session"
)

var _ session.Store = (*Store)(nil)

// Client is what a [Store] needs of a Redis client.
type Client interface {
	Set(ctx context.Context, key string, value any, expiration time.Duration) *redis.StatusCmd
	Pipelined(ctx context.Context, fn func(redis.Pipeliner) error) ([]redis.Cmder, error)
	Del(ctx context.Context, keys ...string) *redis.IntCmd
}

// Options shape a [Store]. The zero value is ready.
type Options struct {
	// Prefix begins every key. Zero means "seckill".
	Prefix string
}

// Store is a [session.Store] in Redis. It is safe for concurrent use.
type Store struct {
	client Client
	prefix string
}

// New returns a store that works through the client. The caller closes it.
func New(client Client, o Options) *Store {
	if o.Prefix == "" {
		o.Prefix = "seckill"
	}
	return &Store{client: client, prefix: o.Prefix + ":session:"}
}

// Put implements [session.Store].
func (s *Store) Put(ctx context.Context, v session.Session, now time.Time) error {
	left := v.ExpiresAt.Sub(now)
	if left <= 0 {
		return s.Delete(ctx, v.ID)
	}
	value := strconv.FormatInt(v.ExpiresAt.UnixMilli(), 10) + " " + v.User
	// A second more, so that no server with a coarse clock drops it early.
	err := s.client.Set(ctx, s.prefix+v.ID, value, left+time.Second).Err()
	return fault(ctx, err, "put")
}

// Get implements [session.Store]. The ids go in one pipeline, to each node of a
// cluster its own.
func (s *Store) Get(ctx context.Context, ids ...string) []session.Answer {
	values := make([]*redis.StringCmd, len(ids))
	// The error is that of the first command; each has its own.
	_, _ = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			values[i] = p.Get(ctx, s.prefix+id)
		}
		return nil
	})
	answers := make([]session.Answer, len(ids))
	for i, id := range ids {
		answers[i].Session, answers[i].Err = read(ctx, id, values[i])
	}
	return answers
}

// read returns the session that Redis keeps as value.
func read(ctx context.Context, id string, value *redis.StringCmd) (session.Session, error) {
	// When a node of a cluster does not answer until ctx ends, the client gives that
	// error to the values of the others too, beside what they have said.
	text, err := value.Result()
	switch {
	case errors.Is(err, redis.Nil):
		return session.Session{}, session.ErrNotFound
	case err != nil && text == "":
		return session.Session{}, fault(ctx, err, "get")
	}
	ms, user, ok := strings.Cut(text, " ")
	expires, err := strconv.ParseInt(ms, 10, 64)
	if !ok || err != nil {
		return session.Session{}, fmt.Errorf("redissession: get: want a time and a user, got %.80q", text)
	}
	return session.Session{ID: id, User: user, ExpiresAt: time.UnixMilli(expires).UTC()}, nil
}

// Delete implements [session.Store].
func (s *Store) Delete(ctx context.Context, id string) error {
	return fault(ctx, s.client.Del(ctx, s.prefix+id).Err(), "delete")
}

// fault wraps an error with what was tried; the context's own error stays in it.
func fault(ctx context.Context, err error, tried string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return fmt.Errorf("redissession: %s: %w", tried, err)
}

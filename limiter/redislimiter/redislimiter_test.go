package redislimiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/limiter/limitertest"
	"github.com/seckill-go/seckill/limiter/redislimiter"
)

func start(t testing.TB) (*miniredis.Miniredis, *redislimiter.Limiter) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { client.Close() })
	return server, redislimiter.New(client, redislimiter.Options{})
}

func TestLimiter(t *testing.T) {
	limitertest.Run(t, func(t *testing.T) limiter.Limiter {
		_, l := start(t)
		return l
	})
}

var once = limiter.Rate{Limit: 1, Window: 1500 * time.Microsecond}

func TestTimesAreExactToTheMicrosecond(t *testing.T) {
	server, l := start(t)
	now := time.Date(2026, 11, 11, 20, 0, 0, 999_999_000, time.UTC)
	for _, step := range []struct {
		after time.Duration
		want  limiter.Decision
	}{
		{0, limiter.Decision{Allowed: true}},
		{1499 * time.Microsecond, limiter.Decision{RetryAfter: time.Microsecond}},
		{1500 * time.Microsecond, limiter.Decision{Allowed: true}},
	} {
		server.SetTime(now.Add(step.after))
		d, err := l.Allow(t.Context(), "u", once)
		require.NoError(t, err)
		require.Equal(t, step.want, d, "after %v", step.after)
	}
}

func TestAKeyIsAListUnderThePrefixThatGoesAwayByItself(t *testing.T) {
	server, l := start(t)
	for range 5 {
		_, err := l.Allow(t.Context(), "u", limiter.Rate{Limit: 3, Window: time.Minute})
		require.NoError(t, err)
	}
	require.Equal(t, []string{"seckill:limit:u"}, server.Keys())
	times, err := server.List("seckill:limit:u")
	require.NoError(t, err)
	require.Len(t, times, 3)
	require.Equal(t, time.Minute+time.Millisecond, server.TTL("seckill:limit:u"))
	server.FastForward(time.Minute + time.Millisecond)
	require.Empty(t, server.Keys())
}

func TestAClockSetBackLocksNobodyOut(t *testing.T) {
	server, l := start(t)
	now := time.Now()
	rate := limiter.Rate{Limit: 2, Window: time.Minute}
	allowed := func(at time.Time) (n int) {
		server.SetTime(at)
		for range 5 {
			d, err := l.Allow(t.Context(), "u", rate)
			require.NoError(t, err)
			if d.Allowed {
				n++
			}
		}
		return n
	}
	require.Equal(t, 2, allowed(now))
	require.Equal(t, 0, allowed(now.Add(-time.Second)), "a small step counts what was counted")
	require.Equal(t, 2, allowed(now.Add(-time.Hour)), "a large one begins anew")
	require.Equal(t, 0, allowed(now.Add(-time.Hour+59*time.Second)))
	require.Equal(t, 2, allowed(now.Add(-time.Hour+time.Minute)))
}

func TestAFaultNamesTheKeyAndIsNoRefusal(t *testing.T) {
	server, l := start(t)
	require.NoError(t, server.Set("seckill:limit:u", "no list"))
	d, err := l.Allow(t.Context(), "u", once)
	require.ErrorContains(t, err, `redislimiter: allow a call of "u"`)
	require.Zero(t, d)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.Allow(ctx, "u", once)
	require.ErrorIs(t, err, context.Canceled)
}

func TestSurvivesAScriptFlush(t *testing.T) {
	server, l := start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	for range 3 {
		_, err := l.Allow(t.Context(), "u", once)
		require.NoError(t, err)
		require.NoError(t, client.ScriptFlush(t.Context()).Err())
	}
}

func BenchmarkAllow(b *testing.B) {
	_, l := start(b)
	for name, rate := range map[string]limiter.Rate{
		"allowed": {Limit: 1, Window: time.Microsecond},
		"refused": {Limit: 1, Window: time.Hour},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.Allow(b.Context(), name, rate); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package redishealth_test

import (
	"context"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/internal/redishealth"
	"github.com/seckill-go/seckill/limiter/redislimiter"
	"github.com/seckill-go/seckill/stock/redisstock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) (*miniredis.Miniredis, *redis.Client) {
	s := miniredis.RunT(t)
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), MaxRetries: -1})
	t.Cleanup(func() { c.Close() })
	return s, c
}

func TestTheProofIsOneKeyThatExpires(t *testing.T) {
	s, c := start(t)
	for range 3 {
		require.NoError(t, redishealth.Write(t.Context(), c, "shop"))
	}
	require.Equal(t, []string{"shop:health:{0}"}, s.Keys())
	require.Equal(t, time.Minute, s.TTL("shop:health:{0}"))
}

// Such servers answer every read.
func TestAServerThatTakesNoWritesIsNamedByEachBackend(t *testing.T) {
	for _, refusal := range []string{
		"OOM command not allowed when used memory > 'maxmemory'.",
		"READONLY You can't write against a read only replica.",
		"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
	} {
		s, c := start(t)
		check := map[string]func(context.Context) error{
			"gate":    redisstock.New(c, redisstock.Options{}).Check,
			"limiter": redislimiter.New(c, redislimiter.Options{}).Check,
		}
		for name, check := range check {
			require.NoError(t, check(t.Context()), name)
		}
		s.Server().SetPreHook(func(peer *server.Peer, command string, _ ...string) bool {
			if command == "SET" {
				peer.WriteError(refusal)
			}
			return command == "SET"
		})
		for name, check := range check {
			require.ErrorContains(t, check(t.Context()), refusal, name)
		}
	}
}

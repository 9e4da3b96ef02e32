package redissession_test

import (
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/session/redissession"
	"github.com/seckill-go/seckill/session/sessiontest"
)

func client(t *testing.T) (*miniredis.Miniredis, *redis.Client) {
	server := miniredis.RunT(t)
	c := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return server, c
}

func TestStoreKeepsTheLaws(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) session.Store {
		_, c := client(t)
		return redissession.New(c, redissession.Options{})
	})
}

func TestAKeyExpiresWithItsSessionAndSaysWhatItIs(t *testing.T) {
	server, c := client(t)
	sessions, err := session.New(redissession.New(c, redissession.Options{Prefix: "shop"}), session.Options{
		Keys: []session.Key{{ID: "k", Secret: make([]byte, 32)}},
	})
	require.NoError(t, err)
	_, s, err := sessions.Issue(t.Context(), "user-1")
	require.NoError(t, err)
	require.Equal(t, []string{"shop:session:" + s.ID}, server.Keys())
	require.InDelta(t, 24*3600, server.TTL("shop:session:"+s.ID).Seconds(), 5)
	server.FastForward(25 * 3600e9)
	require.Empty(t, server.Keys())
}

func TestAStrangeValueIsAFault(t *testing.T) {
	server, c := client(t)
	require.NoError(t, server.Set("seckill:session:x", "nonsense"))
	_, err := redissession.New(c, redissession.Options{}).Get(t.Context(), "x")
	require.ErrorContains(t, err, "nonsense")
	require.NotErrorIs(t, err, session.ErrNotFound)
}

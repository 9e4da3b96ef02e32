package redissession_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/redisserver"
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
		server, err := redisserver.Start() // whose keys expire by themselves
		require.NoError(t, err)
		t.Cleanup(server.Close)
		c := redis.NewClient(&redis.Options{Addr: server.Addr, MaxRetries: -1, ContextTimeoutEnabled: true})
		t.Cleanup(func() { require.NoError(t, c.Close()) })
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

func TestAStrangeValueIsAFaultOfItsOwn(t *testing.T) {
	server, c := client(t)
	store := redissession.New(c, redissession.Options{})
	good := session.Session{ID: "b", User: "user-1", ExpiresAt: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)}
	require.NoError(t, store.Put(t.Context(), good, time.Now()))
	require.NoError(t, server.Set("seckill:session:x", "nonsense"))
	_, err := server.Lpush("seckill:session:y", "a list")
	require.NoError(t, err)
	got := store.Get(t.Context(), "a", "x", "y", "b")
	require.ErrorIs(t, got[0].Err, session.ErrNotFound)
	require.ErrorContains(t, got[1].Err, "nonsense")
	require.NotErrorIs(t, got[1].Err, session.ErrNotFound)
	require.ErrorContains(t, got[2].Err, "WRONGTYPE")
	require.Equal(t, session.Answer{Session: good}, got[3])
}

func TestANodeThatIsSilentFailsItsOwnSessionsAlone(t *testing.T) {
	server, c := client(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	cluster := redis.NewClusterClient(&redis.ClusterOptions{
		MaxRetries: -1, ContextTimeoutEnabled: true,
		ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) {
			return []redis.ClusterSlot{
				{Start: 0, End: 8191, Nodes: []redis.ClusterNode{{Addr: server.Addr()}}},
				{Start: 8192, End: 16383, Nodes: []redis.ClusterNode{{Addr: silent.Addr().String()}}},
			}, nil
		},
	})
	t.Cleanup(func() { require.NoError(t, cluster.Close()) })
	here := session.Session{ID: "a", User: "user-1", ExpiresAt: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)}
	require.NoError(t, redissession.New(c, redissession.Options{}).Put(t.Context(), here, time.Now()))

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	got := redissession.New(cluster, redissession.Options{}).Get(ctx, "a", "b", "c", "e") // slots 2915, 15104, 11041, 3047
	require.Equal(t, session.Answer{Session: here}, got[0])
	require.ErrorIs(t, got[1].Err, context.DeadlineExceeded)
	require.ErrorIs(t, got[2].Err, context.DeadlineExceeded)
	require.ErrorIs(t, got[3].Err, session.ErrNotFound)
}

package cutproxy_test

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/internal/cutproxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, lose func([]byte) bool) (*cutproxy.Proxy, *miniredis.Miniredis, *redis.Client) {
	server := miniredis.NewMiniRedis()
	require.NoError(t, server.StartAddr("127.0.0.1:0"))
	t.Cleanup(server.Close)
	p, err := cutproxy.Start(cutproxy.Options{Server: server.Addr(), Framer: cutproxy.Redis, Lose: lose})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	c := redis.NewClient(&redis.Options{Addr: p.Addr, MaxRetries: -1})
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return p, server, c
}

func TestWhatIsNotLostIsPassedOnBothWays(t *testing.T) {
	p, _, c := start(t, nil)
	large := strings.Repeat("x\r\n*3$", 100_000)
	require.NoError(t, c.Set(t.Context(), "k", large, 0).Err())
	require.Equal(t, large, c.Get(t.Context(), "k").Val())
	require.Zero(t, p.Lost())
}

func TestALostAnswerWasGivenAfterTheDeed(t *testing.T) {
	p, server, c := start(t, func(m []byte) bool { return bytes.Contains(m, []byte("incr")) })
	require.Error(t, c.Incr(t.Context(), "n").Err())
	require.Equal(t, 1, p.Lost())
	n, err := server.Get("n")
	require.NoError(t, err)
	require.Equal(t, "1", n)
	require.Equal(t, "1", c.Get(t.Context(), "n").Val(), "the next connection is whole")
}

func TestAScriptIsKnownByItsHash(t *testing.T) {
	script, other := redis.NewScript("return 1"), redis.NewScript("return 2")
	p, _, c := start(t, func(m []byte) bool { return cutproxy.Script(m, script.Hash()) })
	require.NoError(t, script.Load(t.Context(), c).Err())
	require.NoError(t, other.Run(t.Context(), c, nil).Err())
	require.Error(t, script.Run(t.Context(), c, nil).Err())
	require.Equal(t, 1, p.Lost())
}

func TestAServerThatIsAwayEndsTheConnection(t *testing.T) {
	_, server, c := start(t, nil)
	server.Close()
	require.Error(t, c.Ping(t.Context()).Err())
}

func TestCloseCutsWhoIsConnected(t *testing.T) {
	p, _, c := start(t, nil)
	require.NoError(t, c.Ping(t.Context()).Err())
	require.NoError(t, p.Close())
	require.Error(t, c.Ping(t.Context()).Err())
	p, _, _ = start(t, nil)
	require.NotEmpty(t, p.Addr)
}

func TestPacketsOfMySQLAreFramedByTheirLength(t *testing.T) {
	stream := bufio.NewReader(strings.NewReader("\x07\x00\x00\x00\x03COMMIT" + "\x05\x00\x00\x00\x03PING"))
	m, err := cutproxy.MySQL(stream)
	require.NoError(t, err)
	require.True(t, cutproxy.Commit(m))
	m, err = cutproxy.MySQL(stream)
	require.NoError(t, err)
	require.Equal(t, "\x05\x00\x00\x00\x03PING", string(m))
	require.False(t, cutproxy.Commit(m))
	_, err = cutproxy.MySQL(stream)
	require.ErrorIs(t, err, io.EOF)
}

func TestACutCommandIsAFault(t *testing.T) {
	for _, text := range []string{"*2\r\n$3\r\nGE", "*2\r\n$x\r\n", "*x2\r\n", "*1\r\n"} {
		_, err := cutproxy.Redis(bufio.NewReader(strings.NewReader(text)))
		require.Error(t, err, "%q", text)
	}
	m, err := cutproxy.Redis(bufio.NewReader(strings.NewReader("PING\r\n")))
	require.NoError(t, err)
	require.Equal(t, "PING\r\n", string(m))
}

package redisstock_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/stock/redisstock"
	"github.com/seckill-go/seckill/stock/stocktest"
)

func TestConforms(t *testing.T) {
	stocktest.Run(t, func(t *testing.T) stocktest.Fixture {
		server, client := start(t)
		now := time.Now()
		server.SetTime(now)
		return stocktest.Fixture{
			Store:   redisstock.New(client, redisstock.Options{}),
			Advance: func(d time.Duration) { now = now.Add(d); server.SetTime(now) },
		}
	})
}

// start gives a test a server of its own.
func start(t testing.TB) (*miniredis.Miniredis, *redis.Client) {
	server := miniredis.RunT(t)
	return server, dial(t, server.Addr())
}

// dial gives a client as the package's comment wants it.
func dial(t testing.TB, address string) *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1, ContextTimeoutEnabled: true, ReadTimeout: time.Minute})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

//go:build real

package redisstock_test

import (
	"testing"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/stock/redisstock"
)

func BenchmarkReal(b *testing.B) {
	client := realtest.Redis(b)
	benchmark(b, redisstock.New(client, redisstock.Options{Prefix: realtest.RedisPrefix(b, client)}))
}

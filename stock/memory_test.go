package stock_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/stocktest"
)

func TestMemoryConforms(t *testing.T) {
	stocktest.Run(t, func(t *testing.T) stocktest.Fixture {
		var ahead atomic.Int64
		store := &stock.Memory{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}
		return stocktest.Fixture{Store: store, Advance: func(d time.Duration) { ahead.Add(int64(d)) }}
	})
}

package redisstock_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

func BenchmarkMiniredis(b *testing.B) {
	_, client := start(b)
	benchmark(b, redisstock.New(client, redisstock.Options{}))
}

// benchmark measures each script; orders/s is over the whole call.
func benchmark(b *testing.B, store stock.Store) {
	for _, size := range []int{1, 64, 256, 1024} {
		b.Run(fmt.Sprintf("reserve/%d", size), func(b *testing.B) {
			open(b, store, stock.MaxUnits)
			count(b, size, func(i int) {
				_, err := store.Reserve(b.Context(), "1001", 1, crowd(i, size))
				require.NoError(b, err)
			})
		})
		b.Run(fmt.Sprintf("reserve+confirm/%d", size), func(b *testing.B) {
			open(b, store, stock.MaxUnits)
			count(b, size, func(i int) {
				r, err := store.Reserve(b.Context(), "1001", 1, crowd(i, size))
				require.NoError(b, err)
				unknown, err := store.Confirm(b.Context(), "1001", []string{r.Group})
				require.NoError(b, err)
				require.Empty(b, unknown)
			})
		})
		b.Run(fmt.Sprintf("reserve+settle/%d", size), func(b *testing.B) {
			open(b, store, stock.MaxUnits)
			count(b, size, func(i int) {
				requests := crowd(i, size)
				_, err := store.Reserve(b.Context(), "1001", 1, requests)
				require.NoError(b, err)
				require.NoError(b, store.Settle(b.Context(), "1001", verdict(stock.Confirm, requests)))
			})
		})
		b.Run(fmt.Sprintf("soldout/%d", size), func(b *testing.B) {
			open(b, store, 0)
			count(b, size, func(i int) {
				_, err := store.Reserve(b.Context(), "1001", 1, crowd(i, size))
				require.NoError(b, err)
			})
		})
	}
	b.Run("counts", func(b *testing.B) {
		open(b, store, 10)
		for b.Loop() {
			_, err := store.Counts(b.Context(), "1001")
			require.NoError(b, err)
		}
	})
	b.Run("holds/100", func(b *testing.B) {
		open(b, store, 1000)
		_, err := store.Reserve(b.Context(), "1001", 1, crowd(0, 1000))
		require.NoError(b, err)
		for b.Loop() {
			_, err := store.Holds(b.Context(), "1001", 0, 100)
			require.NoError(b, err)
		}
	})
	b.Run("countsof/1000", func(b *testing.B) {
		var ids []string
		for i := range 1000 {
			ids = append(ids, fmt.Sprint("goods-", i))
			_, err := store.Load(b.Context(), ids[i], 1, stock.Snapshot{Total: 10})
			require.NoError(b, err)
		}
		for b.Loop() {
			all, err := store.CountsOf(b.Context(), ids)
			require.NoError(b, err)
			require.Len(b, all, len(ids))
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			open(b, store, 20_000)
		}
	})
}

func count(b *testing.B, size int, call func(i int)) {
	i := 0
	for b.Loop() {
		call(i)
		i++
	}
	b.ReportMetric(float64(i*size)/b.Elapsed().Seconds(), "orders/s")
}

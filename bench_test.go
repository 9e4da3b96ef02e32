package seckill_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkPurchase is the combiner alone: buyers of one goods, each of whom comes
// again as soon as he is answered, and parts in memory, which take next to no time.
//
//	go test -run '^$' -bench Purchase -benchtime 200000x .
func BenchmarkPurchase(b *testing.B) {
	for _, buyers := range []int{1, 64, 1024} {
		b.Run(fmt.Sprint(buyers), func(b *testing.B) {
			s := open(b, 100_000_000, 0)
			tokens := make([]string, b.N)
			for i := range tokens {
				tokens[i] = s.ticket(fmt.Sprint("user-", i%buyers), 1)
			}
			before := s.Tally()
			var next atomic.Int64
			var all sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for range buyers {
				all.Go(func() {
					for {
						i := int(next.Add(1)) - 1
						if i >= len(tokens) {
							return
						}
						if _, err := s.Purchase(b.Context(), fmt.Sprint("user-", i%buyers), "1001", tokens[i]); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.StopTimer()
			after := s.Tally()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
			groups := after.GroupSizes.Since(before.GroupSizes)
			b.ReportMetric(groups.Sum/float64(groups.Count), "orders/group")
		})
	}
}

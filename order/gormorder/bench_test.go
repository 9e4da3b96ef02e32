package gormorder_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

var sizes = []int{1, 64, 256, 1024}

func BenchmarkCommit(b *testing.B) { benchCommit(b, openSQLite(b, b.TempDir()+"/ledger.db")) }

func BenchmarkMove(b *testing.B) { benchMove(b, openSQLite(b, b.TempDir()+"/ledger.db")) }

func benchCommit(b *testing.B, db *gorm.DB) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := opened(b, db)
			for b.Loop() {
				_, err := s.Commit(b.Context(), "bench", 0, unlimited(n))
				require.NoError(b, err)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

func benchMove(b *testing.B, db *gorm.DB) {
	for _, n := range sizes {
		for name, move := range map[string]order.Move{"pay": order.Pay, "cancel": order.Cancel} {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				s := opened(b, db)
				for b.Loop() {
					b.StopTimer()
					out, err := s.Commit(b.Context(), "bench", 0, buyers(n))
					require.NoError(b, err)
					changes := make([]order.Change, n)
					for i, o := range out {
						changes[i] = order.Change{EventID: o.Order.ID, OrderID: o.Order.ID, Move: move, PaymentID: o.Order.ID, At: time.Now()}
					}
					b.StartTimer()
					_, err = s.Move(b.Context(), changes)
					require.NoError(b, err)
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "orders/s")
			})
		}
	}
}

func opened(tb testing.TB, db *gorm.DB) *gormorder.Store {
	s := gormorder.New(db, gormorder.Options{})
	_, err := s.Open(tb.Context(), "bench", 0, 100_000_000)
	require.NoError(tb, err)
	return s
}

// buyers returns n drafts of as many users, one unit each, at most 2 to a user.
func buyers(n int) []order.Draft {
	now := time.Now()
	g := make([]order.Draft, n)
	for i := range g {
		id := uuid7.New(now)
		g[i] = order.Draft{
			ID: id, UserID: "user-" + id[24:], Quantity: 1, Limit: 2,
			Amount: 1999, Currency: "CNY", CreatedAt: now, PayBy: now.Add(15 * time.Minute),
		}
	}
	return g
}

func unlimited(n int) []order.Draft {
	g := buyers(n)
	for i := range g {
		g[i].Limit = 0
	}
	return g
}

//go:build real

package gormorder_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

func TestGroupsOfManyGoodsShareATransactionOfMySQL(t *testing.T) {
	sharesTransactions(t, openMySQL(t), func() []order.Draft { return unlimited(3) }, 3+1)
}

func TestGroupsOfLimitedGoodsShareATransactionOfMySQL(t *testing.T) {
	sharesTransactions(t, openMySQL(t), func() []order.Draft { return buyers(3) }, 3+1)
}

func TestInASharedTransactionOfMySQLEachGroupHasItsOwnAnswer(t *testing.T) {
	answersEach(t, openMySQL(t))
}

func TestAGoodsWhoseRowIsLockedHoldsUpNoOther(t *testing.T) {
	db := openMySQL(t)
	s := openCrowd(t, db)
	report := db.Begin()
	require.NoError(t, report.Exec("SELECT * FROM seckill_stock WHERE goods_id = 'goods-12' FOR UPDATE").Error)
	locked := make(chan error, 3)
	for range 3 { // more than go by themselves
		go func() {
			_, err := s.Commit(t.Context(), "goods-12", 0, unlimited(1))
			locked <- err
		}()
	}
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if i%40 != 12 {
				_, err := s.Commit(t.Context(), fmt.Sprint("goods-", i%40), 0, unlimited(1))
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	require.Empty(t, locked)
	require.NoError(t, report.Rollback().Error)
	for range 3 {
		require.NoError(t, <-locked)
	}
}

func TestNodesThatSellManyGoodsAtOnceAgree(t *testing.T) {
	const nodes, goods, total = 3, 40, 50
	seed := time.Now().UnixNano()
	t.Log("seed", seed)
	db := openMySQL(t)
	openCrowd(t, db)
	var committed atomic.Int64
	var wg sync.WaitGroup
	for node := range nodes {
		s := gormorder.New(db, gormorder.Options{})
		for worker := range 40 {
			random := rand.New(rand.NewPCG(uint64(seed), uint64(node*1000+worker)))
			wg.Go(func() {
				for range total {
					drafts := buyers(1 + random.IntN(3))
					for i := range drafts { // few users, who meet their limit of 2
						drafts[i].UserID = fmt.Sprint("user-", random.IntN(8))
					}
					out, err := s.Commit(t.Context(), fmt.Sprint("goods-", random.IntN(goods)), 5, drafts)
					assert.NoError(t, err)
					for _, o := range out {
						if o.Status == order.Committed {
							committed.Add(1)
						}
					}
				}
			})
		}
	}
	wg.Wait()
	s, sold := gormorder.New(db, gormorder.Options{}), 0
	for i := range goods {
		row, err := s.Recount(t.Context(), fmt.Sprint("goods-", i))
		require.NoError(t, err)
		require.True(t, row.Sound(), "%+v", row)
		units := make(map[string]int)
		for o, err := range s.Sales(t.Context(), row.GoodsID) {
			require.NoError(t, err)
			units[o.UserID]++
		}
		for user, n := range units {
			require.LessOrEqual(t, n, 2, user)
		}
		sold += row.Sold
	}
	require.EqualValues(t, committed.Load(), sold)
	require.Equal(t, goods*10, sold, "everything is sold")
}

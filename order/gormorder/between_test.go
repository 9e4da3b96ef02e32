//go:build real

package gormorder_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

// between runs f once, after a group has written its orders and before it books
// them in the stock row: the moment in which another node may change everything.
// SQLite has no such moment, as it has one writer; nor can a test come in between
// where the statements go at once.
func between(t *testing.T, db *gorm.DB, f func()) *gormorder.Store {
	var came atomic.Bool
	require.NoError(t, db.Callback().Raw().Before("gorm:raw").Register("test:between", func(tx *gorm.DB) {
		if strings.HasPrefix(tx.Statement.SQL.String(), "UPDATE seckill_stock FORCE INDEX (PRIMARY) SET sold") && came.CompareAndSwap(false, true) {
			f()
		}
	}))
	t.Cleanup(func() {
		require.NoError(t, db.Callback().Raw().Remove("test:between"))
		require.True(t, came.Load())
	})
	return gormorder.New(db, gormorder.Options{})
}

func TestAGroupThatIsOvertakenInBetweenIsFenced(t *testing.T) {
	db := openMySQL(t, realtest.OneByOne)
	other := opened(t, db)
	s := between(t, db, func() {
		row, err := other.Stock(t.Context(), "bench")
		require.NoError(t, err)
		_, err = other.Open(t.Context(), "bench", row.Fence+2, row.Total)
		require.NoError(t, err)
	})
	_, err := s.Commit(t.Context(), "bench", 1, unlimited(3))
	require.ErrorIs(t, err, order.ErrFenced)
	soldOf(t, other, "bench", 0)
}

func TestALimitHoldsThoughAnotherGroupIsBookedInBetween(t *testing.T) {
	db := openMySQL(t, realtest.OneByOne)
	other := opened(t, db)
	drafts, elsewhere := buyers(1), buyers(2) // 2 units for each user
	for _, d := range [][]order.Draft{drafts, elsewhere} {
		for i := range d {
			d[i].UserID = "user"
		}
	}
	s := between(t, db, func() {
		outcomes, err := other.Commit(t.Context(), "bench", 0, elsewhere)
		require.NoError(t, err)
		require.Equal(t, []order.Status{order.Committed, order.Committed}, statuses(outcomes))
	})
	outcomes, err := s.Commit(t.Context(), "bench", 0, drafts)
	require.NoError(t, err)
	require.Equal(t, []order.Status{order.LimitReached}, statuses(outcomes))
}

//go:build unix

package torture_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/order/gormorder"
)

// lossy is a connection pool whose COMMIT succeeds and says that it did not know,
// each time it is armed.
type lossy struct {
	gorm.ConnPool
	armed atomic.Bool
	lost  atomic.Int64
}

var errCut = errors.New("connection reset by peer")

// BeginTx implements [gorm.ConnPoolBeginner].
func (l *lossy) BeginTx(ctx context.Context, o *sql.TxOptions) (gorm.ConnPool, error) {
	tx, err := l.ConnPool.(gorm.ConnPoolBeginner).BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return &lossyTx{ConnPool: tx, pool: l}, nil
}

type lossyTx struct {
	gorm.ConnPool
	pool *lossy
}

// Commit implements [gorm.TxCommitter].
func (t *lossyTx) Commit() error {
	err := t.ConnPool.(gorm.TxCommitter).Commit()
	if err == nil && t.pool.armed.CompareAndSwap(true, false) {
		t.pool.lost.Add(1)
		return errCut
	}
	return err
}

// Rollback implements [gorm.TxCommitter].
func (t *lossyTx) Rollback() error { return t.ConnPool.(gorm.TxCommitter).Rollback() }

func TestALostAnswerToCommitMakesOneOrderOnSQLite(t *testing.T) {
	t.Parallel()
	db, err := sqlitedb.Open(filepath.Join(t.TempDir(), "seckill.db"))
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	l := &lossy{ConnPool: db.Statement.ConnPool}
	db.Config.ConnPool, db.Statement.ConnPool = l, l
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	oneOrderEach(t, db, func() { l.armed.Store(true) })
	require.EqualValues(t, *cuts, l.lost.Load())
}

// oneOrderEach has as many users buy, each of whose commits loses its answer, and
// presents each ticket again.
func oneOrderEach(t *testing.T, db *gorm.DB, cut func()) {
	orders := gormorder.New(db, gormorder.Options{})
	e, err := seckill.New(seckill.Options{Orders: orders})
	require.NoError(t, err)
	admin := e.Admin("torture")
	_, err = admin.PutGoods(t.Context(), goods.Goods{
		ID: "1001", Title: "Phone", Price: 1999, Currency: "CNY", Total: *cuts, LimitPerUser: 1,
		StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	_, err = admin.Preload(t.Context(), "1001")
	require.NoError(t, err)
	seen := map[string]bool{}
	for i := range *cuts {
		user := fmt.Sprintf("user-%d", i)
		tk, err := e.Ticket(t.Context(), user, "1001", 1)
		require.NoError(t, err)
		cut()
		got, err := e.Purchase(t.Context(), user, "1001", tk.Token)
		require.NoError(t, err)
		again, err := e.Purchase(t.Context(), user, "1001", tk.Token)
		require.NoError(t, err)
		require.Equal(t, got.Order.ID, again.Order.ID)
		seen[got.Order.ID] = true
	}
	require.Len(t, seen, *cuts)
	row, err := orders.Recount(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, []int{*cuts, *cuts, *cuts}, []int{row.Sold, row.Ordered, row.Entries})
	created := 0
	batches, _, err := orders.Pending(t.Context(), 10**cuts)
	require.NoError(t, err)
	for _, b := range batches {
		for _, ev := range b.Events {
			if ev.Type == "order.created" {
				require.True(t, seen[ev.Key], "an event of order %s, which nobody has", ev.Key)
				created++
			}
		}
	}
	require.Equal(t, *cuts, created, "events of new orders")
}

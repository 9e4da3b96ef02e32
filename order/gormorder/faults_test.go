package gormorder_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

// count returns the number of statements that fn runs on db.
func count(t *testing.T, db *gorm.DB, fn func()) int64 {
	var n atomic.Int64
	add := func(*gorm.DB) { n.Add(1) }
	require.NoError(t, db.Callback().Raw().Replace("test:count", add))
	require.NoError(t, db.Callback().Row().Replace("test:count", add))
	fn()
	require.NoError(t, db.Callback().Raw().Remove("test:count"))
	require.NoError(t, db.Callback().Row().Remove("test:count"))
	return n.Load()
}

func TestStatementsDoNotGrowWithTheGroup(t *testing.T) { statements(t, openSQLite(t, "")) }

func statements(t *testing.T, db *gorm.DB) {
	s := opened(t, db)
	var orders []order.Outcome
	commit := func(drafts []order.Draft) func() {
		return func() {
			var err error
			orders, err = s.Commit(t.Context(), "bench", 0, drafts)
			require.NoError(t, err)
		}
	}
	commit(unlimited(1))() // finds out what the driver takes
	for _, n := range []int{1, 64, 512} {
		require.EqualValues(t, 3, count(t, db, commit(unlimited(n))), "a clean group of %d", n)
		require.EqualValues(t, 3, count(t, db, commit(buyers(n))), "a clean group of %d with limits", n)
	}
	refused := buyers(2)
	refused[0].Quantity = 3
	require.EqualValues(t, 5, count(t, db, commit(refused)), "a group with a refused draft")
	require.EqualValues(t, 6, count(t, db, commit(append(buyers(2), refused[1], refused[0]))), "and with a replayed one")
	again := unlimited(2)
	commit(again)()
	require.EqualValues(t, 4, count(t, db, commit(again)), "a group that was committed before: a try that fails, and one that looks")

	commit(buyers(128))()
	pays, cancels := make([]order.Change, 64), make([]order.Change, 64)
	for i := range 64 {
		pays[i] = order.Change{EventID: fmt.Sprint(i), OrderID: orders[i].Order.ID, Move: order.Pay}
		cancels[i] = order.Change{OrderID: orders[64+i].Order.ID, Move: order.Cancel}
	}
	move := func(changes []order.Change) func() {
		return func() {
			_, err := s.Move(t.Context(), changes)
			require.NoError(t, err)
		}
	}
	require.EqualValues(t, 7, count(t, db, move(pays)), "64 payments")
	require.EqualValues(t, 5, count(t, db, move(cancels)), "64 cancels")
}

// fail makes statements on db fail, as often as n says.
func fail(t *testing.T, db *gorm.DB, n int64, err error) {
	var left atomic.Int64
	left.Store(n)
	require.NoError(t, db.Callback().Raw().Before("gorm:raw").Register("test:fail", func(db *gorm.DB) {
		if left.Add(-1) >= 0 {
			db.AddError(err)
		}
	}))
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	for name, err := range map[string]error{
		"lock wait": &mysql.MySQLError{Number: 1205},
		"deadlock":  &mysql.MySQLError{Number: 1213},
		"duplicate": gorm.ErrDuplicatedKey, // Another transaction added it, and the next try sees it.
	} {
		db := openSQLite(t, "")
		s := opened(t, db)
		fail(t, db, 3, err)
		out, err := s.Commit(t.Context(), "bench", 0, buyers(3))
		require.NoError(t, err, name)
		require.Equal(t, order.Committed, out[2].Status, name)
	}
}

func TestTriesAreBounded(t *testing.T) {
	db := openSQLite(t, "")
	opened(t, db)
	fail(t, db, 1<<40, &mysql.MySQLError{Number: 1213})
	_, err := gormorder.New(db, gormorder.Options{Tries: 3}).Commit(t.Context(), "bench", 0, buyers(3))
	require.ErrorContains(t, err, `gormorder: commit 3 drafts of "bench"`)
	deadlock, ok := errors.AsType[*mysql.MySQLError](err)
	require.True(t, ok)
	require.EqualValues(t, 1213, deadlock.Number)
}

func TestOtherFaultsAreNotTriedAgain(t *testing.T) {
	db := openSQLite(t, "")
	s := opened(t, db)
	fail(t, db, 1, mysql.ErrInvalidConn)
	_, err := s.Commit(t.Context(), "bench", 0, buyers(1))
	require.ErrorIs(t, err, mysql.ErrInvalidConn)
}

// cutAfterCommit loses the answer to the first COMMIT.
type cutAfterCommit struct {
	gorm.ConnPool
	cut *atomic.Bool
}

func (c cutAfterCommit) BeginTx(ctx context.Context, o *sql.TxOptions) (gorm.ConnPool, error) {
	tx, err := c.ConnPool.(gorm.ConnPoolBeginner).BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return &cutTx{tx.(gorm.Tx), c.cut}, nil
}

type cutTx struct {
	gorm.Tx
	cut *atomic.Bool
}

func (t *cutTx) Commit() error {
	if err := t.Tx.Commit(); err != nil || t.cut.Swap(true) {
		return err
	}
	return mysql.ErrInvalidConn
}

func TestUnknownOutcomeIsToldByCallingAgain(t *testing.T) {
	db := openSQLite(t, "")
	opened(t, db)
	db.Statement.ConnPool = cutAfterCommit{db.Statement.ConnPool, new(atomic.Bool)}
	s, group := gormorder.New(db, gormorder.Options{}), buyers(3)
	_, err := s.Commit(t.Context(), "bench", 0, group)
	require.ErrorIs(t, err, mysql.ErrInvalidConn)
	out, err := s.Commit(t.Context(), "bench", 0, group)
	require.NoError(t, err)
	for i, o := range out {
		require.Equal(t, order.Replayed, o.Status)
		require.Equal(t, group[i].ID, o.Order.ID)
	}
	row, err := s.Stock(t.Context(), "bench")
	require.NoError(t, err)
	require.Equal(t, 3, row.Sold)
}

func TestTablesRefuseAnOversale(t *testing.T) { refusesOversale(t, openSQLite(t, "")) }

func refusesOversale(t *testing.T, db *gorm.DB) {
	opened(t, db)
	require.Error(t, db.Exec("UPDATE seckill_stock SET sold = total + 1").Error)
	require.Error(t, db.Exec("UPDATE seckill_stock SET sold = -1").Error)
}

func TestStatementsOfGroupsAreNotKeptPrepared(t *testing.T) {
	db := openSQLite(t, "")
	prepared := db.Session(&gorm.Session{PrepareStmt: true})
	s := opened(t, prepared)
	_, err := s.Commit(t.Context(), "bench", 0, buyers(7))
	require.NoError(t, err)
	require.Empty(t, prepared.Statement.ConnPool.(*gorm.PreparedStmtDB).Stmts.Keys())
}

func TestMigrateManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	done := make(chan error)
	for range 4 {
		go func() {
			db, err := sqlitedb.Open(path)
			if err == nil {
				err = errors.Join(gormorder.Migrate(t.Context(), db), gormorder.Migrate(t.Context(), db))
				pool, _ := db.DB()
				pool.Close()
			}
			done <- err
		}()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
	opened(t, openSQLite(t, path))
}

func TestOrdersSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	group := buyers(2)
	_, err := opened(t, openSQLite(t, path)).Commit(t.Context(), "bench", 0, group)
	require.NoError(t, err)
	out, err := gormorder.New(openSQLite(t, path), gormorder.Options{}).Commit(t.Context(), "bench", 0, group)
	require.NoError(t, err)
	require.Equal(t, order.Replayed, out[1].Status)
}

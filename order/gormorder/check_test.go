package gormorder_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/order/gormorder"
)

func openToCheck(t *testing.T) *gorm.DB {
	db, err := sqlitedb.Open("") // of one connection, so that a PRAGMA holds
	require.NoError(t, err)
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	t.Cleanup(func() {
		pool, err := db.DB()
		require.NoError(t, err)
		pool.Close()
	})
	return db
}

func TestCheckNamesADatabaseWithoutTablesOrAway(t *testing.T) {
	db, err := sqlitedb.Open(filepath.Join(t.TempDir(), "check.db"))
	require.NoError(t, err)
	store := gormorder.New(db, gormorder.Options{})
	require.ErrorContains(t, store.Check(t.Context()), "no such table")
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	require.NoError(t, store.Check(t.Context()))
	pool, err := db.DB()
	require.NoError(t, err)
	require.NoError(t, pool.Close())
	require.Error(t, store.Check(t.Context()))
}

func TestCheckNamesWhatKeepsTheLedgerFromWriting(t *testing.T) {
	for statement, reason := range map[string]string{
		"PRAGMA query_only = ON":                                              "attempt to write a readonly database",
		"ALTER TABLE seckill_ledger DROP COLUMN node":                         "seckill_ledger: SQL logic error: no such column: node",
		"DROP TABLE seckill_inbox":                                            "no such table: seckill_inbox",
		"DELETE FROM seckill_migrations WHERE name = 'order/0001_ledger.sql'": "seckill_migrations lacks order/0001_ledger.sql",
	} {
		t.Run(statement, func(t *testing.T) {
			db := openToCheck(t)
			store := gormorder.New(db, gormorder.Options{})
			require.NoError(t, store.Check(t.Context()))
			require.NoError(t, db.Exec(statement).Error)
			require.ErrorContains(t, store.Check(t.Context()), reason)
		})
	}
}

func TestCheckLeavesOneRowHoweverOftenItWrites(t *testing.T) {
	db := openToCheck(t)
	rows := func() (n int) {
		require.NoError(t, db.Raw("SELECT COUNT(*) FROM seckill_migrations").Row().Scan(&n))
		return n
	}
	before := rows()
	for range 10 {
		require.NoError(t, gormorder.New(db, gormorder.Options{}).Check(t.Context()))
	}
	require.Equal(t, before, rows())
}

func TestCheckMissesEveryColumnThatTheMigrationsMake(t *testing.T) {
	db := openToCheck(t)
	store := gormorder.New(db, gormorder.Options{})
	columns, err := db.Raw("SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c" +
		" WHERE t.type = 'table' AND t.name LIKE 'seckill_%' AND t.name != 'seckill_migrations'").Rows()
	require.NoError(t, err)
	var renames [][2]string
	for columns.Next() {
		var table, column string
		require.NoError(t, columns.Scan(&table, &column))
		rename := "ALTER TABLE " + table + " RENAME COLUMN "
		renames = append(renames, [2]string{rename + column + " TO renamed", rename + "renamed TO " + column})
	}
	require.NoError(t, columns.Close())
	require.NotEmpty(t, renames)
	for _, r := range renames {
		require.NoError(t, db.Exec(r[0]).Error)
		require.ErrorContains(t, store.Check(t.Context()), "no such column", "%s: the list in check.go lacks it", r[0])
		require.NoError(t, db.Exec(r[1]).Error)
		require.NoError(t, store.Check(t.Context()))
	}
}

package gormorder_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/order/gormorder"
)

func TestCheckNamesADatabaseWithoutTablesOrAway(t *testing.T) {
	db, err := sqlitedb.Open(filepath.Join(t.TempDir(), "check.db"))
	require.NoError(t, err)
	store := gormorder.New(db, gormorder.Options{})
	require.ErrorContains(t, store.Check(t.Context()), "seckill_stock")
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	require.NoError(t, store.Check(t.Context()))
	pool, err := db.DB()
	require.NoError(t, err)
	require.NoError(t, pool.Close())
	require.Error(t, store.Check(t.Context()))
}

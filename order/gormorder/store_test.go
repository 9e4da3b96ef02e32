package gormorder_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/order/ordertest"
)

func TestStoreKeepsTheLawsInMemory(t *testing.T) {
	ordertest.RunStore(t, func(t *testing.T) order.Store { return gormorder.New(openSQLite(t, ""), gormorder.Options{Page: 100}) })
}

func TestStoreKeepsTheLawsInAFile(t *testing.T) {
	ordertest.RunStore(t, func(t *testing.T) order.Store {
		return gormorder.New(openSQLite(t, filepath.Join(t.TempDir(), "ledger.db")), gormorder.Options{Page: 100})
	})
}

func openSQLite(t testing.TB, path string) *gorm.DB {
	db := openEmpty(t, path)
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	return db
}

func openEmpty(t testing.TB, path string) *gorm.DB {
	db, err := sqlitedb.Open(path)
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return db
}

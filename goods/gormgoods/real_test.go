//go:build real

package gormgoods_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/goods/goodstest"
	"github.com/seckill-go/seckill/goods/gormgoods"
)

// SECKILL_TEST_MYSQL is the data source name of a database for tests, whose
// catalog is emptied.
func TestCatalogKeepsTheLawsInMySQL(t *testing.T) {
	dsn := os.Getenv("SECKILL_TEST_MYSQL")
	require.NotEmpty(t, dsn)
	goodstest.Run(t, func(t *testing.T) goods.Catalog {
		db, err := gorm.Open(mysql.Open(dsn), &gorm.Config{Logger: logger.Discard})
		require.NoError(t, err)
		pool, err := db.DB()
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, pool.Close()) })
		require.NoError(t, gormgoods.Migrate(t.Context(), db))
		require.NoError(t, db.Exec("DELETE FROM seckill_goods").Error)
		return gormgoods.New(db, gormgoods.Options{})
	})
}

//go:build real

package gormorder_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/order/ordertest"
)

// These tests run against the MySQL or MariaDB that SECKILL_TEST_MYSQL names, and
// empty the ledger's tables there:
//
//	SECKILL_TEST_MYSQL='root:@tcp(127.0.0.1:3306)/test?interpolateParams=true' go test -tags real ./order/gormorder

var tables = []string{"stock", "orders", "ledger", "outbox", "enqueued", "inbox", "audit"}

func TestStoreKeepsTheLawsInMySQL(t *testing.T) {
	ordertest.RunStore(t, func(t *testing.T) order.Store { return gormorder.New(openMySQL(t), gormorder.Options{Page: 100}) })
}

func openMySQL(t testing.TB) *gorm.DB {
	dsn := os.Getenv("SECKILL_TEST_MYSQL")
	require.NotEmpty(t, dsn, "SECKILL_TEST_MYSQL is the data source name of a database for tests")
	db, err := gorm.Open(mysql.Open(dsn), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(32)
	pool.SetMaxIdleConns(32)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	for _, table := range tables {
		require.NoError(t, db.Exec("TRUNCATE TABLE seckill_"+table).Error)
	}
	return db
}

func BenchmarkCommitMySQL(b *testing.B) { benchCommit(b, openMySQL(b)) }

func BenchmarkMoveMySQL(b *testing.B) { benchMove(b, openMySQL(b)) }

func TestStatementsDoNotGrowWithTheGroupInMySQL(t *testing.T) { statements(t, openMySQL(t)) }

func TestTablesOfMySQLRefuseAnOversale(t *testing.T) { refusesOversale(t, openMySQL(t)) }

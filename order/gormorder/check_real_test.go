//go:build real

package gormorder_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order/gormorder"
)

// The driver replaces the server's error by "bad connection" for its own retries.
func TestCheckNamesAReadOnlyMySQL(t *testing.T) {
	db := openMySQL(t)
	require.NoError(t, gormorder.New(db, gormorder.Options{}).Check(t.Context()))
	var version string
	require.NoError(t, db.Raw("SELECT VERSION()").Row().Scan(&version))
	setting := "transaction_read_only" // MySQL's word; MariaDB knows it from 11.1 on
	if strings.Contains(version, "MariaDB") {
		setting = "tx_read_only"
	}
	readOnly := realtest.Again(t, db, func(c *mysql.Config) { c.Params = map[string]string{setting: "1"} })
	require.ErrorContains(t, gormorder.New(readOnly, gormorder.Options{}).Check(t.Context()), "Error 1792: the database takes no writes: "+setting+" is ON")
}

func TestCheckNoticesADDLLockWithinSeconds(t *testing.T) {
	db := openMySQL(t)
	for _, table := range []string{"seckill_stock", "seckill_orders", "seckill_ledger"} {
		require.NoError(t, db.Connection(func(other *gorm.DB) error {
			require.NoError(t, other.Exec("LOCK TABLES "+table+" WRITE").Error)
			defer other.Exec("UNLOCK TABLES")
			began := time.Now()
			err := gormorder.New(db, gormorder.Options{}).Check(t.Context())
			require.ErrorContains(t, err, "Error 1205")
			require.ErrorContains(t, err, table)
			require.Less(t, time.Since(began), 8*time.Second, "the wait is for a second; a connection's default is a day")
			return nil
		}))
		require.NoError(t, gormorder.New(db, gormorder.Options{}).Check(t.Context()))
	}
}

func TestCheckLeavesTheConnectionAsItWas(t *testing.T) {
	db := openMySQL(t)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
	wait := func() (seconds int) {
		require.NoError(t, db.Raw("SELECT @@lock_wait_timeout").Row().Scan(&seconds))
		return seconds
	}
	before := wait()
	require.NotEqual(t, 1, before)
	require.NoError(t, gormorder.New(db, gormorder.Options{}).Check(t.Context()))
	require.Equal(t, before, wait())
}

func TestCheckNamesTheColumnThatMySQLLacks(t *testing.T) {
	db := openMySQL(t)
	require.NoError(t, db.Exec("ALTER TABLE seckill_ledger DROP COLUMN node").Error)
	require.ErrorContains(t, gormorder.New(db, gormorder.Options{}).Check(t.Context()), "Error 1054 (42S22): Unknown column 'node'")
}

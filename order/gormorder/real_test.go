//go:build real

package gormorder_test

import (
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order/gormorder"
)

func openMySQL(t testing.TB, change ...func(*mysql.Config)) *gorm.DB {
	db := realtest.DB(t, change...)
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	return db
}

func BenchmarkCommitMySQL(b *testing.B) { benchCommit(b, openMySQL(b)) }

func BenchmarkMoveMySQL(b *testing.B) { benchMove(b, openMySQL(b)) }

func TestAGroupIsOneStatementWhereMySQLTakesSeveralAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*mysql.Config)
		statements int64
	}{
		"at once":            {func(*mysql.Config) {}, 1},
		"one by one":         {func(c *mysql.Config) { c.MultiStatements = false }, 1 + 3},
		"prepared":           {realtest.OneByOne, 1 + 3},
		"at once, if it can": {func(c *mysql.Config) { c.InterpolateParams = false }, 1 + 3},
	} {
		t.Run(name, func(t *testing.T) {
			db := openMySQL(t, c.change)
			s := opened(t, db)
			commit := func() {
				_, err := s.Commit(t.Context(), "bench", 0, unlimited(64))
				require.NoError(t, err)
			}
			commit() // asks the driver
			require.Equal(t, c.statements, count(t, db, commit))
		})
	}
}

func TestAServerThatBrokeALawIsRefusedByName(t *testing.T) {
	db := realtest.DB(t)
	require.NoError(t, db.Callback().Row().Before("gorm:row").Register("test:tidb", func(tx *gorm.DB) {
		if tx.Statement.SQL.String() == "SELECT VERSION()" {
			tx.Statement.SQL.Reset()
			tx.Statement.SQL.WriteString("SELECT '8.0.11-TiDB-v8.5.0'")
		}
	}))
	require.ErrorContains(t, gormorder.Migrate(t.Context(), db), "TiDB (8.0.11-TiDB-v8.5.0)")
	require.NoError(t, gormorder.Migrate(t.Context(), db, gormorder.TiDB))
}

func TestTablesOfMySQLRefuseAnOversale(t *testing.T) { refusesOversale(t, openMySQL(t)) }

func TestClockOfMySQLIsTheServers(t *testing.T) { showsTheTime(t, openMySQL(t)) }

func TestADeletedStockRowOfMySQLStopsNoPaymentAndNoCancel(t *testing.T) { losesARow(t, openMySQL(t)) }

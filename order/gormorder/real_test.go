//go:build real

package gormorder_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order/gormorder"
)

func openMySQL(t testing.TB) *gorm.DB {
	db := realtest.DB(t)
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	return db
}

func BenchmarkCommitMySQL(b *testing.B) { benchCommit(b, openMySQL(b)) }

func BenchmarkMoveMySQL(b *testing.B) { benchMove(b, openMySQL(b)) }

func TestStatementsDoNotGrowWithTheGroupInMySQL(t *testing.T) { statements(t, openMySQL(t)) }

func TestOldTablesOfMySQLAreBroughtUpToDate(t *testing.T) { upgrades(t, realtest.DB(t)) }

func TestTablesOfMySQLRefuseAnOversale(t *testing.T) { refusesOversale(t, openMySQL(t)) }

func TestClockOfMySQLIsTheServers(t *testing.T) { showsTheTime(t, openMySQL(t)) }

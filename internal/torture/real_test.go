//go:build unix && real

package torture_test

import (
	"cmp"
	"database/sql"
	"os"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seckill-go/seckill/internal/cutproxy"
	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order/gormorder"
)

func TestALostAnswerToCommitMakesOneOrderOnMySQL(t *testing.T) {
	direct := realtest.DB(t)
	require.NoError(t, gormorder.Migrate(t.Context(), direct))
	var name string
	require.NoError(t, direct.Raw("SELECT DATABASE()").Row().Scan(&name))
	dsn, err := driver.ParseDSN(cmp.Or(os.Getenv("SECKILL_TEST_MYSQL"), "root:123456@tcp(127.0.0.1:3306)/"))
	require.NoError(t, err)
	var armed atomic.Bool
	proxy, err := cutproxy.Start(cutproxy.Options{Server: dsn.Addr, Framer: cutproxy.MySQL, Lose: func(m []byte) bool {
		return cutproxy.Commit(m) && armed.CompareAndSwap(true, false)
	}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	dsn.Addr, dsn.DBName, dsn.ParseTime, dsn.RejectReadOnly = proxy.Addr, name, true, true
	dsn.InterpolateParams, dsn.MultiStatements = true, true
	dsn.Timeout, dsn.ReadTimeout, dsn.WriteTimeout = 3*time.Second, 10*time.Second, 10*time.Second
	dsn.Logger = &driver.NopLogger{} // it would tell of each cut
	connector, err := driver.NewConnector(dsn)
	require.NoError(t, err)
	pool := sql.OpenDB(connector)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	db, err := gorm.Open(mysql.New(mysql.Config{Conn: pool}), &gorm.Config{Logger: logger.Discard, SkipDefaultTransaction: true, TranslateError: true})
	require.NoError(t, err)
	oneOrderEach(t, db, func() { armed.Store(true) })
	require.Equal(t, *cuts, proxy.Lost())
}

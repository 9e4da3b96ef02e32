//go:build unix && real

package torture_test

import (
	"sync/atomic"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/cutproxy"
	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order/gormorder"
)

func TestALostAnswerToCommitMakesOneOrderOnMySQL(t *testing.T) {
	direct := realtest.DB(t)
	require.NoError(t, gormorder.Migrate(t.Context(), direct))
	var armed atomic.Bool
	proxy, err := cutproxy.Start(cutproxy.Options{Server: realtest.MySQLAddr(t), Framer: cutproxy.MySQL, Lose: func(m []byte) bool {
		return cutproxy.Commit(m) && armed.CompareAndSwap(true, false)
	}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	db := realtest.Again(t, direct, func(c *driver.Config) { c.Addr = proxy.Addr })
	oneOrderEach(t, db, func() { armed.Store(true) })
	require.Equal(t, *cuts, proxy.Lost())
}

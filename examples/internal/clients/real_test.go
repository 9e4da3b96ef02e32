//go:build real

package clients_test

import (
	"cmp"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/internal/clients"
	"github.com/seckill-go/seckill/examples/internal/conf"
	"github.com/seckill-go/seckill/standard"
)

// The database is made and dropped.
func TestMakesTheDatabaseThatIsMissing(t *testing.T) {
	dsn, err := mysql.ParseDSN(cmp.Or(os.Getenv("SECKILL_TEST_MYSQL"), "root:123456@tcp(127.0.0.1:3306)/"))
	require.NoError(t, err)
	host, port, err := net.SplitHostPort(dsn.Addr)
	require.NoError(t, err)
	c := start(t)
	c.Database = conf.Database{Driver: conf.MySQL, Host: host, User: dsn.User, Password: conf.Secret(dsn.Passwd), Name: "seckill_made_by_a_test"}
	c.Database.Port, err = strconv.Atoi(port)
	require.NoError(t, err)

	for range 2 { // missing, and there already
		all, err := clients.Open(t.Context(), c)
		require.NoError(t, err)
		require.NoError(t, standard.Prepare(t.Context(), all.Clients))
		t.Cleanup(func() {
			all.DB.Exec("DROP DATABASE IF EXISTS `" + c.Database.Name + "`")
			all.Close()
		})
	}
}

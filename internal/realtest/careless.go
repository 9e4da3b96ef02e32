//go:build real

package realtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Careless opens a pool to a database of its own that behaves like a server on which
// locking reads take no lock and each transaction is REPEATABLE READ, whatever the
// client asks for. A ledger must keep its laws there.
func Careless(t testing.TB, change ...func(*mysqldriver.Config)) *gorm.DB {
	t.Helper()
	home := DB(t)
	dsn := source(t, change)
	require.NoError(t, home.Raw("SELECT DATABASE()").Row().Scan(&dsn.DBName))
	connector, err := mysqldriver.NewConnector(dsn)
	require.NoError(t, err)
	pool := sql.OpenDB(careless{connector})
	pool.SetMaxOpenConns(32)
	pool.SetMaxIdleConns(32)
	t.Cleanup(func() { _ = pool.Close() })
	db, err := gorm.Open(mysql.New(mysql.Config{Conn: pool}), &gorm.Config{Logger: logger.Discard, SkipDefaultTransaction: true, TranslateError: true})
	require.NoError(t, err)
	return db
}

type careless struct{ driver.Connector }

// conn is what the driver's connections are.
type conn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

func (c careless) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner := made.(conn)
	_, err = inner.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", nil)
	return carelessConn{inner}, err
}

type carelessConn struct{ conn }

var forget = strings.NewReplacer(" FOR UPDATE", "", " SKIP LOCKED", "", " NOWAIT", "", " LOCK IN SHARE MODE", "", " FOR SHARE", "",
	"SET TRANSACTION ISOLATION LEVEL READ COMMITTED; ", "")

func (c carelessConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	return c.conn.BeginTx(ctx, driver.TxOptions{})
}

func (c carelessConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.conn.PrepareContext(ctx, forget.Replace(query))
}

func (c carelessConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.conn.ExecContext(ctx, forget.Replace(query), args)
}

func (c carelessConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.conn.QueryContext(ctx, forget.Replace(query), args)
}

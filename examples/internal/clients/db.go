package clients

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seckill-go/seckill/examples/internal/conf"
	"github.com/seckill-go/seckill/internal/sqlitedb"
)

// DatabaseName says which database it is, without the password.
func DatabaseName(d conf.Database) string {
	if d.Driver == conf.SQLite {
		return "sqlite at " + d.Path
	}
	return "mysql at " + net.JoinHostPort(d.Host, strconv.Itoa(d.Port))
}

func (c *Clients) openDB(ctx context.Context, d conf.Database) (err error) {
	if d.Driver == conf.SQLite {
		if c.DB, err = sqlitedb.Open(d.Path); err != nil {
			return definite{err}
		}
		return nil
	}
	if c.DB == nil {
		c.DB, err = openMySQL(ctx, d, queries)
	}
	if isUnknownDatabase(err) {
		if err := createDatabase(ctx, d); err != nil {
			return err
		}
		c.DB, err = openMySQL(ctx, d, queries)
	}
	if err != nil {
		return err
	}
	c.Packets, err = openMySQL(ctx, d, packets)
	return err
}

func openMySQL(ctx context.Context, d conf.Database, use func(*mysql.Config)) (*gorm.DB, error) {
	pool, err := connect(d, d.Name, use)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(32) // buyers share commits, so few connections do
	pool.SetMaxIdleConns(32)
	pool.SetConnMaxLifetime(30 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	db, err := gorm.Open(gormmysql.New(gormmysql.Config{Conn: pool}), &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		Logger:                 logger.Discard, // errors are returned
	})
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

// queries and packets are what the two pools are for: the ledger's writes are several
// statements in one packet, and nothing else may be.
func queries(*mysql.Config)   {}
func packets(c *mysql.Config) { c.MultiStatements = true }

// connect returns a pool whose connections end what hangs, and leave a server that
// has become read-only.
func connect(d conf.Database, name string, use func(*mysql.Config)) (*sql.DB, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", net.JoinHostPort(d.Host, strconv.Itoa(d.Port))
	c.User, c.Passwd, c.DBName = d.User, string(d.Password), name
	c.ParseTime, c.Loc = true, time.UTC
	c.Timeout, c.ReadTimeout, c.WriteTimeout = 3*time.Second, 10*time.Second, 10*time.Second
	c.RejectReadOnly, c.InterpolateParams = true, true
	c.Logger = &mysql.NopLogger{} // errors are returned
	use(c)
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func isUnknownDatabase(err error) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && e.Number == 1049
}

// createDatabase makes the database, if the user may. Its name has been checked:
// there is nothing in it to escape.
func createDatabase(ctx context.Context, d conf.Database) error {
	pool, err := connect(d, "", queries)
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS `"+d.Name+"` CHARACTER SET utf8mb4")
	return err
}

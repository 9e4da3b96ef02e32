// Package gormorder keeps the ledger of a sale in MySQL, MariaDB or SQLite,
// through GORM.
//
// Make the tables with [Migrate], once or at every start. A data source name for
// MySQL wants these settings; the first keeps the placeholders of a group's
// statements on the client's side, the next ones end what hangs and leave a server
// that has become read-only:
//
//	interpolateParams=true&timeout=3s&readTimeout=10s&writeTimeout=10s&rejectReadOnly=true&parseTime=true&loc=UTC
//
// With multiStatements=true beside them the statements of a group go in one round
// trip, which a lone buyer feels. It makes a hole for SQL injection larger, if
// other users of the pool have one; here every value is a placeholder's.
//
// Times are stored in UTC whatever parseTime and loc say. MySQL is to be 8.0.16
// or later, as older ones ignore CHECK constraints; the ledger's own condition
// holds either way. SQLite is for the driver glebarez/sqlite, and is to be opened
// with _txlock=immediate and a busy_timeout.
//
// A [Store] lets a goods' groups pass one behind the other at its stock row, whose
// lock they hold for an update and the commit: nobody books behind a condition
// that another group is about to change. A group takes three statements, whatever
// its size up to 512, and one more if its buyers have a limit; one that cannot be
// booked as a whole is rolled back and takes the row's lock first.
//
// Many small groups, of many goods at once, share transactions: five statements for
// all of them. That wants SKIP LOCKED, of MySQL 8.0 and MariaDB 10.6; elsewhere each
// goes by itself.
package gormorder

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

var _ order.Store = (*Store)(nil)

// Options tune a [Store]. The zero value is ready.
type Options struct {
	// Tries is how often a transaction is tried that the database gives up because
	// of a deadlock, a lock wait or a busy file. Zero means 10.
	Tries int
	// Page is how many orders Sales reads at a time. Zero means 1000.
	Page int
}

// Store is an [order.Store] in a database. It is safe for concurrent use.
type Store struct {
	db    *gorm.DB
	mysql bool
	tries int
	page  int
	joins joins
	crowd crowd
}

// New returns a store on the database, whose tables [Migrate] has made. The
// caller opens and closes db.
func New(db *gorm.DB, o Options) *Store {
	s := &Store{db: gormdb.Plain(db), mysql: db.Name() == "mysql", tries: o.Tries, page: o.Page}
	if s.tries <= 0 {
		s.tries = 10
	}
	if s.page <= 0 {
		s.page = 1000
	}
	return s
}

// hint makes MySQL use an index of a table. Its own choice goes by statistics,
// which lag seconds behind a table that fills as fast as here; until then it may
// read, and lock, every row.
func (s *Store) hint(index string) string {
	if !s.mysql {
		return ""
	}
	return " FORCE INDEX (" + index + ")"
}

// locking ends a SELECT that locks its rows until the transaction ends. A
// transaction of SQLite has locked everything.
func (s *Store) locking() string {
	if !s.mysql {
		return ""
	}
	return " FOR UPDATE"
}

// lockingFree does so with the rows that nobody has locked, and leaves out others.
func (s *Store) lockingFree() string {
	if !s.mysql {
		return ""
	}
	return " FOR UPDATE SKIP LOCKED"
}

//go:embed migrations
var migrations embed.FS

// Migrate makes or updates the tables. It may be called at every start, and by
// many processes at once. The database user needs the right to create tables.
func Migrate(ctx context.Context, db *gorm.DB) error {
	return gormdb.Migrate(ctx, db, "order", migrations)
}

// chunk is how many rows or ids one statement has at most.
const chunk = 512

// transact runs fn as one transaction. A duplicate key is tried again too: what
// another transaction added meanwhile is seen by then.
func (s *Store) transact(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return s.transactAt(ctx, sql.LevelReadCommitted, fn)
}

func (s *Store) transactAt(ctx context.Context, level sql.IsolationLevel, fn func(tx *gorm.DB) error) error {
	return gormdb.Transact(ctx, s.db, level, s.tries, func(err error) bool { return gormdb.Duplicate(s.db, err) }, fn)
}

// fault wraps an error with what was tried; the contract's own errors stay as
// they are.
func fault(ctx context.Context, err error, format string, args ...any) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, order.ErrNotFound), errors.Is(err, order.ErrFenced), errors.Is(err, order.ErrTotalTooSmall):
		return err
	}
	return fmt.Errorf("order: %s: %w", fmt.Sprintf(format, args...), gormdb.Cause(ctx, err))
}

func now() gormdb.Moment { return gormdb.Moment(time.Now()) }

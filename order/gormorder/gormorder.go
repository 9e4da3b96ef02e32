// Package gormorder keeps the ledger of a sale in MySQL, MariaDB or SQLite,
// through GORM.
//
// Make the tables with [Migrate], once or at every start. A data source name for
// MySQL should have these settings. The first keeps the placeholders of a group's
// statements on the client's side; the next ones end what hangs and leave a server
// that has become read-only:
//
//	interpolateParams=true&timeout=3s&readTimeout=10s&writeTimeout=10s&rejectReadOnly=true&parseTime=true&loc=UTC
//
// Open a second pool with multiStatements=true beside them, and give it to
// [Options.Packets]. A write is then one packet, its COMMIT included, and a node that
// hangs in the middle stops no other. multiStatements widens any SQL injection
// elsewhere in a pool, so the second pool serves the ledger's writes alone. Without
// it a write takes a trip for each statement, and a node that hangs between the last
// one and COMMIT stops the goods' sale for up to 3 s: the server is asked to give up
// such a client after 2 s.
//
// Times are stored in UTC whatever parseTime and loc say. MySQL must be 8.0.16
// or later, as older ones ignore CHECK constraints; the ledger's own condition
// holds either way. SQLite must have the driver glebarez/sqlite, _txlock=immediate
// and a busy_timeout.
//
// A group takes three statements, whatever its size up to 512. One that cannot be
// booked as a whole is rolled back, looked up and written again. Many small groups of
// many goods at once share transactions.
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
	// Packets is a pool of the ledger's own to the same database, whose connections
	// take several statements in one packet: multiStatements and interpolateParams of
	// MySQL's driver. It carries the ledger's writes and nothing else. Zero means db,
	// which serves as well if its connections do.
	Packets *gorm.DB
}

// Store is an [order.Store] in a database. It is safe for concurrent use.
type Store struct {
	db       *gorm.DB
	packets  *gorm.DB
	together togetherness // of packets
	mysql    bool
	tries    int
	page     int
	crowd    crowd
}

// New returns a store on the database, whose tables [Migrate] has made. The
// caller opens and closes db.
func New(db *gorm.DB, o Options) *Store {
	s := &Store{db: gormdb.Plain(db), mysql: db.Name() == "mysql", tries: o.Tries, page: o.Page}
	s.packets = s.db
	if o.Packets != nil {
		s.packets = gormdb.Plain(o.Packets)
	}
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

//go:embed migrations
var migrations embed.FS

// Migrate makes or updates the tables. It may be called at every start, and by
// many processes at once. The database user needs the right to create tables.
//
// It refuses a server that is known to break a law of the ledger, unless it is among
// the allowed ones.
func Migrate(ctx context.Context, db *gorm.DB, allowed ...Unproven) error {
	if err := proven(ctx, db, allowed); err != nil {
		return fault(ctx, err, "migrate")
	}
	return gormdb.Migrate(ctx, db, "order", migrations)
}

// chunk is how many rows or ids one statement has at most.
const chunk = 512

// transact runs fn as one transaction. A duplicate key is tried again too: what
// another transaction added meanwhile is seen by then.
func (s *Store) transact(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return gormdb.Transact(ctx, s.db, sql.LevelReadCommitted, s.tries, func(err error) bool { return gormdb.Duplicate(s.db, err) }, fn)
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
	return fmt.Errorf("gormorder: %s: %w", fmt.Sprintf(format, args...), gormdb.Cause(ctx, err))
}

func now() gormdb.Moment { return gormdb.Moment(time.Now()) }

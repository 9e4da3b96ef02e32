// Package sqlitedb opens SQLite databases that behave as the backends need them:
// durable, and safe to write to from any number of goroutines.
//
// The driver is pure Go (glebarez/sqlite over modernc.org/sqlite): it needs no C
// compiler, and it tells a duplicate key from other errors, as
// gorm.ErrDuplicatedKey.
package sqlitedb

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	driver "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

const (
	// readers is how many goroutines can read a file beside its writer.
	readers = 4
	// patience is how long one process waits for another that has the file.
	patience = time.Minute
	// busy is the primary result code SQLITE_BUSY of https://sqlite.org/rescode.html.
	busy = 5
)

// Open opens the database in the file at path and makes the file if there is
// none; "" is a database of its own in memory, which ends with its closing.
//
// A transaction that was committed survives a power cut. Writers wait for each
// other in the order they came; readers of a file do not wait. The caller closes
// the *sql.DB that the result's DB method returns.
func Open(path string) (*gorm.DB, error) {
	db, err := sql.Open(sqlite.DriverName, dsn(path))
	if err != nil {
		return nil, fmt.Errorf("sqlitedb: open %q: %w", path, err)
	}
	db.SetMaxOpenConns(1 + readers)
	db.SetMaxIdleConns(1 + readers)
	if path == "" {
		db.SetMaxOpenConns(1) // A database in memory is its one connection.
	} else if err := logAhead(db); err != nil {
		db.Close()
		return nil, fmt.Errorf("sqlitedb: open %q: %w", path, err)
	}
	g, err := gorm.Open(&sqlite.Dialector{Conn: newPool(db)}, &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		Logger:                 logger.Discard, // Errors are returned.
	})
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("sqlitedb: open %q: %w", path, err)
	}
	return g, nil
}

// logAhead gives the file a write-ahead log, which it keeps. Two who do so at once
// would wait for each other, so SQLite refuses one of them at once, whatever its
// busy timeout, and that one tries again.
func logAhead(db *sql.DB) error {
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var mode string
		err := db.QueryRow("PRAGMA journal_mode(WAL)").Scan(&mode)
		var refused *driver.Error
		if !errors.As(err, &refused) || refused.Code()&0xff != busy || time.Now().After(end) {
			return err
		}
	}
}

// dsn has the settings of every connection. A transaction takes the write lock at
// its start, as one that began by reading could not take it later. The timeout is
// for other processes; in this one, writers queue.
func dsn(path string) string {
	settings := url.Values{
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()), "synchronous(FULL)"},
		"_txlock": {"immediate"},
	}
	name := ":memory:"
	if path != "" {
		name = (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	}
	return "file:" + name + "?" + settings.Encode()
}

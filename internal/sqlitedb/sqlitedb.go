// Package sqlitedb opens SQLite databases that behave as the backends need them:
// durable, and safe to write to from any number of goroutines.
//
// The driver is pure Go (glebarez/sqlite over modernc.org/sqlite): it needs no C
// compiler, and it tells a duplicate key from other errors, as
// gorm.ErrDuplicatedKey.
package sqlitedb

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// readers is how many goroutines can read a file beside its writer.
const readers = 4

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
	if path == "" {
		db.SetMaxOpenConns(1) // A database in memory is its one connection.
	}
	db.SetMaxIdleConns(1 + readers)
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

// dsn has the settings of every connection. A transaction takes the write lock at
// its start, as one that began by reading could not take it later. The timeout is
// for other processes; in this one, writers queue.
func dsn(path string) string {
	settings := url.Values{
		"_pragma": {"busy_timeout(60000)", "journal_mode(WAL)", "synchronous(FULL)"},
		"_txlock": {"immediate"},
	}
	name := ":memory:"
	if path != "" {
		name = (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	}
	return "file:" + name + "?" + settings.Encode()
}

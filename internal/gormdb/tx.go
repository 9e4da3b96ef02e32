// Package gormdb is what the GORM backends share: transactions that are tried
// again, migrations, and times that are the same in every database.
package gormdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// Plain returns a session of db whose statements are not kept prepared, whatever
// db was opened with: statements for groups come in a thousand lengths.
func Plain(db *gorm.DB) *gorm.DB {
	// A context makes it a statement of its own, which may be changed.
	s := db.Session(&gorm.Session{NewDB: true, SkipDefaultTransaction: true, Context: context.Background()})
	if p, ok := s.Statement.ConnPool.(*gorm.PreparedStmtDB); ok {
		s.Statement.ConnPool = p.ConnPool
	}
	return s
}

// Transact runs fn in a transaction, and the whole of it again, up to tries times,
// when the database gave it up for another or again says so. The last error is
// returned as it is.
//
// The isolation level is what level says; sql.LevelDefault, the database's own,
// spares MySQL a round trip.
func Transact(ctx context.Context, db *gorm.DB, level sql.IsolationLevel, tries int, again func(error) bool, fn func(tx *gorm.DB) error) error {
	var options []*sql.TxOptions
	if level != sql.LevelDefault {
		options = append(options, &sql.TxOptions{Isolation: level})
	}
	return repeat(ctx, tries, again, func() error { return db.WithContext(ctx).Transaction(fn, options...) })
}

// Again runs fn, and the whole of it again, up to tries times, when the database gave
// a transaction up for another. The last error is returned as it is.
func Again(ctx context.Context, tries int, fn func() error) error {
	return repeat(ctx, tries, func(error) bool { return false }, fn)
}

func repeat(ctx context.Context, tries int, again func(error) bool, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if err == nil || try >= tries || !(givenUp(err) || again(err)) {
			return err
		}
		if err := Pause(ctx, try); err != nil {
			return err
		}
	}
}

// givenUp reports whether the database rolled back for the sake of another
// transaction: a deadlock, a lock that did not come free, a busy file.
func givenUp(err error) bool {
	const mysqlLockWait, mysqlDeadlock = 1205, 1213
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number == mysqlLockWait || e.Number == mysqlDeadlock
	}
	const sqliteBusy, sqliteLocked = 5, 6
	if e, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		return e.Code()&0xff == sqliteBusy || e.Code()&0xff == sqliteLocked
	}
	return false
}

// Pause waits for a random time, up to 4 ms after the first try and up to 128 ms
// after the sixth and later ones.
func Pause(ctx context.Context, try int) error {
	t := time.NewTimer(rand.N(2 * time.Millisecond << min(try, 6)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Duplicate reports whether err tells of a key that is there already, whether or
// not db was opened with TranslateError.
func Duplicate(db *gorm.DB, err error) bool {
	if t, ok := db.Dialector.(gorm.ErrorTranslator); ok {
		for e := err; e != nil; e = errors.Unwrap(e) {
			if errors.Is(t.Translate(e), gorm.ErrDuplicatedKey) {
				return true
			}
		}
	}
	return errors.Is(err, gorm.ErrDuplicatedKey)
}

// Cause returns err with the reason why ctx ended, if it has: drivers have words
// of their own for a call that was interrupted.
func Cause(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

// Query runs a query and scans each of its rows.
func Query[T any](db *gorm.DB, scan func(*sql.Rows, *T) error, query string, args ...any) ([]T, error) {
	rows, err := db.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var one T
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

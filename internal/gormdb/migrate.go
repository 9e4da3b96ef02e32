package gormdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// proof names the row of seckill_migrations with which [Check] proves that the
// database takes writes.
const proof = "written"

// Migrate runs the files "migrations/<dialect>/*.sql" in the order of their names
// and notes each, under the scope, in the table seckill_migrations, so that it
// runs once. It is safe to call at every start, from many processes at once. Once
// all are noted it only reads, and needs no right to change tables.
//
// A statement ends with a semicolon at the end of a line. MySQL commits after
// each statement that changes a table, so statements have to bear being run again
// after a crash; a column or an index that was added or dropped by then is no
// error.
func Migrate(ctx context.Context, db *gorm.DB, scope string, files fs.FS) error {
	db = Plain(db).WithContext(ctx)
	names, err := migrations(db, files)
	if err == nil && noted(db, scope, names) != nil {
		err = alone(db, func(db *gorm.DB) error { return migrate(db, scope, names, files) })
	}
	if err != nil {
		return fmt.Errorf("migrate %s: %w", scope, err)
	}
	return nil
}

// migrations returns the files for the database's dialect, in their order.
func migrations(db *gorm.DB, files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, path.Join("migrations", db.Name(), "*.sql"))
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("no migrations for the dialect %q", db.Name())
	}
	return names, err
}

// ids returns the names under which migrations are noted.
func ids(scope string, names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = scope + "/" + path.Base(name)
	}
	return all
}

// alone runs fn while no other process does: SQLite has the write lock of a
// transaction for that, MySQL a lock by name that belongs to a connection.
func alone(db *gorm.DB, fn func(db *gorm.DB) error) error {
	if db.Name() != "mysql" {
		return db.Transaction(fn)
	}
	return db.Connection(func(c *gorm.DB) error {
		c = c.Session(&gorm.Session{NewDB: true})
		var got int
		if err := c.Raw("SELECT COALESCE(GET_LOCK('seckill_migrations', 60), 0)").Row().Scan(&got); err != nil {
			return err
		}
		if got != 1 {
			return errors.New("another process has been at it for 60 s")
		}
		defer c.Exec("DO RELEASE_LOCK('seckill_migrations')")
		return fn(c)
	})
}

func migrate(db *gorm.DB, scope string, names []string, files fs.FS) error {
	err := db.Exec("CREATE TABLE IF NOT EXISTS seckill_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, ran_at VARCHAR(32) NOT NULL)").Error
	if err != nil {
		return err
	}
	for i, id := range ids(scope, names) {
		if err := once(db, id, func() error { return run(db, files, names[i]) }); err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	return once(db, proof, func() error { return nil })
}

// once runs fn and notes it, unless it is noted.
func once(db *gorm.DB, id string, fn func() error) error {
	var ran int
	if err := db.Raw("SELECT COUNT(*) FROM seckill_migrations WHERE name = ?", id).Row().Scan(&ran); err != nil || ran > 0 {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	return db.Exec("INSERT INTO seckill_migrations (name, ran_at) VALUES (?, ?)", id, Moment(time.Now())).Error
}

func run(db *gorm.DB, files fs.FS, name string) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if err := db.Exec(statement).Error; err != nil && !isDone(err) {
			return err
		}
	}
	return nil
}

// isDone reports whether MySQL refused to add a column or an index twice, or to
// drop one twice. It has no IF NOT EXISTS for them.
func isDone(err error) bool {
	const duplicateColumn, duplicateIndex, noSuchThing = 1060, 1061, 1091
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && (e.Number == duplicateColumn || e.Number == duplicateIndex || e.Number == noSuchThing)
}

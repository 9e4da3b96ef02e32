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

// Migrate runs the files "migrations/<dialect>/*.sql" in the order of their names
// and notes each, under the scope, in the table seckill_migrations, so that it
// runs once. It is safe to call at every start, from many processes at once.
//
// A statement ends with a semicolon at the end of a line. MySQL commits after
// each statement that changes a table, so statements have to bear being run again
// after a crash; a column or an index that was added or dropped by then is no
// error.
func Migrate(ctx context.Context, db *gorm.DB, scope string, files fs.FS) error {
	err := alone(Plain(db).WithContext(ctx), func(db *gorm.DB) error { return migrate(db, scope, files) })
	if err != nil {
		return fmt.Errorf("migrate %s: %w", scope, err)
	}
	return nil
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

func migrate(db *gorm.DB, scope string, files fs.FS) error {
	names, err := fs.Glob(files, path.Join("migrations", db.Name(), "*.sql"))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("no migrations for the dialect %q", db.Name())
	}
	err = db.Exec("CREATE TABLE IF NOT EXISTS seckill_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, ran_at VARCHAR(32) NOT NULL)").Error
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := once(db, scope+"/"+path.Base(name), files, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func once(db *gorm.DB, id string, files fs.FS, name string) error {
	var ran int
	if err := db.Raw("SELECT COUNT(*) FROM seckill_migrations WHERE name = ?", id).Row().Scan(&ran); err != nil || ran > 0 {
		return err
	}
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
	return db.Exec("INSERT INTO seckill_migrations (name, ran_at) VALUES (?, ?)", id, Moment(time.Now())).Error
}

// isDone reports whether MySQL refused to add a column or an index twice, or to
// drop one twice. It has no IF NOT EXISTS for them.
func isDone(err error) bool {
	const duplicateColumn, duplicateIndex, noSuchThing = 1060, 1061, 1091
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && (e.Number == duplicateColumn || e.Number == duplicateIndex || e.Number == noSuchThing)
}

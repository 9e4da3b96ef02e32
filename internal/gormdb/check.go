package gormdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Needs is what a backend needs of its tables.
type Needs struct {
	// Scope and Files are its migrations, as in [Migrate].
	Scope string
	Files fs.FS
	// Columns are the columns that it uses, by table.
	Columns map[string][]string
	// Writes says that it is of no use without writing.
	Writes bool
}

// Check returns why the tables cannot be used: the database does not answer, a
// migration was not run, a column or a right is missing, a table is locked; and,
// for a backend that writes, the database is read-only or its disk is full. Its
// error is the server's own.
//
// The proof of a write is one row of seckill_migrations, which is updated in place,
// and an UPDATE of each table that finds no row. On MySQL a lock is waited for a
// second.
func Check(ctx context.Context, db *gorm.DB, n Needs) error {
	if db.Name() != "mysql" {
		return n.check(db.WithContext(ctx))
	}
	err := db.WithContext(ctx).Connection(func(c *gorm.DB) error {
		c = c.Session(&gorm.Session{NewDB: true})
		if err := c.Exec("SET @seckill_wait = @@lock_wait_timeout, lock_wait_timeout = 1").Error; err != nil {
			return err
		}
		defer c.WithContext(context.WithoutCancel(ctx)).Exec("SET lock_wait_timeout = @seckill_wait")
		return n.check(c)
	})
	if errors.Is(err, driver.ErrBadConn) {
		return errors.Join(readOnly(db.WithContext(ctx)), err)
	}
	return err
}

func (n Needs) check(db *gorm.DB) error {
	names, err := migrations(db, n.Files)
	if err != nil {
		return err
	}
	if err := noted(db, n.Scope, names); err != nil {
		return err
	}
	if n.Writes {
		if err := db.Exec("UPDATE seckill_migrations SET ran_at = ? WHERE name = ?", Moment(time.Now()), proof).Error; err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	for table, columns := range n.Columns {
		if err := db.Exec(n.touch(table, columns)).Error; err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// touch is a statement that changes and finds nothing, and fails as those of the
// backend would.
func (n Needs) touch(table string, columns []string) string {
	if !n.Writes {
		return "SELECT " + strings.Join(columns, ", ") + " FROM " + table + " WHERE 1 = 0"
	}
	sets := make([]string, len(columns))
	for i, c := range columns {
		sets[i] = c + " = " + c
	}
	return "UPDATE " + table + " SET " + strings.Join(sets, ", ") + " WHERE 1 = 0"
}

// noted returns which of the migrations seckill_migrations does not have, or why
// that cannot be known.
func noted(db *gorm.DB, scope string, names []string) error {
	var ran []string
	if err := db.Raw("SELECT name FROM seckill_migrations").Scan(&ran).Error; err != nil {
		return err
	}
	var missing []string
	for _, name := range append(ids(scope, names), proof) {
		if !slices.Contains(ran, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("seckill_migrations lacks %s: Migrate was not run", strings.Join(missing, ", "))
	}
	return nil
}

// readOnly names the setting for which MySQL refuses writes, or returns nil. With
// rejectReadOnly in its data source name the driver keeps the server's error to
// itself and says "bad connection".
func readOnly(db *gorm.DB) error {
	numbers := map[string]int{
		"read_only": 1290, "super_read_only": 1290, "innodb_read_only": 1836, "tx_read_only": 1792, "transaction_read_only": 1792,
	}
	rows, err := db.Raw("SHOW VARIABLES LIKE '%read_only'").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		if number := numbers[name]; number > 0 && value != "OFF" && value != "0" {
			return fmt.Errorf("Error %d: the database takes no writes: %s is %s", number, name, value)
		}
	}
	return rows.Err()
}

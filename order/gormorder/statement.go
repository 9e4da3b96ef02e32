package gormorder

import (
	"errors"
	"strings"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// statement is a statement and what its placeholders stand for.
type statement struct {
	text string
	args []any
}

func (s statement) run(tx *gorm.DB) *gorm.DB { return tx.Exec(s.text, s.args...) }

// rows repeats one row of VALUES.
func rows(row string, n int) string { return strings.Repeat(row+",", n-1) + row }

// choice is a value for each of n rows, by what the column has.
func choice(column string, n int) string {
	return "CASE " + column + strings.Repeat(" WHEN ? THEN ?", n) + " END"
}

// together runs the statements, in one round trip if the connections allow it, and
// returns how many rows the last one changed. After an error those before it may
// have taken effect: the transaction is to be rolled back.
func (s *Store) together(tx *gorm.DB, all []statement) (rows int64, err error) {
	if s.mysql && len(all) > 1 && s.joins.yes(tx) {
		texts, args := make([]string, len(all)), []any(nil)
		for i, one := range all {
			texts[i], args = one.text, append(args, one.args...)
		}
		all = []statement{{strings.Join(texts, "; "), args}}
	}
	for _, one := range all {
		done := one.run(tx)
		if done.Error != nil {
			return 0, done.Error
		}
		rows = done.RowsAffected
	}
	return rows, nil
}

// joins knows whether several statements may be sent as one: the driver of MySQL
// has to be told so (multiStatements), and to put in their arguments itself
// (interpolateParams).
type joins struct{ known, may atomic.Bool }

// yes asks the driver when nobody has.
func (j *joins) yes(tx *gorm.DB) bool {
	if !j.known.Load() {
		err := tx.Session(&gorm.Session{NewDB: true}).Exec("DO ?; DO ?", 1, 2).Error
		refused, answered := errors.AsType[*mysql.MySQLError](err)
		if err != nil && !(answered && refused.Number == syntaxError) {
			return false // whatever that is, the next statement will say it
		}
		j.may.Store(err == nil)
		j.known.Store(true)
	}
	return j.may.Load()
}

// syntaxError is MySQL's answer to two statements where it expects one.
const syntaxError = 1064

package gormorder

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
)

// statement changes rows. If it must change exactly rows of them, its condition is
// what the caller read before and decided by: another number rolls the whole write
// back. Zero means that it has no condition.
type statement struct {
	text string
	args []any
	rows int
}

// errChanged says that a write was rolled back because something that it went by had
// changed since it was read: a condition did not hold, or a key was there already.
var errChanged = errors.New("the rows changed between reading and writing")

// write runs the statements as one transaction. Callers read and decide before it, with
// no transaction open, so no row is locked while a client thinks or travels; that
// nothing has changed since is a condition of the statements.
func (s *Store) write(ctx context.Context, all []statement) error {
	return s.writeWithin(ctx, s.tries, func() {}, all)
}

// writeWithin passes the crash point of the write when its statements are done, and its
// COMMIT was not sent: in a packet there is no such moment.
func (s *Store) writeWithin(ctx context.Context, tries int, point func(), all []statement) error {
	if len(all) == 0 {
		return nil
	}
	together, err := s.sendsTogether(ctx)
	if err != nil {
		return err
	}
	err = gormdb.Again(ctx, tries, func() error {
		if together {
			return s.packet(ctx, all)
		}
		return s.apart(ctx, point, all)
	})
	if gormdb.Duplicate(s.db, err) {
		return errors.Join(errChanged, err)
	}
	return err
}

const (
	// begin asks for what the conditions want, whatever the session had. A lock is
	// waited for a second at a time: a server does not notice that a client who waits
	// for a lock has gone.
	begin = "SET SESSION innodb_lock_wait_timeout = 1, @seckill_holds = TRUE; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION; "
	// condition follows a statement that must change so many rows.
	condition = "SET @seckill_holds = @seckill_holds AND ROW_COUNT() = ?; "
	// end commits if all conditions hold. MySQL has no IF outside of a procedure, but
	// the text of a prepared statement may be chosen.
	end = "SET @seckill_end = IF(@seckill_holds, 'COMMIT', 'ROLLBACK'); PREPARE seckill_end FROM @seckill_end; EXECUTE seckill_end; " + restore + "; "
	// report is an error, in every SQL mode, if they did not: a scalar subquery of two
	// rows.
	report  = "SELECT CASE WHEN @seckill_holds THEN 1 ELSE (SELECT 1 UNION ALL SELECT 2) END"
	undo    = "ROLLBACK; " + restore
	restore = "SET SESSION innodb_lock_wait_timeout = DEFAULT"
)

// packet sends all of a transaction at once, its end included, so locks last for the
// server's work and no trip to the client. An error in the middle ends the packet
// and leaves the transaction open, but not with the stock row locked: that is written
// last.
func (s *Store) packet(ctx context.Context, all []statement) error {
	var text strings.Builder
	var args []any
	text.WriteString(begin)
	for _, one := range all {
		text.WriteString(one.text)
		text.WriteString("; ")
		args = append(args, one.args...)
		if one.rows > 0 {
			text.WriteString(condition)
			args = append(args, one.rows)
		}
	}
	text.WriteString(end)
	text.WriteString(report)
	return s.packets.WithContext(ctx).Connection(func(c *gorm.DB) error {
		c = c.Session(&gorm.Session{NewDB: true})
		err := c.Exec(text.String(), args...).Error
		switch {
		case isError(err, subqueryRows):
			return errors.Join(errChanged, err)
		case err != nil:
			release(c, undo)
		}
		return err
	})
}

// apart sends one statement after the other and looks at the counts itself. The stock
// row, written last, stays locked from there until the COMMIT arrives. A server of
// MySQL's kind is asked to give up a client that stays away for more than a few
// seconds in between.
func (s *Store) apart(ctx context.Context, point func(), all []statement) error {
	if !s.mysql {
		return inTransaction(s.db.WithContext(ctx), point, all)
	}
	return s.db.WithContext(ctx).Connection(func(c *gorm.DB) error {
		c = c.Session(&gorm.Session{NewDB: true})
		if err := c.Exec("SET SESSION innodb_lock_wait_timeout = 1, wait_timeout = 2").Error; err != nil {
			return err
		}
		defer release(c, "SET SESSION innodb_lock_wait_timeout = DEFAULT, wait_timeout = DEFAULT")
		return inTransaction(c, point, all)
	})
}

func inTransaction(db *gorm.DB, point func(), all []statement) error {
	return db.Transaction(func(tx *gorm.DB) error {
		for _, one := range all {
			done := tx.Exec(one.text, one.args...)
			if done.Error != nil {
				return done.Error
			}
			if one.rows > 0 && done.RowsAffected != int64(one.rows) {
				return errChanged
			}
		}
		point()
		return nil
	}, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
}

// release brings a connection back to what its pool expects, or closes it.
func release(c *gorm.DB, text string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Statement.Context), time.Second)
	defer cancel()
	conn, ok := c.Statement.ConnPool.(*sql.Conn)
	if !ok {
		return
	}
	for one := range strings.SplitSeq(text, "; ") {
		if _, err := conn.ExecContext(ctx, one); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			return
		}
	}
}

// togetherness is whether a pool's connections take several statements in one
// packet: the driver of MySQL must allow it (multiStatements), and must put in their
// arguments itself (interpolateParams).
type togetherness struct{ known, yes atomic.Bool }

// sendsTogether asks the driver once, outside of any transaction.
func (s *Store) sendsTogether(ctx context.Context) (bool, error) {
	if !s.mysql {
		return false, nil
	}
	if !s.together.known.Load() {
		err := s.packets.WithContext(ctx).Exec("SELECT ?; SELECT ?", 1, 2).Error
		if err != nil && !isError(err, syntaxError) {
			return false, err
		}
		s.together.yes.Store(err == nil)
		s.together.known.Store(true)
	}
	return s.together.yes.Load(), nil
}

const (
	syntaxError  = 1064 // two statements where the server expects one
	subqueryRows = 1242
)

func isError(err error, number uint16) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && e.Number == number
}

// reread runs f, which reads, decides and writes, until nothing changes in between.
func (s *Store) reread(ctx context.Context, f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if !errors.Is(err, errChanged) || try == s.tries {
			return err
		}
		if err := gormdb.Pause(ctx, try); err != nil {
			return err
		}
	}
}

// rows repeats one row of VALUES.
func rows(row string, n int) string { return strings.Repeat(row+",", n-1) + row }

// choice is a value for each of n rows, by what the column has.
func choice(column string, n int) string {
	return "CASE " + column + strings.Repeat(" WHEN ? THEN ?", n) + " END"
}

// anyOf is a list for IN and its arguments.
func anyOf[T any](list []T) (string, []any) {
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = v
	}
	return "(" + rows("?", len(list)) + ")", args
}

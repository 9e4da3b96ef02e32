package primitive

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/ticket"
)

// Insert256 measures orders a second in transactions of one INSERT of 256 rows,
// one behind the other on one connection, into a table with the columns and
// indexes of the ledger's. It makes the ledger's tables if there are none, and
// leaves those.
func Insert256(ctx context.Context, c standard.Clients, d time.Duration) (perSecond float64, err error) {
	const size = 256
	if err := gormorder.Migrate(ctx, c.DB); err != nil {
		return 0, err
	}
	return onTable(ctx, c, likeOrders, func(db *gorm.DB, table string) (float64, error) {
		insert := "INSERT INTO " + table + " (id, goods_id, user_id, quantity, amount, currency, created_at, updated_at, pay_by) VALUES " +
			strings.Repeat(orderRow+",", size-1) + orderRow
		return measure(ctx, d, 1, size, func(ctx context.Context, worker, call int) error {
			rows := make([]any, 0, 7*size)
			for i := range size {
				now := time.Now()
				rows = append(rows, ticket.NewAttempt(time.Now()), "1001", user(worker, call*size+i), 1,
					gormdb.Moment(now), gormdb.Moment(now), gormdb.Moment(now.Add(15*time.Minute)))
			}
			return transact(ctx, db, insert, rows...)
		})
	})
}

const orderRow = "(?,?,?,?,1999,'CNY',?,?,?)"

// HotUpdate measures transactions a second of 64 goroutines, each of which takes
// one unit from the same row and commits.
func HotUpdate(ctx context.Context, c standard.Clients, d time.Duration) (float64, error) {
	create := func(db *gorm.DB, table string) error {
		err := db.Exec("CREATE TABLE " + table + " (id INTEGER NOT NULL PRIMARY KEY, total INTEGER NOT NULL, sold INTEGER NOT NULL)").Error
		if err != nil {
			return err
		}
		return db.Exec("INSERT INTO " + table + " VALUES (1, 100000000, 0)").Error
	}
	return onTable(ctx, c, create, func(db *gorm.DB, table string) (float64, error) {
		update := "UPDATE " + table + " SET sold = sold + 1 WHERE id = ? AND sold < total"
		return measure(ctx, d, 64, 1, func(ctx context.Context, _, _ int) error { return transact(ctx, db, update, 1) })
	})
}

// Commit measures transactions a second, one behind the other on one connection,
// each of which inserts one row of an id and a time.
func Commit(ctx context.Context, c standard.Clients, d time.Duration) (float64, error) {
	create := func(db *gorm.DB, table string) error {
		return db.Exec("CREATE TABLE " + table + " (id VARCHAR(64) NOT NULL PRIMARY KEY, created_at VARCHAR(32) NOT NULL)").Error
	}
	return onTable(ctx, c, create, func(db *gorm.DB, table string) (float64, error) {
		insert := "INSERT INTO " + table + " VALUES (?, ?)"
		return measure(ctx, d, 1, 1, func(ctx context.Context, _, _ int) error {
			now := time.Now()
			return transact(ctx, db, insert, uuid7.New(now), gormdb.Moment(now))
		})
	})
}

// transact runs one statement as a transaction: begin, statement, commit.
func transact(ctx context.Context, db *gorm.DB, statement string, args ...any) error {
	return db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		done := tx.Exec(statement, args...)
		if done.Error == nil && done.RowsAffected == 0 {
			return fmt.Errorf("primitive: no row was changed by %.40q", statement)
		}
		return done.Error
	})
}

// onTable measures on a table of its own, which it drops.
func onTable(ctx context.Context, c standard.Clients, create func(*gorm.DB, string) error, run func(db *gorm.DB, table string) (float64, error)) (perSecond float64, err error) {
	db, table := gormdb.Plain(c.DB), unique()
	defer clearUp(ctx, &err, func(ctx context.Context) error {
		return db.WithContext(ctx).Exec("DROP TABLE IF EXISTS " + table).Error
	})
	if err := create(db.WithContext(ctx), table); err != nil {
		return 0, fmt.Errorf("primitive: create table %s: %w", table, err)
	}
	if perSecond, err = run(db, table); err != nil {
		return 0, fmt.Errorf("primitive: table %s: %w", table, err)
	}
	return perSecond, nil
}

// likeOrders makes a table by the definition of the ledger's, so that it cannot
// fall behind that.
func likeOrders(db *gorm.DB, table string) error {
	if db.Name() == "mysql" {
		return db.Exec("CREATE TABLE " + table + " LIKE seckill_orders").Error
	}
	var definitions []string
	const list = "SELECT sql FROM sqlite_master WHERE tbl_name = 'seckill_orders' AND sql IS NOT NULL ORDER BY type DESC"
	if err := db.Raw(list).Scan(&definitions).Error; err != nil {
		return err
	}
	for _, definition := range definitions { // the table, then its indexes
		if err := db.Exec(strings.ReplaceAll(definition, "seckill_orders", table)).Error; err != nil {
			return err
		}
	}
	return nil
}

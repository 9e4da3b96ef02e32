package peer

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

//go:embed schema
var schema embed.FS

func createTables(ctx context.Context, db *gorm.DB) error {
	text, err := schema.ReadFile("schema/" + db.Name() + ".sql")
	if err != nil {
		return fmt.Errorf("peer: database: want MySQL, MariaDB or SQLite, got the dialect %q", db.Name())
	}
	for statement := range strings.SplitSeq(strings.TrimSpace(string(text)), ";\n") {
		if err := db.WithContext(ctx).Exec(statement).Error; err != nil {
			return fmt.Errorf("peer: create tables: %w", err)
		}
	}
	return nil
}

// ledger is one goods in the database: its stock row and its orders.
type ledger struct {
	db      *gorm.DB
	goodsID string
}

func (l *ledger) open(ctx context.Context, total int) error {
	err := l.db.WithContext(ctx).Exec("INSERT INTO bench_stock (goods_id, total, sold) VALUES (?, ?, 0)", l.goodsID, total).Error
	if gormdb.Duplicate(l.db, err) {
		return fmt.Errorf("peer: GoodsID: want one that was never on sale, got %q", l.goodsID)
	}
	if err != nil {
		return fmt.Errorf("peer: open the stock row: %w", err)
	}
	return nil
}

// tries is how often a transaction is tried that the database gives up because of
// a deadlock or a lock wait.
const tries = 5

// commit books the order in one transaction, unless it is there already. Error:
// [ErrSoldOut] or a fault.
func (l *ledger) commit(ctx context.Context, o order.Order) (isNew bool, err error) {
	never := func(error) bool { return false } // an order that is there already stays there
	err = gormdb.Transact(ctx, l.db, sql.LevelDefault, tries, never, func(tx *gorm.DB) error { return book(tx, o) })
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, ErrSoldOut):
		return false, err
	case gormdb.Duplicate(l.db, err):
		return false, nil
	}
	return false, fmt.Errorf("peer: commit: %w", err)
}

const insertOrder = "INSERT INTO bench_orders (id, goods_id, user_id, quantity, amount, currency, created_at, updated_at, pay_by)" +
	" VALUES (?,?,?,?,?,?,?,?,?)"

// book inserts first: so the hot row is locked from the last statement to the
// commit and no longer. MariaDB takes more transactions so; SQLite, which has one
// writer at a time, does not care.
func book(tx *gorm.DB, o order.Order) error {
	err := tx.Exec(insertOrder, o.ID, o.GoodsID, o.UserID, o.Quantity, o.Amount, o.Currency,
		gormdb.Moment(o.CreatedAt), gormdb.Moment(o.UpdatedAt), gormdb.Moment(o.PayBy)).Error
	if err != nil {
		return err
	}
	taken := tx.Exec("UPDATE bench_stock SET sold = sold + ? WHERE goods_id = ? AND sold + ? <= total", o.Quantity, o.GoodsID, o.Quantity)
	if taken.Error == nil && taken.RowsAffected == 0 {
		return ErrSoldOut
	}
	return taken.Error
}

func (l *ledger) books(ctx context.Context) (b Books, err error) {
	db := l.db.WithContext(ctx)
	err = errors.Join(
		db.Raw("SELECT sold FROM bench_stock WHERE goods_id = ?", l.goodsID).Row().Scan(&b.Sold),
		db.Raw("SELECT COUNT(*), COUNT(DISTINCT id) FROM bench_orders WHERE goods_id = ?", l.goodsID).Row().Scan(&b.Orders, &b.Attempts),
	)
	if err != nil {
		return Books{}, fmt.Errorf("peer: read the books: %w", err)
	}
	return b, nil
}

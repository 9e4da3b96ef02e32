// Package gormgoods keeps the catalog in MySQL, MariaDB or SQLite, through GORM.
//
// Make the table with [Migrate], once or at every start.
package gormgoods

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/gormdb"
)

var _ goods.Catalog = (*Catalog)(nil)

// Options tune a [Catalog]. The zero value is ready.
type Options struct {
	// Tries is how often a transaction is tried that the database gives up because
	// of a deadlock, a lock wait or a busy file. Zero means 10.
	Tries int
}

// Catalog is a [goods.Catalog] in a database. It is safe for concurrent use.
type Catalog struct {
	db    *gorm.DB
	tries int
}

// New returns a catalog on the database, whose table [Migrate] has made. The
// caller opens and closes db.
func New(db *gorm.DB, o Options) *Catalog {
	if o.Tries <= 0 {
		o.Tries = 10
	}
	return &Catalog{db: gormdb.Plain(db), tries: o.Tries}
}

//go:embed migrations
var migrations embed.FS

// Migrate makes or updates the table. It may be called at every start, and by
// many processes at once. The first call of a release needs the right to create
// tables; later ones only read.
func Migrate(ctx context.Context, db *gorm.DB) error {
	return gormdb.Migrate(ctx, db, "goods", migrations)
}

// needs is what the catalog needs of its table: a sale only reads it.
var needs = gormdb.Needs{Scope: "goods", Files: migrations, Columns: map[string][]string{
	"seckill_goods": {
		"goods_id", "title", "subtitle", "price", "original_price", "currency", "total", "limit_per_user", "starts_at", "ends_at",
	},
}}

// Check returns why the catalog cannot be read: the database does not answer, the
// migration was not run, or the table, a column or a right is missing. A lock on the
// table is waited for a second.
func (c *Catalog) Check(ctx context.Context) error {
	return fault(ctx, gormdb.Check(ctx, c.db, needs), "check")
}

// row is a goods as the table has it.
type row struct {
	GoodsID              string `gorm:"primaryKey"`
	Title, Subtitle      string
	Price, OriginalPrice int64
	Currency             string
	Total, LimitPerUser  int
	StartsAt, EndsAt     gormdb.Moment
	RetiredAt            *gormdb.Moment
}

// TableName implements GORM's Tabler.
func (row) TableName() string { return "seckill_goods" }

func toRow(g goods.Goods) row {
	r := row{
		GoodsID: g.ID, Title: g.Title, Subtitle: g.Subtitle, Price: g.Price, OriginalPrice: g.OriginalPrice, Currency: g.Currency,
		Total: g.Total, LimitPerUser: g.LimitPerUser, StartsAt: gormdb.Moment(g.StartsAt), EndsAt: gormdb.Moment(g.EndsAt),
	}
	if g.Retired() {
		r.RetiredAt = (*gormdb.Moment)(&g.RetiredAt)
	}
	return r
}

func (r row) goods() goods.Goods {
	g := goods.Goods{
		ID: r.GoodsID, Title: r.Title, Subtitle: r.Subtitle, Price: r.Price, OriginalPrice: r.OriginalPrice, Currency: r.Currency,
		Total: r.Total, LimitPerUser: r.LimitPerUser, StartsAt: time.Time(r.StartsAt), EndsAt: time.Time(r.EndsAt),
	}
	if r.RetiredAt != nil {
		g.RetiredAt = time.Time(*r.RetiredAt)
	}
	return g
}

// Get implements [goods.Catalog].
func (c *Catalog) Get(ctx context.Context, id string) (goods.Goods, error) {
	var r row
	err := c.db.WithContext(ctx).Where("goods_id = ?", id).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return goods.Goods{}, goods.ErrNotFound
	}
	return r.goods(), fault(ctx, err, "get "+id)
}

// Put implements [goods.Catalog].
func (c *Catalog) Put(ctx context.Context, g goods.Goods) (created bool, err error) {
	g.StartsAt, g.EndsAt, g.RetiredAt = goods.Moment(g.StartsAt), goods.Moment(g.EndsAt), goods.Moment(g.RetiredAt)
	if err := g.Validate(); err != nil {
		return false, err
	}
	r := toRow(g)
	// Two who add the same id: the second meets a duplicate, and replaces when it
	// tries again.
	duplicate := func(err error) bool { return gormdb.Duplicate(c.db, err) }
	err = gormdb.Transact(ctx, c.db, sql.LevelReadCommitted, c.tries, duplicate, func(tx *gorm.DB) error {
		var known int64
		if err := tx.Model(&row{}).Where("goods_id = ?", g.ID).Count(&known).Error; err != nil {
			return err
		}
		created = known == 0
		if created {
			return tx.Create(&r).Error
		}
		return tx.Model(&r).Select("*").Updates(&r).Error // Select: zero values count too
	})
	return created && err == nil, fault(ctx, err, "put "+g.ID)
}

// List implements [goods.Catalog].
func (c *Catalog) List(ctx context.Context) ([]goods.Goods, error) {
	var rows []row
	if err := c.db.WithContext(ctx).Where("retired_at IS NULL").Order("goods_id").Find(&rows).Error; err != nil {
		return nil, fault(ctx, err, "list")
	}
	all := make([]goods.Goods, len(rows))
	for i, r := range rows {
		all[i] = r.goods()
	}
	return all, nil
}

// fault wraps an error with what was tried. A driver's words for an interrupted
// call do not hide the reason.
func fault(ctx context.Context, err error, tried string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return fmt.Errorf("gormgoods: %s: %w", tried, err)
}

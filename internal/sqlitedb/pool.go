package sqlitedb

import (
	"context"
	"database/sql"
	"sync"

	"gorm.io/gorm"
)

var (
	_ gorm.ConnPoolBeginner = (*pool)(nil)
	_ gorm.GetDBConnector   = (*pool)(nil)
	_ gorm.Tx               = (*writing)(nil)
)

// pool lets one writer at a time into the database. SQLite itself would make the
// others sleep and try again, for ever longer and in no order.
type pool struct {
	*sql.DB
	writer chan struct{}
}

func newPool(db *sql.DB) *pool { return &pool{DB: db, writer: make(chan struct{}, 1)} }

// GetDBConn implements [gorm.GetDBConnector].
func (p *pool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

func (p *pool) enter(ctx context.Context) error {
	select {
	case p.writer <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pool) leave() { <-p.writer }

// ExecContext implements [gorm.ConnPool].
func (p *pool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := p.enter(ctx); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.DB.ExecContext(ctx, query, args...)
}

// BeginTx implements [gorm.ConnPoolBeginner].
func (p *pool) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	if err := p.enter(ctx); err != nil {
		return nil, err
	}
	tx, err := p.DB.BeginTx(ctx, opts)
	if err != nil {
		p.leave()
		return nil, err
	}
	return &writing{Tx: tx, leave: sync.OnceFunc(p.leave)}, nil
}

// writing is a transaction that lets the next writer in at its end.
type writing struct {
	*sql.Tx
	leave func()
}

// Commit implements [gorm.TxCommitter].
func (w *writing) Commit() error {
	defer w.leave()
	return w.Tx.Commit()
}

// Rollback implements [gorm.TxCommitter].
func (w *writing) Rollback() error {
	defer w.leave()
	return w.Tx.Rollback()
}

package counting

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

var (
	_ gorm.ConnPoolBeginner = (*pool)(nil)
	_ gorm.GetDBConnector   = (*pool)(nil)
	_ gorm.Tx               = (*tx)(nil)
	_ gorm.GetDBConnector   = (*tx)(nil)
)

// DB returns a handle on the same connections whose statements and commits are
// counted; those of db itself and of its other handles are not. Prepared
// statements, if db has them, are kept apart from db's. No statement may be under
// way meanwhile.
//
// Statements are counted where GORM sends them, as a prepared statement passes by
// the pool; commits in the pool. On a connection that [gorm.DB.Connection] takes out of
// the pool each statement counts as one that commits, and what a transaction there
// does is not counted; nor is what [gorm.DB.DB] takes out.
//
// The wrappers of database/sql drivers that there are (otelsql, sqlmw, sqlhooks)
// want to open the database themselves. They cannot be laid around one that is
// open, with the queue of writers that SQLite has here.
func (c *Calls) DB(db *gorm.DB) (*gorm.DB, error) {
	if counted, _ := counter(db.ConnPool); counted != nil {
		return nil, errors.New("counting: db: want a database that is not counted yet")
	}
	if err := listen(db); err != nil {
		return nil, fmt.Errorf("counting: %w", err)
	}
	// The context makes it a statement of its own, which may be changed.
	s := db.Session(&gorm.Session{NewDB: true, Context: context.Background()})
	if p, ok := db.ConnPool.(*gorm.PreparedStmtDB); ok {
		s.ConnPool = gorm.NewPreparedStmtDB(&pool{p.ConnPool, c}, db.PrepareStmtMaxSize, db.PrepareStmtTTL)
	} else {
		s.ConnPool = &pool{db.ConnPool, c}
	}
	s.Statement.ConnPool = s.ConnPool
	return s, nil
}

// hook is the name under which GORM calls count before each statement.
const hook = "counting"

// listen adds the hook, once, for all handles of the database.
func listen(db *gorm.DB) error {
	on := db.Callback()
	if on.Raw().Get(hook) != nil {
		return nil
	}
	return errors.Join(
		on.Query().Before("gorm:query").Register(hook, read),
		on.Row().Before("gorm:row").Register(hook, read),
		on.Raw().Before("gorm:raw").Register(hook, write),
		on.Create().Before("gorm:create").Register(hook, write),
		on.Update().Before("gorm:update").Register(hook, write),
		on.Delete().Before("gorm:delete").Register(hook, write),
	)
}

func read(db *gorm.DB) { count(db, false) }

// write counts a statement that the database commits by itself if no transaction
// is open.
func write(db *gorm.DB) { count(db, true) }

func count(db *gorm.DB, writes bool) {
	c, open := counter(db.Statement.ConnPool)
	if _, out := db.Statement.ConnPool.(*sql.Conn); out {
		c, _ = counter(db.ConnPool)
	}
	if c == nil || db.Error != nil || db.DryRun {
		return
	}
	c.sql.Add(1)
	if writes && !open {
		c.commits.Add(1)
	}
}

// counter returns what counts a statement's connection, nil for nothing, and
// whether a transaction is open on it.
func counter(conn gorm.ConnPool) (c *Calls, open bool) {
	switch conn := conn.(type) {
	case *pool:
		return conn.calls, false
	case *tx:
		return conn.pool.calls, true
	case *gorm.PreparedStmtDB:
		return counter(conn.ConnPool)
	case *gorm.PreparedStmtTX:
		return counter(conn.Tx)
	}
	return nil, false
}

// pool marks its statements as counted and begins transactions whose commits are.
type pool struct {
	gorm.ConnPool
	calls *Calls
}

// GetDBConn implements [gorm.GetDBConnector].
func (p *pool) GetDBConn() (*sql.DB, error) {
	switch conn := p.ConnPool.(type) {
	case *sql.DB:
		return conn, nil
	case gorm.GetDBConnector:
		return conn.GetDBConn()
	}
	return nil, gorm.ErrInvalidDB
}

// BeginTx implements [gorm.ConnPoolBeginner].
func (p *pool) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	var begun gorm.ConnPool
	var err error
	switch conn := p.ConnPool.(type) {
	case gorm.TxBeginner:
		begun, err = conn.BeginTx(ctx, opts)
	case gorm.ConnPoolBeginner:
		begun, err = conn.BeginTx(ctx, opts)
	}
	if err != nil {
		return nil, err
	}
	if t, ok := begun.(gorm.Tx); ok {
		return &tx{t, p}, nil
	}
	return nil, gorm.ErrInvalidTransaction
}

// tx is a transaction whose commit is counted.
type tx struct {
	gorm.Tx
	pool *pool
}

// GetDBConn implements [gorm.GetDBConnector].
func (t *tx) GetDBConn() (*sql.DB, error) { return t.pool.GetDBConn() }

// Commit implements [gorm.TxCommitter].
func (t *tx) Commit() error {
	t.pool.calls.commits.Add(1)
	return t.Tx.Commit()
}

package gormorder

import (
	"context"
	"database/sql"
	"math"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// audit is a row of seckill_audit, for GORM.
type audit struct {
	ID          int64
	At          gormdb.Moment
	Actor       string
	Action      string
	Target      string
	StateBefore string
	StateAfter  string
	Failure     string
	Done        bool
}

// BeginAudit implements [order.AuditLog].
func (s *Store) BeginAudit(ctx context.Context, a order.Audit) (int64, error) {
	row := audit{At: gormdb.Moment(a.At), Actor: a.Actor, Action: a.Action, Target: a.Target, StateBefore: a.Before}
	err := s.db.WithContext(ctx).Table("seckill_audit").Create(&row).Error
	return row.ID, fault(ctx, err, "begin the audit of %q", a.Action)
}

// EndAudit implements [order.AuditLog].
func (s *Store) EndAudit(ctx context.Context, id int64, after, failure string) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE seckill_audit SET state_after = ?, failure = ?, done = ? WHERE id = ?", after, failure, true, id).Error
	})
	return fault(ctx, err, "end audit %d", id)
}

// Audits implements [order.AuditLog].
func (s *Store) Audits(ctx context.Context, before int64, limit int) ([]order.Audit, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	page, err := gormdb.Query(s.db.WithContext(ctx), scanAudit,
		"SELECT id, at, actor, action, target, state_before, state_after, failure, done FROM seckill_audit"+
			" WHERE id < ? ORDER BY id DESC LIMIT ?", before, max(limit, 0))
	return page, fault(ctx, err, "read audits")
}

func scanAudit(rows *sql.Rows, a *order.Audit) error {
	return rows.Scan(&a.ID, (*gormdb.Moment)(&a.At), &a.Actor, &a.Action, &a.Target, &a.Before, &a.After, &a.Error, &a.Done)
}

package gormorder

import (
	"context"
	"database/sql"
	"slices"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// entry is one row of the ledger: units of a goods that were sold or came back, or
// the events of a transaction, or both.
type entry struct {
	goodsID, kind, reference string
	node                     string // who wrote it, or ""
	units                    int
	events                   string // for the outbox, or ""
}

// insertEntries adds entries. Each kind has a reference once.
func insertEntries(entries []entry) (all []statement) {
	for entries := range slices.Chunk(entries, chunk) {
		args := make([]any, 0, 8*len(entries))
		for _, e := range entries {
			var events, sent any // NULL
			if e.events != "" {
				events = e.events
			} else {
				sent = now()
			}
			args = append(args, e.goodsID, e.kind, e.reference, e.units, events, now(), sent, e.node)
		}
		all = append(all, statement{"INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at, sent_at, node) VALUES " +
			rows("(?,?,?,?,?,?,?,?)", len(entries)), args, 0})
	}
	return all
}

// exec runs statements, which have no condition, in the caller's transaction.
func exec(tx *gorm.DB, all []statement) error {
	for _, one := range all {
		if err := tx.Exec(one.text, one.args...).Error; err != nil {
			return err
		}
	}
	return nil
}

// tombstone is the state of the row of an attempt that was given up for good. It has
// no goods and no user, so it is in no list and no sum.
const tombstone = "tombstone"

// Bury implements [order.Ledger]. A tombstone and an order have one unique key, which
// also makes one wait for the other.
func (s *Store) Bury(ctx context.Context, goodsID string, attempts []string) ([]order.Outcome, error) {
	if _, err := s.row(ctx, goodsID); err != nil {
		return nil, fault(ctx, err, "bury %d attempts of %q", len(attempts), goodsID)
	}
	var outcomes []order.Outcome
	err := s.reread(ctx, func() (err error) {
		outcomes, err = s.bury(ctx, attempts)
		return err
	})
	if err != nil {
		return nil, fault(ctx, err, "bury %d attempts of %q", len(attempts), goodsID)
	}
	return outcomes, nil
}

func (s *Store) bury(ctx context.Context, attempts []string) ([]order.Outcome, error) {
	unique := slices.Compact(slices.Sorted(slices.Values(attempts)))
	found, err := s.find(s.db.WithContext(ctx), unique)
	if err != nil {
		return nil, err
	}
	orders := byID(found)
	buried, err := s.buried(ctx, unique)
	if err != nil {
		return nil, err
	}
	fresh := slices.DeleteFunc(unique, func(a string) bool { return orders[a].ID != "" || buried[a] })
	if err := s.write(ctx, tombstones(fresh)); err != nil {
		return nil, err
	}
	outcomes := make([]order.Outcome, len(attempts))
	for i, a := range attempts {
		outcomes[i].Status = order.Buried
		if o, ok := orders[a]; ok {
			outcomes[i] = order.Outcome{Status: order.Replayed, Order: o}
		}
	}
	return outcomes, nil
}

func tombstones(attempts []string) (all []statement) {
	for attempts := range slices.Chunk(attempts, chunk) {
		args := make([]any, 0, 5*len(attempts))
		for _, a := range attempts {
			args = append(args, a, tombstone, now(), now(), now())
		}
		all = append(all, statement{"INSERT INTO seckill_orders (id, state, goods_id, user_id, quantity, amount, currency, fence, created_at, updated_at, pay_by) VALUES " +
			rows("(?,?,'','',1,0,'',0,?,?,?)", len(attempts)), args, 0})
	}
	return all
}

func (s *Store) buried(ctx context.Context, attempts []string) (map[string]bool, error) {
	set := make(map[string]bool)
	for attempts := range slices.Chunk(attempts, chunk) {
		found, err := names(s.db.WithContext(ctx), "SELECT id FROM seckill_orders"+s.hint(idIndex)+" WHERE id IN ? AND state = ?", attempts, tombstone)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			set[n] = true
		}
	}
	return set, nil
}

// names runs a query for one column of text.
func names(db *gorm.DB, query string, args ...any) ([]string, error) {
	return gormdb.Query(db, func(rows *sql.Rows, name *string) error { return rows.Scan(name) }, query, args...)
}

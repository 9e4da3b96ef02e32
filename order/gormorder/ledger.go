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

func enter(tx *gorm.DB, entries ...entry) error {
	for entries := range slices.Chunk(entries, chunk) {
		if err := insertEntries(entries).run(tx).Error; err != nil {
			return err
		}
	}
	return nil
}

func insertEntries(entries []entry) statement {
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
	return statement{"INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at, sent_at, node) VALUES " +
		rows("(?,?,?,?,?,?,?,?)", len(entries)), args}
}

// Bury implements [order.Ledger]. The stock row's lock keeps commits of the goods
// out meanwhile.
func (s *Store) Bury(ctx context.Context, goodsID string, attempts []string) ([]order.Outcome, error) {
	var outcomes []order.Outcome
	err := s.transact(ctx, func(tx *gorm.DB) (err error) {
		if _, err = s.lockRow(tx, goodsID); err != nil {
			return err
		}
		outcomes, err = s.bury(tx, goodsID, attempts)
		return err
	})
	if err != nil {
		return nil, fault(ctx, err, "bury %d attempts of %q", len(attempts), goodsID)
	}
	return outcomes, nil
}

func (s *Store) bury(tx *gorm.DB, goodsID string, attempts []string) ([]order.Outcome, error) {
	found, err := s.find(tx, attempts)
	if err != nil {
		return nil, err
	}
	orders := make(map[string]order.Order, len(found))
	for _, o := range found {
		orders[o.ID] = o
	}
	known, err := s.buried(tx, attempts)
	if err != nil {
		return nil, err
	}
	outcomes := make([]order.Outcome, len(attempts))
	var entries []entry
	for i, a := range attempts {
		if o, ok := orders[a]; ok {
			outcomes[i] = order.Outcome{Status: order.Replayed, Order: o}
			continue
		}
		outcomes[i].Status = order.Buried
		if !known[a] {
			known[a] = true
			entries = append(entries, entry{goodsID: goodsID, kind: "bury", reference: a})
		}
	}
	if len(entries) > 0 {
		err = tx.Exec("UPDATE seckill_stock SET buried = buried + ? WHERE goods_id = ?", len(entries), goodsID).Error
		if err != nil {
			return nil, err
		}
	}
	return outcomes, enter(tx, entries...)
}

func (s *Store) buried(tx *gorm.DB, attempts []string) (map[string]bool, error) {
	set := make(map[string]bool)
	for attempts := range slices.Chunk(attempts, chunk) {
		found, err := names(tx, "SELECT reference FROM seckill_ledger"+s.hint("seckill_ledger_once")+" WHERE kind = 'bury' AND reference IN ?", attempts)
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
func names(tx *gorm.DB, query string, args ...any) ([]string, error) {
	return gormdb.Query(tx, func(rows *sql.Rows, name *string) error { return rows.Scan(name) }, query, args...)
}

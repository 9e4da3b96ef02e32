package gormorder

import (
	"database/sql"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// known is what the ledger has of a group's attempts and users already.
type known struct {
	ordered map[string]bool // attempts with an order
	buried  map[string]bool // attempts without one for ever
	units   map[string]int  // users' units in live orders of the goods
}

func (k known) status(d order.Draft, room int) order.Status {
	switch {
	case k.ordered[d.Attempt]:
		return order.Replayed
	case k.buried[d.Attempt]:
		return order.Buried
	case d.Limit > 0 && k.units[d.UserID]+d.Quantity > d.Limit:
		return order.LimitReached
	case d.Quantity > room:
		return order.SoldOut
	}
	return order.Committed
}

const (
	seesOrder = iota
	seesBuried
	seesUser
)

// lookup asks for all of it in one statement.
func (s *Store) lookup(tx *gorm.DB, g *group) (known, error) {
	k := known{make(map[string]bool), make(map[string]bool), make(map[string]int)}
	for drafts := range g.chunks() {
		query, args := s.lookupQuery(g.goodsID, drafts)
		rows, err := gormdb.Query(tx, scanSeen, query, args...)
		if err != nil {
			return k, err
		}
		for _, r := range rows {
			switch r.what {
			case seesOrder:
				k.ordered[r.name] = true
			case seesBuried:
				k.buried[r.name] = true
			case seesUser:
				k.units[r.name] = r.units
			}
		}
	}
	return k, nil
}

func (s *Store) lookupQuery(goodsID string, drafts []order.Draft) (string, []any) {
	attempts := make([]string, len(drafts))
	var users []string
	for i, d := range drafts {
		attempts[i] = d.Attempt
		if d.Limit > 0 {
			users = append(users, d.UserID)
		}
	}
	query := "SELECT 0, attempt_id, 0 FROM seckill_orders" + s.hint("seckill_orders_attempt") + " WHERE attempt_id IN ?" +
		" UNION ALL SELECT 1, reference, 0 FROM seckill_ledger" + s.hint("seckill_ledger_once") + " WHERE kind = 'bury' AND reference IN ?"
	args := []any{attempts, attempts}
	if len(users) > 0 {
		query += " UNION ALL SELECT 2, user_id, SUM(quantity) FROM seckill_orders" + s.hint("seckill_orders_user") +
			" WHERE user_id IN ? AND goods_id = ? AND state IN ('pending', 'paid') GROUP BY user_id"
		args = append(args, users, goodsID)
	}
	return query, args
}

type seen struct {
	what  int
	name  string
	units int
}

func scanSeen(rows *sql.Rows, r *seen) error { return rows.Scan(&r.what, &r.name, &r.units) }

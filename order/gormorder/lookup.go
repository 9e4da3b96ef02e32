package gormorder

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// known is what the ledger has of a group's attempts and users already.
type known struct {
	ordered map[string]bool // attempts with an order
	buried  map[string]bool // attempts with a tombstone
	units   map[string]int  // units in live orders of the goods, by user
}

func nothing() known {
	return known{make(map[string]bool), make(map[string]bool), make(map[string]int)}
}

func (k known) status(d order.Draft, room int) order.Status {
	switch {
	case k.ordered[d.ID]:
		return order.Replayed
	case k.buried[d.ID]:
		return order.Buried
	case d.Limit > 0 && k.units[d.UserID]+d.Quantity > d.Limit:
		return order.LimitReached
	case d.Quantity > room:
		return order.SoldOut
	}
	return order.Committed
}

// lookup asks, in one statement for each chunk of drafts, for their attempts and for
// the units of users with a limit.
func (s *Store) lookup(ctx context.Context, g *group) (known, error) {
	k := nothing()
	for drafts := range slices.Chunk(g.drafts, chunk) {
		query, args := s.lookupQuery(g.goodsID, drafts)
		found, err := gormdb.Query(s.db.WithContext(ctx), scanSeen, query, args...)
		if err != nil {
			return k, err
		}
		for _, r := range found {
			switch r.what {
			case "user":
				k.units[r.name] = r.units
			case tombstone:
				k.buried[r.name] = true
			default:
				k.ordered[r.name] = true
			}
		}
	}
	return k, nil
}

func (s *Store) lookupQuery(goodsID string, drafts []order.Draft) (string, []any) {
	var attempts, users []string
	for _, d := range drafts {
		attempts = append(attempts, d.ID)
		if d.Limit > 0 {
			users = append(users, d.UserID)
		}
	}
	parts := []string{"SELECT state, id, 0 FROM seckill_orders" + s.hint(idIndex) + " WHERE id IN ?"}
	args := []any{attempts}
	if len(users) > 0 {
		parts = append(parts, "SELECT 'user', user_id, SUM(quantity) FROM seckill_orders"+s.hint("seckill_orders_user")+
			" WHERE user_id IN ? AND goods_id = ? AND state IN ('pending', 'paid') GROUP BY user_id")
		args = append(args, users, goodsID)
	}
	return strings.Join(parts, " UNION ALL "), args
}

type seen struct {
	what, name string
	units      int
}

func scanSeen(rows *sql.Rows, r *seen) error { return rows.Scan(&r.what, &r.name, &r.units) }

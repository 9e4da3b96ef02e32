package gormorder

import (
	"database/sql"
	"strings"

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

const (
	seesOrder = iota
	seesBuried
	seesUser
)

func nothing() known {
	return known{make(map[string]bool), make(map[string]bool), make(map[string]int)}
}

// lookup asks, in one statement for each chunk, for the units of users with a
// limit, and for attempts too if it shall.
func (s *Store) lookup(tx *gorm.DB, g *group, attempts bool) (known, error) {
	k := nothing()
	for drafts := range g.chunks() {
		query, args := s.lookupQuery(g.goodsID, drafts, attempts)
		if query == "" {
			continue
		}
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

func (s *Store) lookupQuery(goodsID string, drafts []order.Draft, withAttempts bool) (string, []any) {
	var attempts, users []string
	for _, d := range drafts {
		attempts = append(attempts, d.ID)
		if d.Limit > 0 {
			users = append(users, d.UserID)
		}
	}
	var parts []string
	var args []any
	if withAttempts {
		parts = append(parts,
			"SELECT 0, id, 0 FROM seckill_orders"+s.hint(byID)+" WHERE id IN ?",
			"SELECT 1, reference, 0 FROM seckill_ledger"+s.hint("seckill_ledger_once")+" WHERE kind = 'bury' AND reference IN ?")
		args = append(args, attempts, attempts)
	}
	if len(users) > 0 {
		parts = append(parts, "SELECT 2, user_id, SUM(quantity) FROM seckill_orders"+s.hint("seckill_orders_user")+
			" WHERE user_id IN ? AND goods_id = ? AND state IN ('pending', 'paid') GROUP BY user_id")
		args = append(args, users, goodsID)
	}
	return strings.Join(parts, " UNION ALL "), args
}

type seen struct {
	what  int
	name  string
	units int
}

func scanSeen(rows *sql.Rows, r *seen) error { return rows.Scan(&r.what, &r.name, &r.units) }

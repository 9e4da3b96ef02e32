package gormorder

import (
	"database/sql"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// known is what the ledger has of a group's attempts and users already.
type known struct {
	ordered map[string]bool // attempts with an order
	buried  map[string]bool // attempts without one for ever
	units   map[owner]int   // units in live orders
}

// owner is a user as one who has orders of a goods.
type owner struct{ goodsID, userID string }

func (k known) status(goodsID string, d order.Draft, room int) order.Status {
	switch {
	case k.ordered[d.ID]:
		return order.Replayed
	case k.buried[d.ID]:
		return order.Buried
	case d.Limit > 0 && k.units[owner{goodsID, d.UserID}]+d.Quantity > d.Limit:
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
	return known{make(map[string]bool), make(map[string]bool), make(map[owner]int)}
}

// lookup asks, in one statement for each chunk, for the units of users with a
// limit, and for attempts too if it shall.
func (s *Store) lookup(tx *gorm.DB, attempts bool, groups ...*group) (known, error) {
	k := nothing()
	for questions := range slices.Chunk(questionsOf(groups), chunk) {
		query, args := s.lookupQuery(questions, attempts)
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
				k.units[owner{r.goodsID, r.name}] = r.units
			}
		}
	}
	return k, nil
}

// question is a draft about which the ledger is asked.
type question struct {
	goodsID string
	draft   *order.Draft
}

func questionsOf(groups []*group) (all []question) {
	for _, g := range groups {
		for i := range g.drafts {
			all = append(all, question{g.goodsID, &g.drafts[i]})
		}
	}
	return all
}

func (s *Store) lookupQuery(questions []question, withAttempts bool) (string, []any) {
	var attempts, users, goods []string
	for _, q := range questions {
		attempts = append(attempts, q.draft.ID)
		if q.draft.Limit > 0 {
			users, goods = append(users, q.draft.UserID), append(goods, q.goodsID)
		}
	}
	var parts []string
	var args []any
	if withAttempts {
		parts = append(parts,
			"SELECT 0, '', id, 0 FROM seckill_orders"+s.hint(byID)+" WHERE id IN ?",
			"SELECT 1, '', reference, 0 FROM seckill_ledger"+s.hint("seckill_ledger_once")+" WHERE kind = 'bury' AND reference IN ?")
		args = append(args, attempts, attempts)
	}
	if len(users) > 0 {
		parts = append(parts, "SELECT 2, goods_id, user_id, SUM(quantity) FROM seckill_orders"+s.hint("seckill_orders_user")+
			" WHERE user_id IN ? AND goods_id IN ? AND state IN ('pending', 'paid') GROUP BY user_id, goods_id")
		args = append(args, users, slices.Compact(goods))
	}
	return strings.Join(parts, " UNION ALL "), args
}

type seen struct {
	what          int
	goodsID, name string
	units         int
}

func scanSeen(rows *sql.Rows, r *seen) error {
	return rows.Scan(&r.what, &r.goodsID, &r.name, &r.units)
}

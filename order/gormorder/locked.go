package gormorder

import (
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// commitInDoubt locks the group's stock row, and books what may be booked.
func (s *Store) commitInDoubt(tx *gorm.DB, g *group) (err error) {
	if g.row, err = s.lockRow(tx, g.goodsID); err != nil {
		return err
	}
	if g.fenced() {
		return order.ErrFenced
	}
	return s.commitLocked(tx, g)
}

// commitFree does so with groups of several goods at once, but for those whose
// stock row somebody has locked, or that are to hear an error: they have no outcomes
// after it. The groups come in the order of their goods.
func (s *Store) commitFree(tx *gorm.DB, groups []*group) error {
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i], g.outcomes = g.goodsID, nil
	}
	rows, err := gormdb.Query(tx, scanRow, stockRow+s.hint("PRIMARY")+" WHERE goods_id IN ?"+s.lockingFree(), ids)
	if err != nil {
		return err
	}
	var free []*group
	for _, row := range rows {
		i, _ := slices.BinarySearch(ids, row.GoodsID)
		g := groups[i]
		if g.row = row; !g.fenced() {
			free = append(free, g)
		}
	}
	if len(free) == 0 {
		return nil
	}
	return s.commitLocked(tx, free...)
}

// commitLocked looks what is known of each draft, and books those that may be. The
// groups' stock rows are locked.
func (s *Store) commitLocked(tx *gorm.DB, groups ...*group) error {
	known, err := s.lookup(tx, true, groups...)
	if err != nil {
		return err
	}
	for _, g := range groups {
		g.decide(known, g.row.Total-g.row.Sold)
	}
	statements, err := statementsOf(groups...)
	if err != nil {
		return err
	}
	if _, err := s.together(tx, append(statements, updateStocks(groups))); err != nil {
		return err
	}
	return s.replay(tx, groups)
}

// updateStocks books the groups' units, and their fences.
func updateStocks(groups []*group) statement {
	var ids []string
	var units, fences []any
	for _, g := range groups {
		ids = append(ids, g.goodsID)
		units = append(units, g.goodsID, g.booked)
		fences = append(fences, g.goodsID, max(g.fence, g.row.Fence))
	}
	each := choice("goods_id", len(groups))
	return statement{"UPDATE seckill_stock SET sold = sold + " + each + ", fence = " + each + ", updated_at = ? WHERE goods_id IN ?",
		slices.Concat(units, fences, []any{now(), ids})}
}

// replay fills in the orders of replayed attempts.
func (s *Store) replay(tx *gorm.DB, groups []*group) error {
	replayed := make(map[string][]*order.Outcome)
	for _, g := range groups {
		for i := range g.outcomes {
			if out := &g.outcomes[i]; out.Status == order.Replayed {
				replayed[g.drafts[i].ID] = append(replayed[g.drafts[i].ID], out)
			}
		}
	}
	found, err := s.find(tx, slices.Sorted(maps.Keys(replayed)))
	for _, o := range found {
		for _, out := range replayed[o.ID] {
			out.Order = o
		}
	}
	return err
}

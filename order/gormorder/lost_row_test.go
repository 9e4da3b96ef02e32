package gormorder_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/order"
)

func TestADeletedStockRowStopsNoPaymentAndNoCancel(t *testing.T) {
	losesARow(t, openSQLite(t, ""))
}

// losesARow deletes a stock row by hand. Its orders and those of other goods are moved
// all the same, and a row that is made anew counts them.
func losesARow(t *testing.T, db *gorm.DB) {
	s := opened(t, db)
	_, err := s.Open(t.Context(), "other", 3, 10)
	require.NoError(t, err)
	commit := func(goodsID string) []order.Order {
		out, err := s.Commit(t.Context(), goodsID, 0, unlimited(4))
		require.NoError(t, err)
		var orders []order.Order
		for _, o := range out {
			orders = append(orders, o.Order)
		}
		return orders
	}
	lost, other := commit("bench"), commit("other")
	require.NoError(t, db.Exec("DELETE FROM seckill_stock WHERE goods_id = 'bench'").Error)
	var changes []order.Change
	for _, o := range [][]order.Order{lost, other} {
		changes = append(changes, order.Change{EventID: "pay-" + o[0].ID, OrderID: o[0].ID, Move: order.Pay}, order.Change{OrderID: o[1].ID, Move: order.Cancel})
	}
	changed, err := s.Move(t.Context(), changes)
	require.NoError(t, err)
	for i, c := range changed {
		require.True(t, c.Moved, i)
	}
	require.Equal(t, 1, soldOf(t, s, "other", 3).Paid)

	_, err = s.Commit(t.Context(), "bench", 0, unlimited(1))
	require.ErrorIs(t, err, order.ErrNotFound)
	_, err = s.Open(t.Context(), "bench", 7, 2)
	require.ErrorIs(t, err, order.ErrTotalTooSmall, "three units are in live orders")
	row, err := s.Open(t.Context(), "bench", 7, 3)
	require.NoError(t, err)
	require.Equal(t, order.Stock{GoodsID: "bench", Total: 3, Sold: 3, Paid: 1, Fence: 7, Epoch: 1}, row)
	require.Equal(t, row, soldOf(t, s, "bench", 3))
	out, err := s.Commit(t.Context(), "bench", 7, unlimited(1))
	require.NoError(t, err)
	require.Equal(t, order.SoldOut, out[0].Status, "no unit is sold again because a row was lost")
}

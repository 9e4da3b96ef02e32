package gormorder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/order"
)

// What hands, restored backups and bugs do to the tables is mended by the orders'
// word, and what was done stays on record.
func TestAmendMakesRowAndEntriesAgreeWithTheOrders(t *testing.T) {
	for name, drift := range map[string]string{
		"the row lost units":      "UPDATE seckill_stock SET sold = sold - 2",
		"the row counts payments": "UPDATE seckill_stock SET paid = paid + 1",
		"the row has too many":    "UPDATE seckill_stock SET sold = sold + 2",
		"an entry is gone":        "DELETE FROM seckill_ledger WHERE kind = 'sell'",
		"an entry was added":      "INSERT INTO seckill_ledger (goods_id, kind, reference, units, created_at) VALUES ('bench', 'sell', 'x', 9, '2026-01-01 00:00:00.000000')",
		"an order was deleted":    "DELETE FROM seckill_orders WHERE id = (SELECT MIN(id) FROM (SELECT id FROM seckill_orders) o)",
		"an order changed state":  "UPDATE seckill_orders SET state = 'cancelled' WHERE id = (SELECT MIN(id) FROM (SELECT id FROM seckill_orders) o)",
	} {
		t.Run(name, func(t *testing.T) {
			db := openSQLite(t, "")
			s := opened(t, db)
			_, err := s.Commit(t.Context(), "bench", 0, buyers(5))
			require.NoError(t, err)
			require.NoError(t, db.Exec(drift).Error)
			wrong, err := s.Recount(t.Context(), "bench")
			require.NoError(t, err)
			require.False(t, wrong.Sound(), "%+v", wrong)

			row, err := s.Amend(t.Context(), "bench", wrong.Fence+1)
			require.NoError(t, err)
			require.Equal(t, soldOf(t, s, "bench", wrong.Ordered), row)
			var noted int
			require.NoError(t, db.Raw("SELECT COALESCE(SUM(units), 0) FROM seckill_ledger WHERE kind = 'amend'").Row().Scan(&noted))
			require.Equal(t, wrong.Ordered-wrong.Entries, noted)
		})
	}
}

func TestAmendDoesNotHideOversoldUnits(t *testing.T) {
	db := openSQLite(t, "")
	s := opened(t, db)
	_, err := s.Commit(t.Context(), "bench", 0, buyers(5))
	require.NoError(t, err)
	require.NoError(t, db.Exec("UPDATE seckill_stock SET sold = 3, total = 4").Error)
	before, err := s.Stock(t.Context(), "bench")
	require.NoError(t, err)
	_, err = s.Amend(t.Context(), "bench", before.Fence+1)
	require.ErrorIs(t, err, order.ErrTotalTooSmall)
	after, err := s.Stock(t.Context(), "bench")
	require.NoError(t, err)
	require.Equal(t, before, after)
}

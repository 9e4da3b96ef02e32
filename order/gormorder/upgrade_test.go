package gormorder_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

func TestOldTablesAreBroughtUpToDate(t *testing.T) { upgrades(t, openEmpty(t, "")) }

// upgrades makes the tables of the first version, which had an outbox of its own,
// and a migration of them that a crash cut off.
func upgrades(t *testing.T, db *gorm.DB) {
	run(t, db, "0001_ledger.sql", -1)
	at := "'2026-01-01 00:00:00.000000'"
	for _, statement := range []string{
		"INSERT INTO seckill_stock (goods_id, total, sold, fence, epoch, updated_at) VALUES ('1001', 10, 1, 7, 1, " + at + ")",
		"INSERT INTO seckill_orders (id, attempt_id, goods_id, user_id, quantity, amount, currency, state, version, reason, payment_id, created_at, updated_at, pay_by)" +
			" VALUES ('o1', 'a1', '1001', 'u1', 1, 1999, 'CNY', 'pending', 1, '', '', " + at + ", " + at + ", " + at + ")",
		"INSERT INTO seckill_ledger (goods_id, kind, reference, units, created_at) VALUES ('1001', 'sell', 'o1', 1, " + at + "), ('1001', 'bury', 'a2', 0, " + at + ")",
		"INSERT INTO seckill_outbox (payload, created_at, sent_at) VALUES ('[]', " + at + ", " + at + ")",
		`INSERT INTO seckill_outbox (payload, created_at) VALUES ('[{"id":"e1","key":"o1"}]', ` + at + `), ('[{"id":"e2","key":"o1"}]', ` + at + ")",
	} {
		require.NoError(t, db.Exec(statement).Error, statement)
	}
	if db.Name() == "mysql" { // SQLite would have rolled it back
		run(t, db, "0003_events_in_ledger.sql", 4)
	}
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	if db.Name() == "mysql" { // a crash before the note of it
		cut := db.Exec("DELETE FROM seckill_migrations WHERE name LIKE '%0006_orders_by_attempt%'")
		require.NoError(t, cut.Error)
		require.EqualValues(t, 1, cut.RowsAffected)
	}
	require.NoError(t, gormorder.Migrate(t.Context(), db))

	s := gormorder.New(db, gormorder.Options{})
	batches, queue, err := s.Pending(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 2, queue.Pending)
	require.Equal(t, "e1", batches[0].Events[0].ID)
	require.Equal(t, "e2", batches[1].Events[0].ID)
	row, err := s.Stock(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, order.Stock{GoodsID: "1001", Total: 10, Sold: 1, Fence: 7, Epoch: 1, Ordered: 1, Booked: 1}, row)
	steps, err := s.History(t.Context(), "o1")
	require.NoError(t, err)
	require.Empty(t, steps, "a pending order whose events an older version had elsewhere")
	drafts := unlimited(2)
	drafts[0].ID, drafts[1].ID = "o1", "a2"
	outcomes, err := s.Commit(t.Context(), "1001", 7, drafts)
	require.NoError(t, err)
	require.Equal(t, order.Replayed, outcomes[0].Status, "an order keeps its id")
	require.Equal(t, order.Buried, outcomes[1].Status, "what was buried before the upgrade stays so")
}

// run runs the first statements of a migration, all of them if n is negative.
func run(t *testing.T, db *gorm.DB, file string, n int) {
	text, err := os.ReadFile("migrations/" + db.Name() + "/" + file)
	require.NoError(t, err)
	for i, statement := range strings.Split(strings.TrimSpace(string(text)), ";\n") {
		if i != n {
			require.NoError(t, db.Exec(statement).Error, statement)
			continue
		}
		return
	}
}

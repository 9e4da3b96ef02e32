package gormorder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/order"
)

func TestEventsOfAGroupAreThoseOfItsOrders(t *testing.T) {
	s := opened(t, openSQLite(t, ""))
	drafts := buyers(3)
	drafts[0].UserID = "a \"user\",\nwho=is`named'strangely\\"
	outcomes, err := s.Commit(t.Context(), "bench", 0, drafts)
	require.NoError(t, err)
	batches, _, err := s.Pending(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, batches, 1)
	var want []order.Event
	for _, o := range outcomes {
		require.Equal(t, order.Committed, o.Status)
		want = append(want, order.Created(o.Order))
	}
	require.Equal(t, want, batches[0].Events)
}

func TestAnOutboxThatIsNotOursIsAnError(t *testing.T) {
	db := openSQLite(t, "")
	s := opened(t, db)
	for _, payload := range []string{"", "{}", "hello", "created", "created,bench\na,b\n", "created,bench\na,b,c,one,2,CNY,3,4\n", `created,"bench`, "[1]"} {
		require.NoError(t, db.Exec("DELETE FROM seckill_ledger").Error)
		require.NoError(t, db.Exec("INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at) VALUES ('', 'events', '1', 0, ?, '2026-01-01 00:00:00.000000')", payload).Error)
		_, _, err := s.Pending(t.Context(), 10)
		require.Error(t, err, "%q", payload)
	}
}

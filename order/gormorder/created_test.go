package gormorder_test

import (
	"strings"
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

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func TestATraceIsANinthFieldOfItsOrderAlone(t *testing.T) {
	db := openSQLite(t, "")
	s := opened(t, db)
	drafts := buyers(2)
	drafts[1].Trace = traceparent
	_, err := s.Commit(t.Context(), "bench", 0, drafts)
	require.NoError(t, err)
	var payload string
	require.NoError(t, db.Raw("SELECT payload FROM seckill_ledger WHERE sent_at IS NULL").Row().Scan(&payload))
	lines := strings.Split(strings.TrimSpace(payload), "\n")
	require.Len(t, lines, 3)
	require.Equal(t, 7, strings.Count(lines[1], ","), lines[1])
	require.True(t, strings.HasSuffix(lines[2], ","+traceparent), lines[2])
}

func TestARowFromBeforeTracesIsRead(t *testing.T) {
	db := openSQLite(t, "")
	s := opened(t, db)
	require.NoError(t, db.Exec("INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at) VALUES ('bench', 'sell', '1', 1, ?, '2026-01-01 00:00:00.000000')",
		"created,bench\nid-1,attempt-1,user-1,1,1999,CNY,1795430286123450,1795431186123450\n").Error)
	batches, _, err := s.Pending(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, batches, 1)
	require.Equal(t, "attempt-1", batches[0].Events[0].ID)
	require.Empty(t, batches[0].Events[0].Trace)
}

func TestAnOutboxThatIsNotOursIsAnError(t *testing.T) {
	db := openSQLite(t, "")
	s := opened(t, db)
	for _, payload := range []string{"", "{}", "hello", "created", "created,bench\na,b\n", "created,bench\na,b,c,one,2,CNY,3,4\n", "created,bench\na,b,c,1,2,CNY,3,4,5,6\n", `created,"bench`, "[1]"} {
		require.NoError(t, db.Exec("DELETE FROM seckill_ledger").Error)
		require.NoError(t, db.Exec("INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at) VALUES ('', 'events', '1', 0, ?, '2026-01-01 00:00:00.000000')", payload).Error)
		_, _, err := s.Pending(t.Context(), 10)
		require.Error(t, err, "%q", payload)
	}
}

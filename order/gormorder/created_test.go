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

func TestATraceIsAnEighthFieldOfItsOrderAlone(t *testing.T) {
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
	require.Equal(t, 6, strings.Count(lines[1], ","), lines[1])
	require.True(t, strings.HasSuffix(lines[2], ","+traceparent), lines[2])
}

func TestARowFromBeforeOrdersWereNamedByTheirAttemptsIsRead(t *testing.T) {
	db := openSQLite(t, "")
	s := opened(t, db)
	require.NoError(t, db.Exec("INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at) VALUES ('bench', 'sell', '1', 2, ?, '2026-01-01 00:00:00.000000')",
		"created,bench\nid-1,attempt-1,user-1,1,1999,CNY,1795430286123450,1795431186123450\n"+
			"id-2,attempt-2,user-2,1,1999,CNY,1795430286123450,1795431186123450,"+traceparent+"\n").Error)
	batches, _, err := s.Pending(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, batches, 1)
	events := batches[0].Events
	require.Equal(t, []string{"id-1", "id-2"}, []string{events[0].Key, events[1].Key})
	require.Equal(t, []string{"attempt-1", "attempt-2"}, []string{events[0].ID, events[1].ID}, "as they were when an older version sent them")
	require.JSONEq(t, `{"order_id":"id-1","goods_id":"bench","user_id":"user-1","quantity":1,"amount":1999,"currency":"CNY","state":"pending","version":1,
		"created_at":"2026-11-23T10:38:06.12345Z","updated_at":"2026-11-23T10:38:06.12345Z","pay_by":"2026-11-23T10:53:06.12345Z"}`, string(events[0].Data))
	require.Empty(t, events[0].Trace)
	require.EqualValues(t, traceparent, events[1].Trace)
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

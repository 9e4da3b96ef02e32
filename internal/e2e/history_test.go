package e2e_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/order"
)

// Each node tells what the others did: which of them committed an order and when, and
// which of them hold the goods' lease.
func TestEveryNodeTellsWhatTheOthersDid(t *testing.T) {
	started := 0
	m := open(t, 500, 0, func(o *seckill.Options) {
		started++
		o.Node = fmt.Sprint("node-", started)
	})
	bought := map[string]string{} // by order: the node
	for i, e := range m.engines {
		for _, b := range saletest.Winners(t, saletest.Rush(t, "1001", 100, 100, e)) {
			bought[b.Receipt.Order.ID] = fmt.Sprint("node-", i+1)
		}
	}
	require.Len(t, bought, 300)
	for _, e := range m.engines { // who sold a moment ago still holds it
		saletest.Within(t, patience, "three holders", func() bool {
			s, err := e.Status(t.Context())
			require.NoError(t, err)
			var nodes []string
			for _, h := range s.Goods[0].Holders {
				nodes = append(nodes, h.Node)
			}
			slices.Sort(nodes)
			return slices.Equal(nodes, []string{"node-1", "node-2", "node-3"})
		})
	}
	n := 0
	for id, node := range bought {
		if n++; n > 30 { // in no order
			break
		}
		want := []string{order.StepTicket, order.StepRequested, order.StepCommitted, order.StepSent}
		saletest.Within(t, patience, "the history of "+id, func() bool {
			o, steps, err := m.engines[n%len(m.engines)].History(t.Context(), id)
			require.NoError(t, err)
			committed := slices.IndexFunc(steps, func(s order.Step) bool { return s.Name == order.StepCommitted })
			require.GreaterOrEqual(t, committed, 0, "%+v", steps)
			require.Equal(t, node, steps[committed].Node)
			require.Equal(t, order.StepRequested, steps[committed-1].Name, "%+v", steps)
			// An order's time is by the ledger's clock, an entry's by its node's.
			require.False(t, steps[committed].At.Before(o.CreatedAt.Add(-time.Second)), "%+v", steps)
			return len(steps) == len(want)
		})
	}
	latest, err := m.engines[0].Latest(t.Context(), "1001", "", 100)
	require.NoError(t, err)
	require.Len(t, latest, 100)
}

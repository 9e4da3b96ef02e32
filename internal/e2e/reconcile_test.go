package e2e_test

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/stock"
)

// drifts are what bugs, mistaken hands and restored backups leave behind.
var drifts = map[string]struct {
	named string // what the report has to say
	make  func(m *mall)
}{
	"Redis lost everything": {"the gate has no numbers", func(m *mall) { forget(m.t, m.clients) }},
	"a hold that nobody settles": {"held: 2 units of nobody", func(m *mall) {
		_, err := m.parts.Stock.Reserve(m.t.Context(), "1001", 0, []stock.Request{{Attempt: "lost", User: "ghost", Quantity: 2}})
		require.NoError(m.t, err)
	}},
	"a sale that no order backs, in Redis": {"sold: gate", func(m *mall) {
		require.NoError(m.t, m.parts.Stock.Settle(m.t.Context(), "1001",
			[]stock.Settlement{{Attempt: "made-up", User: "ghost", Quantity: 1, Verdict: stock.Confirm}}))
	}},
	"numbers in Redis that do not add up": {"is not total", func(m *mall) {
		require.NoError(m.t, m.clients.Redis.HIncrBy(m.t.Context(), cmp.Or(m.clients.Prefix, "seckill")+":{1001}:sale", "left", 3).Err())
	}},
	"units missing in the stock row": {"ledger: stock row says", func(m *mall) {
		m.exec("UPDATE seckill_stock SET sold = sold - 1 WHERE goods_id = '1001'")
	}},
	"an entry of the ledger deleted": {"its entries sum to", func(m *mall) {
		m.exec("DELETE FROM seckill_ledger WHERE kind = 'sell' AND goods_id = '1001' AND id = (SELECT id FROM (SELECT MIN(id) AS id FROM seckill_ledger WHERE kind = 'sell') e)")
	}},
	"an order deleted": {"sold: gate", func(m *mall) {
		m.exec("DELETE FROM seckill_orders WHERE id = (SELECT id FROM (SELECT MIN(id) AS id FROM seckill_orders) o)")
	}},
	"a catalog with another total": {"total: catalog", func(m *mall) {
		m.goods.Total += 2
		_, err := m.parts.Catalog.Put(m.t.Context(), m.goods)
		require.NoError(m.t, err)
	}},
}

func (m *mall) exec(statement string) {
	require.NoError(m.t, m.clients.DB.Exec(statement).Error)
}

func TestReconcileNamesAndMendsEachDrift(t *testing.T) {
	m := open(t, 30, 0)
	a := m.engines[1].Admin("test")
	reconcile := func(dryRun bool) seckill.Report {
		r, err := a.Reconcile(t.Context(), "1001", dryRun)
		require.NoError(t, err)
		return r
	}
	require.Empty(t, reconcile(true).Differences)
	for name, drift := range drifts {
		require.Len(t, saletest.Winners(t, m.rush(2, 2)), 2)
		drift.make(m)
		dry, real, again := reconcile(true), reconcile(false), reconcile(false)
		require.Contains(t, fmt.Sprint(dry.Differences), drift.named, name)
		require.Empty(t, dry.Mended, name)
		require.Equal(t, dry.Differences, real.Differences, name)
		require.NotEmpty(t, real.Mended, name)
		require.Empty(t, again.Differences, name)
		require.Empty(t, again.Mended, name)
	}
	row, err := m.parts.Orders.Recount(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, m.goods.Total, row.Total)
	require.Equal(t, 2*len(drifts)-1, row.Ordered, "one order was deleted")
	require.Len(t, saletest.Winners(t, m.rush(50, 50), seckill.SoldOut, seckill.Busy), row.Total-row.Ordered)
}

func TestReconcileLeavesOversoldUnitsToAPerson(t *testing.T) {
	m := open(t, 10, 0)
	require.Len(t, saletest.Winners(t, m.rush(4, 4)), 4)
	m.exec("UPDATE seckill_stock SET sold = 3, total = 3 WHERE goods_id = '1001'")
	g := m.goods
	g.Total = 3
	_, err := m.parts.Catalog.Put(t.Context(), g)
	require.NoError(t, err)
	for range 2 {
		r, err := m.engines[0].Admin("test").Reconcile(t.Context(), "1001", false)
		require.NoError(t, err)
		require.Contains(t, fmt.Sprint(r.Differences), "oversold: live orders have 4 units, the total is 3")
		require.NotContains(t, fmt.Sprint(r.Mended), "amended")
	}
}

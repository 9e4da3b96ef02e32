package model_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

// ledger is the contract of package order, written as a map of orders that is added
// up whenever somebody asks.
type ledger struct {
	total        int // -1 before the row is there
	fence, epoch int64
	orders       map[string]*order.Order // by attempt
	owed         map[string]bool         // orders whose units are not back in the gate
	buried       map[string]bool
	taken        map[string]bool // event ids of changes
	events       int
}

func (l *ledger) sold(user string) (n int) {
	for _, o := range l.orders {
		if o.State.Live() && (user == "" || o.UserID == user) {
			n += o.Quantity
		}
	}
	return n
}

func (l *ledger) paid() (n int) {
	for _, o := range l.orders {
		if o.State == order.Paid {
			n += o.Quantity
		}
	}
	return n
}

func (l *ledger) commit(goodsID string, d order.Draft) order.Status {
	switch {
	case l.orders[d.ID] != nil:
		return order.Replayed
	case l.buried[d.ID]:
		return order.Buried
	case d.Limit > 0 && l.sold(d.UserID)+d.Quantity > d.Limit:
		return order.LimitReached
	case l.sold("")+d.Quantity > l.total:
		return order.SoldOut
	}
	o := d.Order(goodsID)
	l.orders[d.ID] = &o
	l.events++
	return order.Committed
}

// next is the whole of the states: where a move leads from each, "" for nowhere.
var next = map[order.Move]map[order.State]order.State{
	order.Pay:    {order.Pending: order.Paid, order.Cancelled: order.RefundDue},
	order.Cancel: {order.Pending: order.Cancelled},
}

func (l *ledger) move(c order.Change) (moved bool) {
	for _, o := range l.orders {
		if o.ID != c.OrderID || c.EventID != "" && l.taken[c.EventID] {
			continue
		}
		if c.EventID != "" {
			l.taken[c.EventID] = true
		}
		to := next[c.Move][o.State]
		if to == "" {
			return false
		}
		if to == order.Cancelled {
			l.owed[o.ID] = true
		}
		o.State, o.Version = to, o.Version+1
		l.events++
		return true
	}
	return false
}

func TestTheLedgerInMemoryKeepsTheBooks(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) { keepBooks(t, r, new(order.Memory), "1001") })
}

func TestTheLedgerOnSQLiteKeepsTheBooks(t *testing.T) {
	db, err := sqlitedb.Open("")
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, gormorder.Migrate(t.Context(), db))
	store, n := gormorder.New(db, gormorder.Options{}), 0
	fewer(t, "15") // each is a second under the race detector
	rapid.Check(t, func(r *rapid.T) {
		n++
		keepBooks(t, r, store, fmt.Sprint("goods-", n))
	})
}

// fewer has rapid draw fewer cases than it would by itself, unless it was told.
func fewer(t *testing.T, checks string) {
	f := flag.Lookup("rapid.checks")
	before := f.Value.String()
	if before == f.DefValue {
		require.NoError(t, f.Value.Set(checks))
		t.Cleanup(func() { require.NoError(t, f.Value.Set(before)) })
	}
}

// keepBooks drives a store; ids begin with the goods', so that a store may be used
// again.
func keepBooks(t *testing.T, r *rapid.T, s order.Store, goodsID string) {
	m := &ledgerMachine{t: t, store: s, goods: goodsID, model: ledger{
		total: -1, orders: map[string]*order.Order{}, owed: map[string]bool{}, buried: map[string]bool{}, taken: map[string]bool{},
	}}
	defer m.leave(r)
	r.Repeat(map[string]func(*rapid.T){
		"open": m.open, "commit": m.commit, "bury": m.bury, "move": m.move, "restored": m.restored, "": m.agree,
	})
}

type ledgerMachine struct {
	t     *testing.T
	store order.Store
	goods string
	model ledger
}

var began = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

func (m *ledgerMachine) id(kind string, n int) string {
	return fmt.Sprintf("%s-%s%d", m.goods, kind, n)
}

// attempt draws one of a few.
func (m *ledgerMachine) attempt(r *rapid.T) int { return rapid.IntRange(0, 9).Draw(r, "attempt") }

func (m *ledgerMachine) open(r *rapid.T) {
	fence, total := rapid.Int64Range(1, 5).Draw(r, "fence"), rapid.IntRange(0, 8).Draw(r, "total")
	row, err := m.store.Open(m.t.Context(), m.goods, fence, total)
	l := &m.model
	switch {
	case fence < l.fence:
		require.ErrorIs(r, err, order.ErrFenced)
	case total < l.sold(""):
		require.ErrorIs(r, err, order.ErrTotalTooSmall)
	default:
		require.NoError(r, err)
		l.total, l.fence, l.epoch = total, fence, l.epoch+1
		require.Equal(r, l.epoch, row.Epoch)
	}
}

func (m *ledgerMachine) commit(r *rapid.T) {
	fence := rapid.Int64Range(0, 5).Draw(r, "fence")
	limit := rapid.IntRange(0, 3).Draw(r, "limit")
	var drafts []order.Draft
	for range rapid.IntRange(1, 4).Draw(r, "group") {
		n := m.attempt(r)
		drafts = append(drafts, order.Draft{
			ID: m.id("try-", n), UserID: fmt.Sprint("user-", n%3), Quantity: 1 + n%2,
			Limit: limit, Amount: 100, Currency: "CNY", CreatedAt: began, PayBy: began.Add(time.Hour),
		})
	}
	got, err := m.store.Commit(m.t.Context(), m.goods, fence, drafts)
	l := &m.model
	switch {
	case l.total < 0:
		require.ErrorIs(r, err, order.ErrNotFound)
		return
	case fence != 0 && fence < l.fence:
		require.ErrorIs(r, err, order.ErrFenced)
		return
	}
	require.NoError(r, err)
	l.fence = max(l.fence, fence)
	for i, d := range drafts {
		require.Equal(r, l.commit(m.goods, d), got[i].Status, "draft %d of %+v", i, drafts)
	}
}

func (m *ledgerMachine) bury(r *rapid.T) {
	attempt := m.id("try-", m.attempt(r))
	got, err := m.store.Bury(m.t.Context(), m.goods, []string{attempt})
	l := &m.model
	if l.total < 0 {
		require.ErrorIs(r, err, order.ErrNotFound)
		return
	}
	require.NoError(r, err)
	if l.orders[attempt] != nil {
		require.Equal(r, order.Replayed, got[0].Status)
		return
	}
	require.Equal(r, order.Buried, got[0].Status)
	l.buried[attempt] = true
}

func (m *ledgerMachine) move(r *rapid.T) {
	var changes []order.Change
	for range rapid.IntRange(1, 3).Draw(r, "changes") {
		c := order.Change{OrderID: m.id("order-", m.attempt(r)), Reason: "test", At: began.Add(time.Minute),
			Move: rapid.SampledFrom([]order.Move{order.Pay, order.Cancel}).Draw(r, "move")}
		if n := rapid.IntRange(0, 6).Draw(r, "event"); n > 0 {
			c.EventID = m.id("event-", n)
		}
		changes = append(changes, c)
	}
	got, err := m.store.Move(m.t.Context(), changes)
	require.NoError(r, err)
	for i, c := range changes {
		require.Equal(r, m.model.move(c), got[i].Moved, "change %d of %+v", i, changes)
	}
}

func (m *ledgerMachine) restored(r *rapid.T) {
	ids := slices.Sorted(maps.Keys(m.model.owed))
	ids = ids[:min(len(ids), rapid.IntRange(0, 2).Draw(r, "orders"))]
	require.NoError(r, m.store.MarkRestored(m.t.Context(), ids))
	for _, id := range ids {
		delete(m.model.owed, id)
	}
}

func (m *ledgerMachine) agree(r *rapid.T) {
	l := &m.model
	row, err := m.store.Recount(m.t.Context(), m.goods)
	if l.total < 0 {
		require.ErrorIs(r, err, order.ErrNotFound)
		return
	}
	require.NoError(r, err)
	sold := l.sold("")
	require.Equal(r, order.Recount{
		Stock:   order.Stock{GoodsID: m.goods, Total: l.total, Sold: sold, Paid: l.paid(), Fence: l.fence, Epoch: l.epoch},
		Ordered: sold, OrderedPaid: l.paid(), Entries: sold,
	}, row)
	found, err := m.store.Find(m.t.Context(), slices.Sorted(maps.Keys(l.orders)))
	require.NoError(r, err)
	require.Len(r, found, len(l.orders))
	for _, o := range found {
		require.Equal(r, []any{l.orders[o.ID].State, l.orders[o.ID].Version}, []any{o.State, o.Version})
	}
	owed, err := m.store.Unrestored(m.t.Context(), 100)
	require.NoError(r, err)
	require.Len(r, owed, len(l.owed))
}

// leave looks whether each order and each move has one event, and empties the
// store's lists for whoever uses it next.
func (m *ledgerMachine) leave(r *rapid.T) {
	batches, _, err := m.store.Pending(m.t.Context(), 1000)
	require.NoError(r, err)
	events, ids := map[string]bool{}, []int64{}
	for _, b := range batches {
		ids = append(ids, b.ID)
		for _, e := range b.Events {
			require.False(r, events[e.ID], "event %s is there twice", e.ID)
			events[e.ID] = true
		}
	}
	require.Len(r, events, m.model.events)
	err = m.store.MarkSent(m.t.Context(), ids)
	require.NoError(r, errors.Join(err, m.store.MarkRestored(m.t.Context(), slices.Collect(maps.Keys(m.model.owed)))))
}

package gormorder_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

// call is a call of Commit, and what came of it.
type call struct {
	ctx    context.Context
	goods  string
	fence  int64
	drafts []order.Draft

	outcomes []order.Outcome
	err      error
}

// crowd makes the calls while the database is busy, after three others: two go by
// themselves, the third has a shared transaction for itself. When all of the calls
// wait for the next one, it runs then, lets the database go on, and waits for the
// answers. Goods are those of openCrowd.
func crowd(t *testing.T, db *gorm.DB, s *gormorder.Store, calls []*call, then func()) {
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
	busy := db.Begin()
	require.NoError(t, busy.Error)

	var wg sync.WaitGroup
	start := func(c *call) {
		wg.Go(func() { c.outcomes, c.err = s.Commit(c.ctx, c.goods, c.fence, c.drafts) })
	}
	wait := func(n int) {
		require.Eventually(t, func() bool { return s.Waiting() == n }, 10*time.Second, time.Millisecond)
	}
	for i := range 3 {
		start(&call{ctx: t.Context(), goods: fmt.Sprint("goods-", i), drafts: unlimited(1)})
	}
	wait(0)
	for i, c := range calls {
		start(c)
		wait(i + 1)
	}
	then()
	require.NoError(t, busy.Rollback().Error)
	wg.Wait()
}

// openCrowd opens 40 goods of 10 units each, with fence 5.
func openCrowd(t *testing.T, db *gorm.DB) *gormorder.Store {
	s := gormorder.New(db, gormorder.Options{})
	for i := range 40 {
		_, err := s.Open(t.Context(), fmt.Sprint("goods-", i), 5, 10)
		require.NoError(t, err)
	}
	return s
}

// each returns calls with drafts for 30 goods, from goods-10 on.
func each(t *testing.T, drafts func() []order.Draft) (calls []*call) {
	for i := range 30 {
		calls = append(calls, &call{ctx: t.Context(), goods: fmt.Sprint("goods-", 10+i), fence: 5, drafts: drafts()})
	}
	return calls
}

func allCommitted(t *testing.T, s *gormorder.Store, calls []*call) {
	for _, c := range calls {
		require.NoError(t, c.err)
		for i, out := range c.outcomes {
			require.Equal(t, order.Committed, out.Status, c.goods)
			require.Equal(t, []string{c.drafts[i].ID, c.goods, c.drafts[i].UserID}, []string{out.Order.ID, out.Order.GoodsID, out.Order.UserID})
		}
		row, err := s.Stock(t.Context(), c.goods)
		require.NoError(t, err)
		n := len(c.drafts)
		require.Equal(t, order.Stock{GoodsID: c.goods, Total: 10, Sold: n, Fence: 5, Epoch: 1, Ordered: n, Booked: n}, row)
		steps, err := s.History(t.Context(), c.drafts[0].ID)
		require.NoError(t, err)
		require.NotEmpty(t, steps, "its events are in the entry of its goods")
	}
}

func TestGroupsOfManyGoodsShareATransaction(t *testing.T) { sharesTransactions(t, openSQLite(t, "")) }

func sharesTransactions(t *testing.T, db *gorm.DB) {
	s := openCrowd(t, db)
	calls := each(t, func() []order.Draft { return buyers(3) })
	n := count(t, db, func() { crowd(t, db, s, calls, func() {}) })
	require.LessOrEqual(t, n, int64(3*5+5+1), "statements, of three groups by themselves and of a shared transaction")
	allCommitted(t, s, calls)
}

func TestInASharedTransactionEachGroupHasItsOwnAnswer(t *testing.T) {
	answersEach(t, openSQLite(t, ""))
}

func answersEach(t *testing.T, db *gorm.DB) {
	s := openCrowd(t, db)
	known, lost := unlimited(2), unlimited(1)
	out, err := s.Commit(t.Context(), "goods-15", 5, known[:1])
	require.NoError(t, err)
	_, err = s.Bury(t.Context(), "goods-16", []string{lost[0].ID})
	require.NoError(t, err)

	calls := each(t, func() []order.Draft { return unlimited(1) })
	fenced, absent, replayed, buried, greedy, large, again := calls[0], calls[1], calls[5], calls[6], calls[7], calls[8], calls[9]
	fenced.fence = 4
	absent.goods = "nowhere"
	replayed.drafts = known
	buried.drafts = append(lost, unlimited(1)...)
	greedy.drafts = buyers(3)
	greedy.drafts[2].UserID, greedy.drafts[1].UserID = greedy.drafts[0].UserID, greedy.drafts[0].UserID
	large.drafts = unlimited(3)
	large.drafts[1].Quantity = 10
	again.drafts = append(again.drafts, again.drafts[0])
	crowd(t, db, s, calls, func() {})

	require.ErrorIs(t, fenced.err, order.ErrFenced)
	row, err := s.Stock(t.Context(), fenced.goods)
	require.NoError(t, err)
	require.Zero(t, row.Ordered)
	require.ErrorIs(t, absent.err, order.ErrNotFound)
	require.Equal(t, []order.Status{order.Replayed, order.Committed}, statuses(replayed.outcomes))
	require.Equal(t, out[0].Order.ID, replayed.outcomes[0].Order.ID)
	require.Equal(t, []order.Status{order.Buried, order.Committed}, statuses(buried.outcomes))
	require.Equal(t, []order.Status{order.Committed, order.Committed, order.LimitReached}, statuses(greedy.outcomes))
	require.Equal(t, []order.Status{order.Committed, order.SoldOut, order.Committed}, statuses(large.outcomes))
	require.Equal(t, []order.Status{order.Committed, order.Replayed}, statuses(again.outcomes))
	require.Equal(t, again.outcomes[0].Order.ID, again.outcomes[1].Order.ID)
	allCommitted(t, s, append(calls[2:5:5], calls[10:]...))
}

func TestAGoodsHasOneGroupInASharedTransaction(t *testing.T) {
	db := openSQLite(t, "")
	s := openCrowd(t, db)
	same := unlimited(1)
	calls := each(t, func() []order.Draft { return same })
	for _, c := range calls {
		c.goods = "goods-10"
	}
	n := count(t, db, func() { crowd(t, db, s, calls, func() {}) })
	require.LessOrEqual(t, n, int64(3+3+5+5+29*4), "statements: nobody goes by himself because of those before him")
	committed := 0
	for _, c := range calls {
		require.NoError(t, c.err)
		require.Equal(t, same[0].ID, c.outcomes[0].Order.ID)
		if c.outcomes[0].Status == order.Committed {
			committed++
		}
	}
	require.Equal(t, 1, committed, "of one attempt")
}

// atShared runs f, once, where a transaction books groups of several goods.
func atShared(t *testing.T, db *gorm.DB, f func(*gorm.DB)) {
	var once atomic.Bool
	require.NoError(t, db.Callback().Raw().Before("gorm:raw").Register("test:shared", func(tx *gorm.DB) {
		if strings.Contains(tx.Statement.SQL.String(), "CASE goods_id WHEN ? THEN ? WHEN") && once.CompareAndSwap(false, true) {
			f(tx)
		}
	}))
	t.Cleanup(func() { require.True(t, once.Load()) })
}

func TestAfterASharedTransactionFailsItsGroupsGoByThemselves(t *testing.T) {
	for name, wrong := range map[string]func(*gorm.DB){
		"an error": func(tx *gorm.DB) { tx.AddError(mysql.ErrInvalidConn) },
		"a panic":  func(*gorm.DB) { panic("of the driver") },
	} {
		t.Run(name, func(t *testing.T) {
			db := openSQLite(t, "")
			s := openCrowd(t, db)
			atShared(t, db, wrong)
			calls := each(t, func() []order.Draft { return buyers(2) })
			crowd(t, db, s, calls, func() {})
			allCommitted(t, s, calls)
		})
	}
}

func TestASharedCommitWhoseAnswerIsLostIsFound(t *testing.T) {
	db := openSQLite(t, "")
	direct, cut := db.WithContext(t.Context()), new(atomic.Bool)
	cut.Store(true) // not yet
	db.Statement.ConnPool = cutAfterCommit{db.Statement.ConnPool, cut}
	s := openCrowd(t, db)
	atShared(t, db, func(*gorm.DB) { cut.Store(false) })
	calls := each(t, func() []order.Draft { return buyers(2) })
	crowd(t, direct, s, calls, func() {})
	require.True(t, cut.Load())
	for _, c := range calls {
		require.NoError(t, c.err)
		require.Equal(t, []order.Status{order.Replayed, order.Replayed}, statuses(c.outcomes))
		row, err := s.Stock(t.Context(), c.goods)
		require.NoError(t, err)
		require.Equal(t, []int{2, 2, 2}, []int{row.Sold, row.Ordered, row.Booked})
	}
}

func TestWhoLeavesACrowdIsNotBooked(t *testing.T) {
	db := openSQLite(t, "")
	s := openCrowd(t, db)
	calls := each(t, func() []order.Draft { return buyers(1) })
	ctx, leave := context.WithCancel(t.Context())
	left := calls[7]
	left.ctx = ctx
	crowd(t, db, s, calls, leave)
	require.ErrorIs(t, left.err, context.Canceled)
	found, err := s.Find(t.Context(), []string{left.drafts[0].ID})
	require.NoError(t, err)
	require.Empty(t, found)
	allCommitted(t, s, append(calls[:7:7], calls[8:]...))
}

func statuses(outcomes []order.Outcome) (all []order.Status) {
	for _, o := range outcomes {
		all = append(all, o.Status)
	}
	return all
}

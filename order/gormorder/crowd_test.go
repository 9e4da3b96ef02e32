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
		n := len(c.drafts)
		require.Equal(t, order.Stock{GoodsID: c.goods, Total: 10, Sold: n, Fence: 5, Epoch: 1}, soldOf(t, s, c.goods, n))
		steps, err := s.History(t.Context(), c.drafts[0].ID)
		require.NoError(t, err)
		require.NotEmpty(t, steps, "its events are in the entry of its goods")
	}
}

// soldOf returns the row of a goods of which n units are sold, by all of the books.
func soldOf(t *testing.T, s *gormorder.Store, goodsID string, n int) order.Stock {
	r, err := s.Recount(t.Context(), goodsID)
	require.NoError(t, err)
	require.True(t, r.Sound() && r.Sold == n, "want %d units sold, got %+v", n, r)
	return r.Stock
}

func TestGroupsOfManyGoodsShareATransaction(t *testing.T) {
	sharesTransactions(t, openSQLite(t, ""), func() []order.Draft { return unlimited(3) }, 3*3+3)
}

func TestGroupsOfLimitedGoodsShareATransaction(t *testing.T) {
	sharesTransactions(t, openSQLite(t, ""), func() []order.Draft { return buyers(3) }, 3*3+2+30)
}

func sharesTransactions(t *testing.T, db *gorm.DB, drafts func() []order.Draft, most int64) {
	s := openCrowd(t, db)
	calls := each(t, drafts)
	n := count(t, db, func() { crowd(t, db, s, calls, func() {}) })
	require.LessOrEqual(t, n, most, "statements, of three groups by themselves and of a shared transaction")
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
	fenced, absent, replayed, buried, greedy, large := calls[0], calls[1], calls[5], calls[6], calls[7], calls[8]
	fenced.fence = 4
	absent.goods = "nowhere"
	replayed.drafts = known
	buried.drafts = append(lost, unlimited(1)...)
	has := buyers(2)
	has[0].UserID = has[1].UserID
	_, err = s.Commit(t.Context(), greedy.goods, 5, has)
	require.NoError(t, err)
	greedy.drafts = buyers(3)
	greedy.drafts[2].UserID = has[0].UserID
	large.drafts = unlimited(3)
	large.drafts[1].Quantity = 10
	crowd(t, db, s, calls, func() {})

	require.ErrorIs(t, fenced.err, order.ErrFenced)
	soldOf(t, s, fenced.goods, 0)
	require.ErrorIs(t, absent.err, order.ErrNotFound)
	require.Equal(t, []order.Status{order.Replayed, order.Committed}, statuses(replayed.outcomes))
	require.Equal(t, out[0].Order.ID, replayed.outcomes[0].Order.ID)
	require.Equal(t, []order.Status{order.Buried, order.Committed}, statuses(buried.outcomes))
	require.Equal(t, []order.Status{order.Committed, order.Committed, order.LimitReached}, statuses(greedy.outcomes))
	require.Equal(t, []order.Status{order.Committed, order.SoldOut, order.Committed}, statuses(large.outcomes))
	allCommitted(t, s, append(calls[2:5:5], calls[9:]...))
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
	require.LessOrEqual(t, n, int64(4*3+29*5), "statements: in each shared transaction is one group, and the 29 that know the attempt already look for it")
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
			calls := each(t, func() []order.Draft { return unlimited(2) })
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
	calls := each(t, func() []order.Draft { return unlimited(2) })
	crowd(t, direct, s, calls, func() {})
	require.True(t, cut.Load())
	for _, c := range calls {
		require.NoError(t, c.err)
		require.Equal(t, []order.Status{order.Replayed, order.Replayed}, statuses(c.outcomes))
		soldOf(t, s, c.goods, 2)
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

//go:build unix

package torture_test

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/internal/redisserver"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
)

// ownRedis is the common servers with a Redis for this test alone.
func ownRedis(t testing.TB) *servers {
	t.Helper()
	own := *shared(t)
	var err error
	own.redis, err = redisserver.Start()
	require.NoError(t, err)
	t.Cleanup(own.redis.Close)
	return &own
}

func TestNodesKilledAtRandomUnderLoadLoseNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t, shared(t), plan{units: 60 + 40**rounds, limit: 1})
	s.openDoors(3)
	stop := s.besiege(8, true)
	for range *rounds {
		time.Sleep(s.moment(100, 900))
		n := s.pick()
		n.kill()
		time.Sleep(s.moment(0, 500))
		n.again(armed{})
	}
	stop()
	s.finish()
}

func TestAFlushedRedisIsFilledFromTheLedger(t *testing.T) {
	t.Parallel()
	s := openShop(t, ownRedis(t), plan{units: 120, limit: 1})
	s.openDoors(2)
	stop := s.besiege(8, false)
	for _, sold := range []int{20, 60, 100} {
		s.sold(sold)
		s.history.Mark("redis", "FLUSHALL")
		require.NoError(t, s.clients.Redis.FlushAll(t.Context()).Err())
	}
	s.sold(120)
	stop()
	s.finish()
}

func TestForgottenScriptsAreSentAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, ownRedis(t), plan{units: 120, limit: 1})
	s.openDoors(2)
	stop := s.besiege(8, false)
	for sold := range 12 {
		s.sold(10 * sold)
		s.history.Mark("redis", "SCRIPT FLUSH")
		require.NoError(t, s.clients.Redis.ScriptFlush(t.Context()).Err())
	}
	s.sold(120)
	stop()
	s.finish()
}

// A replica that lagged behind is promoted: the gate is what it was thirty or more
// orders ago, and no key says so.
func TestAGateThatFellBackInTimeNeverOversells(t *testing.T) {
	t.Parallel()
	s := openShop(t, shared(t), plan{units: 150, limit: 1})
	s.openDoors(2)
	stop := s.besiege(8, false)
	for _, sold := range []int{10, 60, 110} {
		s.sold(sold)
		s.copyKeys(same, stale)
		s.sold(sold + 30)
		s.history.Mark("redis", "a stale replica is promoted")
		s.copyKeys(stale, same)
	}
	s.sold(150)
	stop()
	s.finish()
}

// A seller is paused between gate and ledger for three times the life of its
// lease. Meanwhile others have the goods for themselves: the next seller in
// exclusive mode, an operator in shared mode. The paused node does nothing else: it
// would be paused in the middle of that too, and the database is a file that one
// process at a time may lock.
func TestAPausedSellerWakesUpAndIsFenced(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{settings.Exclusive, settings.Shared} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, shared(t), plan{units: 30, limit: 1})
			s.openDoors(2, func(n *node) { n.idle = n.name == "node-1" })
			const ttl = 2 * time.Second
			s.lock(func(l *settings.Lock) { l.Mode, l.TTL, l.Wait = mode, ttl, 10*time.Second })
			paused, other := s.nodes[0], s.nodes[1]

			other.leave()
			paused.arm(armed{Point: "sale.reserved", Nth: 1, Signal: syscall.SIGSTOP})
			var sleeper sync.WaitGroup
			var got answer
			mine := s.ticket(s.newUser())
			sleeper.Go(func() { got = s.purchase(mine) })
			require.Eventually(t, paused.paused, patience, time.Millisecond)
			s.history.Mark(paused.name, "is paused")
			s.unanswerable(mine) // whatever he is told in the end, until then he holds a unit
			paused.leave()
			other.enter()
			start := time.Now()
			s.winners(s.rush(5, 5))
			if mode == settings.Shared {
				s.preloadAnew() // a gate that agrees with the ledger would not be filled, and no fence rise
			}
			s.sellOut()
			time.Sleep(3*ttl - time.Since(start))
			paused.signal(syscall.SIGCONT)
			sleeper.Wait()
			require.Contains(t, []string{"", "sold_out", "invalid_ticket"}, got.Code)
			require.GreaterOrEqual(t, paused.metric("seckill_fenced_groups_total"), 1.0, "nothing was fenced")
			paused.enter()
			s.commitStale()
			s.finish()
		})
	}
}

// commitStale books an order with the first fence that there ever was.
func (s *shop) commitStale() {
	s.t.Helper()
	op := s.history.Begin(check.Op{Kind: check.Stale, User: "stale", Goods: "1001", Attempt: "stale-attempt"})
	now := time.Now()
	_, err := s.parts.Orders.Commit(s.t.Context(), "1001", 1, []order.Draft{{
		ID: "stale-attempt", UserID: "stale", Quantity: 1, Amount: 1999, Currency: "CNY",
		CreatedAt: now, PayBy: now.Add(time.Hour),
	}})
	if err == nil {
		op.Code = check.Accepted
	} else {
		op.Code, op.Error = check.Fenced, err.Error()
	}
	op.End()
	require.ErrorIs(s.t, err, order.ErrFenced)
}

func TestNodesThatGoDownUnderLoadFailNoRequest(t *testing.T) {
	t.Parallel()
	s := openShop(t, shared(t), plan{units: 150, limit: 1})
	s.openDoors(3)
	stop := s.besiege(8, false)
	for _, n := range s.nodes {
		time.Sleep(s.moment(50, 300))
		n.stop()
		n.start(armed{})
	}
	stop()
	require.Zero(t, s.unanswered.Load(), "requests without an answer")
	s.finish()
}

// moment is a random time of so many ms.
func (s *shop) moment(from, to int) time.Duration {
	return time.Duration(from+s.choice(to-from)) * time.Millisecond
}

// metric is a number of the node's /metrics.
func (n *node) metric(name string) float64 {
	n.shop.t.Helper()
	resp, err := http.Get(n.address() + "/metrics")
	require.NoError(n.shop.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(n.shop.t, err)
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(text)
	require.NotNil(n.shop.t, found, "no metric %s", name)
	v, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(n.shop.t, err)
	return v
}

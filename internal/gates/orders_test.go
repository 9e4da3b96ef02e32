package gates_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/counting"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/settings"
)

// TestACrowdSharesItsCalls counts from the first purchase until the last event is
// out, with everything that the engine does beside. Each of the buyers purchases
// again as soon as it has its answer.
func TestACrowdSharesItsCalls(t *testing.T) {
	const (
		buyers = 256
		most   = 64 * buyers
		least  = 16 * buyers      // where a machine is slow, fewer orders do
		atMost = 10 * time.Second // then
	)
	s := open(t)
	s.background(s.Run)
	s.well()
	s.put("1001", most, 0)
	tickets := make([]string, most)
	for i := range tickets {
		tickets[i] = s.sign(user(i%buyers), "1001", time.Now().Add(30*time.Minute))
	}

	var orders atomic.Int64
	before, start := s.calls.Snapshot(), time.Now()
	faults := saletest.Crowd(buyers, func(i int) error {
		for n := i; n < most && (orders.Load() < least || time.Since(start) < atMost); n += buyers {
			if _, err := s.Purchase(t.Context(), user(i), "1001", tickets[n]); err != nil {
				return err
			}
			orders.Add(1)
		}
		return nil
	})
	for _, err := range faults {
		require.NoError(t, err)
	}
	s.settled("1001")
	s.sent()
	within(t, s.calls.Snapshot().Minus(before), float64(orders.Load()), time.Since(start))
}

// slowest is the pace, in orders a second, up to which the work that an engine
// does by the clock counts in full: any that is worth the name exceeds it. On a
// slower machine each further second may cost so much as it costs without buyers.
const slowest = 2500

// atRest is a bound on what an engine asks in a second in which nobody buys:
// statements of the relay (10), the sweep (4) and its look at the gates; the
// settings read once; three leases renewed every third of their 10 s, and five
// watches that etcd's client opens anew every ten.
var atRest = counting.Counts{SQL: 16, Redis: 1, Etcd: 4}

// pulse is what an engine asks of etcd each second, however many buy, to notice
// within a second that the member it watches hangs: settings and blacklist open and
// close a watch every 300 ms.
const pulse = 2 * 2 / 0.3

// within holds the cost of so many orders to the gates.
func within(t *testing.T, cost counting.Counts, orders float64, took time.Duration) {
	t.Helper()
	t.Logf("%.0f orders in %v: %+v", orders, took, cost)
	excess := max(0, took.Seconds()-orders/slowest)
	for _, gate := range []struct {
		name      string
		calls     int64
		most      float64 // of an order
		eachAfter int64   // of an excess second
	}{
		{"SQL statements", cost.SQL, 4.0 / 32, atRest.SQL},
		{"commits", cost.Commits, 1.0 / 32, atRest.Commits},
		{"Redis calls", cost.Redis, 2.0 / 32, atRest.Redis},
		{"produce requests", cost.Produce, 1.0 / 32, atRest.Produce},
		{"etcd requests", cost.Etcd, 1.0 / 1000, atRest.Etcd},
	} {
		most := gate.most*orders + float64(gate.eachAfter)*excess
		if gate.name == "etcd requests" {
			most += pulse * took.Seconds()
		}
		if float64(gate.calls) > most {
			t.Errorf("%s: want at most %.1f for %.0f orders in %v, got %d", gate.name, most, orders, took, gate.calls)
		}
	}
}

// TestALoneBuyerCostsNoMoreThanAGroup counts a purchase's own way: the engine does
// not run, so there is nothing beside it.
func TestALoneBuyerCostsNoMoreThanAGroup(t *testing.T) {
	const orders = 50
	s := open(t, known)
	s.ended(s.Engine)
	s.set(func(live *settings.Settings) { live.Lock.TTL = 5 * time.Minute }) // renewed after the test
	s.put("1001", 1+orders, 0)
	purchase := func() {
		_, err := s.Purchase(t.Context(), user(1), "1001", s.sign(user(1), "1001", time.Now().Add(time.Minute)))
		require.NoError(t, err)
		s.settled("1001") // the gate is told after the buyer
	}
	purchase() // takes the lease, which is kept
	for range orders {
		before := s.calls.Snapshot()
		purchase()
		cost := s.calls.Snapshot().Minus(before)
		require.LessOrEqual(t, cost.SQL, int64(6))
		require.LessOrEqual(t, cost.Commits, int64(1))
		require.LessOrEqual(t, cost.Redis, int64(2))
		require.Zero(t, cost.Etcd)
		require.Zero(t, cost.Produce)
	}
}

func user(i int) string { return fmt.Sprintf("user-%d", i) }

package peer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/examples/bench/peer"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/standard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func clients(t *testing.T) standard.Clients {
	servers, err := embedded.Start(t.Context(), embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	return servers.Clients()
}

var peers = map[string]func(context.Context, standard.Clients, peer.Sale) (peer.Peer, error){
	"P0": peer.NewP0, "P2": peer.NewP2,
}

// each runs a test for each peer, on servers of its own.
func each(t *testing.T, s peer.Sale, test func(t *testing.T, c standard.Clients, p peer.Peer)) {
	for name, open := range peers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clients(t)
			p, err := open(t.Context(), c, s)
			require.NoError(t, err)
			test(t, c, p)
		})
	}
}

func TestACrowdGetsEveryUnitOnce(t *testing.T) {
	t.Parallel()
	each(t, peer.Sale{GoodsID: "1001", Total: 100}, func(t *testing.T, c standard.Clients, p peer.Peer) {
		var mu sync.Mutex
		sold := map[string]bool{}
		var next, twice atomic.Int64
		faults := saletest.Crowd(64, func(int) error {
			for {
				i := next.Add(1)
				id, err := p.Purchase(t.Context(), fmt.Sprintf("attempt-%d", i), fmt.Sprintf("user-%d", i))
				if errors.Is(err, peer.ErrSoldOut) {
					return nil
				}
				if err != nil {
					return err
				}
				mu.Lock()
				if sold[id] {
					twice.Add(1)
				}
				sold[id] = true
				mu.Unlock()
			}
		})
		require.NoError(t, errors.Join(faults...))
		require.Zero(t, twice.Load(), "two buyers got one order")
		require.Len(t, sold, 100)
		books, err := p.Check(t.Context())
		require.NoError(t, err)
		require.Equal(t, peer.Books{Sold: 100, Orders: 100, Attempts: 100, Taken: 100}, books)
		require.NoError(t, books.Agree())
		require.NoError(t, p.Close())
		require.Equal(t, sold, events(t, c, len(sold)), "one event an order, keyed by its id")
		nothingIsLeft(t, c)
	})
}

// events reads exactly n events from the topic, of any partition, and returns
// their keys.
func events(t *testing.T, c standard.Clients, n int) map[string]bool {
	keys, read := map[string]bool{}, 0
	for partition := range 6 {
		conn, err := kafka.DialLeader(t.Context(), "tcp", c.Kafka.Brokers[0], peer.Topic, partition)
		require.NoError(t, err)
		end, err := conn.ReadLastOffset()
		require.NoError(t, err)
		for range end {
			m, err := conn.ReadMessage(1 << 20)
			require.NoError(t, err)
			require.Contains(t, string(m.Value), `"order_id":"`+string(m.Key)+`"`)
			keys[string(m.Key)] = true
			read++
		}
		require.NoError(t, conn.Close())
	}
	require.Equal(t, n, read)
	return keys
}

// nothingIsLeft looks where a closed peer has to have cleared up.
func nothingIsLeft(t *testing.T, c standard.Clients) {
	keys, err := c.Redis.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Empty(t, keys)
	got, err := c.Etcd.Get(t.Context(), "", clientv3.WithPrefix(), clientv3.WithCountOnly())
	require.NoError(t, err)
	require.Zero(t, got.Count)
	leases, err := c.Etcd.Leases(t.Context())
	require.NoError(t, err)
	require.Empty(t, leases.Leases)
}

func TestTheSameAttemptGetsTheSameOrder(t *testing.T) {
	t.Parallel()
	each(t, peer.Sale{GoodsID: "1001", Total: 2}, func(t *testing.T, c standard.Clients, p peer.Peer) {
		got := saletest.Crowd(16, func(int) string {
			id, err := p.Purchase(t.Context(), "attempt-1", "user-1")
			if err != nil {
				return err.Error()
			}
			return id
		})
		for _, id := range got {
			require.Equal(t, got[0], id)
		}
		_, err := p.Purchase(t.Context(), "attempt-2", "user-2")
		require.NoError(t, err)
		_, err = p.Purchase(t.Context(), "attempt-3", "user-3")
		require.ErrorIs(t, err, peer.ErrSoldOut)
		again, err := p.Purchase(t.Context(), "attempt-1", "user-1")
		require.NoError(t, err, "a known attempt is answered before the stock is looked at")
		require.Equal(t, got[0], again)
		books, err := p.Check(t.Context())
		require.NoError(t, err)
		require.Equal(t, peer.Books{Sold: 2, Orders: 2, Attempts: 2, Taken: 2}, books)
		require.NoError(t, p.Close())
		events(t, c, 2)
	})
}

func TestAUserGetsNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	each(t, peer.Sale{GoodsID: "1001", Total: 100, Limit: 2}, func(t *testing.T, _ standard.Clients, p peer.Peer) {
		errs := saletest.Crowd(8, func(i int) error {
			_, err := p.Purchase(t.Context(), fmt.Sprint("attempt-", i), "user-1")
			return err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				require.ErrorIs(t, err, peer.ErrLimitReached)
			}
		}
		require.Equal(t, 2, won)
		require.NoError(t, p.Close())
	})
}

func TestTheDatabaseRefusesWhatAForgetfulRedisLetsThrough(t *testing.T) {
	t.Parallel()
	each(t, peer.Sale{GoodsID: "1001", Total: 1}, func(t *testing.T, c standard.Clients, p peer.Peer) {
		_, err := p.Purchase(t.Context(), "attempt-1", "user-1")
		require.NoError(t, err)
		gate := peer.NewGate(c, "1001")
		require.NoError(t, gate.Open(t.Context(), 5), "as if nothing had been sold")
		_, err = p.Purchase(t.Context(), "attempt-2", "user-2")
		require.ErrorIs(t, err, peer.ErrSoldOut)
		left, err := gate.Left(t.Context())
		require.NoError(t, err)
		require.Equal(t, 5, left, "the unit is given back")
		books, err := p.Check(t.Context())
		require.NoError(t, err)
		require.Equal(t, peer.Books{Sold: 1, Orders: 1, Attempts: 1, Taken: -4}, books)
		require.ErrorContains(t, books.Agree(), "Taken:-4")
		require.NoError(t, p.Close())
	})
}

func TestABuyerWhoLeavesAfterTheScriptHasBought(t *testing.T) {
	t.Parallel()
	each(t, peer.Sale{GoodsID: "1001", Total: 1000}, func(t *testing.T, c standard.Clients, p peer.Peer) {
		saletest.Crowd(16, func(i int) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*5*time.Millisecond)
			defer cancel()
			for n := 0; ctx.Err() == nil; n++ {
				_, _ = p.Purchase(ctx, fmt.Sprintf("attempt-%d-%d", i, n), "user-1")
			}
			return nil
		})
		books, err := p.Check(t.Context())
		require.NoError(t, err)
		require.Equal(t, books.Sold, books.Orders)
		// A script whose answer was cut off may have taken a unit that nobody waits for.
		require.GreaterOrEqual(t, books.Taken, books.Orders)
		require.LessOrEqual(t, books.Taken, books.Orders+16)
		require.NoError(t, p.Close())
		events(t, c, books.Orders)
		nothingIsLeft(t, c)
	})
}

// Two mutexes of one session both hold the lock, so each buyer needs one alone.
func TestBuyersOfP0QueueForTheLockEachWithASession(t *testing.T) {
	t.Parallel()
	c := clients(t)
	p, err := peer.NewP0(t.Context(), c, peer.Sale{GoodsID: "1001", Total: 100})
	require.NoError(t, err)
	session, err := concurrency.NewSession(c.Etcd)
	require.NoError(t, err)
	holder := concurrency.NewMutex(session, "seckill/bench/lock/1001")
	require.NoError(t, holder.Lock(t.Context()))

	bought := make(chan []error)
	go func() {
		bought <- saletest.Crowd(8, func(i int) error {
			_, err := p.Purchase(t.Context(), fmt.Sprint("attempt-", i), "user-1")
			return err
		})
	}()
	saletest.Eventually(t, "the holder and 8 buyers queue", func() bool {
		queue, err := c.Etcd.Get(t.Context(), "seckill/bench/lock/1001/", clientv3.WithPrefix(), clientv3.WithCountOnly())
		return err == nil && queue.Count == 9
	})
	books, err := p.Check(t.Context())
	require.NoError(t, err)
	require.Equal(t, peer.Books{}, books, "nobody sells without the lock")
	require.NoError(t, session.Close())
	require.NoError(t, errors.Join(<-bought...))
	require.NoError(t, p.Close())
	nothingIsLeft(t, c)
}

func TestSalesComeOneAfterTheOtherAndAreDroppedTogether(t *testing.T) {
	t.Parallel()
	c := clients(t)
	for name, open := range peers {
		p, err := open(t.Context(), c, peer.Sale{GoodsID: name, Total: 1})
		require.NoError(t, err)
		_, err = p.Purchase(t.Context(), "attempt-"+name, "user-1")
		require.NoError(t, err)
		require.NoError(t, p.Close())
		_, err = open(t.Context(), c, peer.Sale{GoodsID: name, Total: 1})
		require.ErrorContains(t, err, "GoodsID: want one that was never on sale")
	}
	require.NoError(t, peer.Drop(t.Context(), c))
	require.False(t, c.DB.Migrator().HasTable("bench_orders"))
	require.False(t, c.DB.Migrator().HasTable("bench_stock"))
	conn, err := kafka.Dial("tcp", c.Kafka.Brokers[0]) // the clients' transport may remember the topic
	require.NoError(t, err)
	partitions, err := conn.ReadPartitions()
	require.NoError(t, errors.Join(err, conn.Close()))
	for _, partition := range partitions {
		require.NotEqual(t, peer.Topic, partition.Topic)
	}
	require.NoError(t, peer.Drop(t.Context(), c), "there is nothing left to drop")
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for _, open := range peers {
		_, err := open(t.Context(), standard.Clients{}, peer.Sale{GoodsID: strings.Repeat("x", 65), Limit: -1})
		for _, want := range []string{"Redis is missing", "GoodsID: want 1 to 64", "Total: want at least 1", "Limit: want at least 0"} {
			require.ErrorContains(t, err, want)
		}
	}
}

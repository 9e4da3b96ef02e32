//go:build real

package peer_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/bench/peer"
	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/standard"
)

func TestACrowdGetsEveryUnitOnceOnRealServers(t *testing.T) {
	transport := &kafka.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := standard.Clients{
		Redis: realtest.Redis(t), Etcd: realtest.Etcd(t), DB: realtest.DB(t), Prefix: realtest.Name(),
		Kafka: standard.Kafka{Brokers: realtest.Brokers(), Transport: transport},
	}
	t.Cleanup(func() { realtest.Forget(t, c.Redis, c.Prefix) })
	t.Cleanup(func() { realtest.ForgetEtcd(t, c.Etcd, c.Prefix) })
	for name, open := range peers {
		p, err := open(t.Context(), c, peer.Sale{GoodsID: name, Total: 300})
		require.NoError(t, err)
		var next, sold atomic.Int64
		start := time.Now()
		faults := saletest.Crowd(64, func(int) error {
			for {
				i := next.Add(1)
				_, err := p.Purchase(t.Context(), fmt.Sprintf("%s-attempt-%d", name, i), fmt.Sprintf("user-%d", i))
				if errors.Is(err, peer.ErrSoldOut) {
					return nil
				}
				if err != nil {
					return err
				}
				sold.Add(1)
			}
		})
		t.Logf("%s: %.0f orders/s", name, float64(sold.Load())/time.Since(start).Seconds())
		require.NoError(t, errors.Join(faults...))
		books, err := p.Check(t.Context())
		require.NoError(t, err)
		require.Equal(t, peer.Books{Sold: 300, Orders: 300, Attempts: 300, Taken: 300}, books)
		require.NoError(t, p.Close())
	}
}

//go:build !real

package e2e_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/settings"
)

// The only etcd there is stops in the middle of a sale and does not come back. The
// TTL says how the nodes learn of it: a short one, and they lose what they have; a
// long one, and those without the exclusive lease wait for an answer.
func TestTheSaleOutlivesEtcd(t *testing.T) {
	for mode, ttl := range map[string]time.Duration{settings.Shared: 2 * time.Second, settings.Exclusive: 5 * time.Minute} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			etcd, err := etcdserver.Start(t.Context(), "")
			require.NoError(t, err)
			stop := sync.OnceValue(etcd.Close)
			t.Cleanup(func() { require.NoError(t, stop()) })
			c := clients(t)
			c.Etcd, err = etcd.Client()
			require.NoError(t, err)
			t.Cleanup(func() { _ = c.Etcd.Close() })
			m := openOn(t, c, 400, 0)
			m.lockMode(func(l *settings.Lock) { l.Mode, l.TTL = mode, ttl })
			won := saletest.Winners(t, m.rush(100, 100), seckill.Busy)
			require.NotEmpty(t, won)

			require.NoError(t, stop())
			gone := time.Now()
			for range 30 { // for longer than the short TTL
				start := time.Now()
				saletest.Within(t, patience, "each node sells", func() bool {
					sold := 0
					for _, e := range m.engines {
						now := saletest.Winners(t, saletest.Rush(t, "1001", 1, 1, e), seckill.Busy)
						won, sold = append(won, now...), sold+len(now)
					}
					return sold == len(m.engines)
				})
				if took := time.Since(start); took > 100*time.Millisecond {
					t.Logf("%v after etcd has gone: a unit from each node took %v", time.Since(gone).Round(time.Millisecond), took.Round(time.Millisecond))
				}
				time.Sleep(100 * time.Millisecond)
			}
			saletest.Within(t, patience, "the rest sells", func() bool {
				won = append(won, saletest.Winners(t, m.rush(60, 60), seckill.SoldOut, seckill.Busy)...)
				return len(won) >= 400
			})
			require.Len(t, won, 400)
			saletest.Distinct(t, won, m.engines...)
			m.sound(won)
		})
	}
}

package console_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
)

func TestANodeWithAWrongClockGoesByTheLedgers(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(fmt.Sprint("the ledger is ", off, " from here"), func(t *testing.T) {
			t.Parallel()
			var ahead atomic.Int64
			w := open(t, seckill.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }},
				func(o *console.Options) { o.SessionTTL = 10 * time.Minute })
			old := w.login(adminToken)
			ahead.Store(int64(off))
			if a := old.call("GET", "api/audits", ""); (a.status == 200) != (off < 0) {
				t.Errorf("a login of %v ago: %d", off, a.status)
			}
			c := w.login(adminToken)
			if a := c.call("GET", "api/audits", ""); a.status != 200 {
				t.Errorf("a fresh login: %d %s", a.status, a.text)
			}
			now := w.engine.Now()
			ends := w.window("1001", now.Add(-time.Minute), now.Add(30*time.Minute))
			if a := c.call("POST", "api/goods/1001/end", "{}"); a.status != 200 {
				t.Errorf("end: %d %s", a.status, a.text)
			}
			v, err := w.engine.Goods(t.Context(), "1001")
			must(t, err)
			if v.Goods.EndsAt.Sub(now).Abs() > time.Minute || !v.Goods.EndsAt.Before(ends) || v.State != seckill.SaleEnded {
				t.Errorf("it ended at %v, now is %v, it is %s", v.Goods.EndsAt, now, v.State)
			}
			ahead.Store(int64(off + 11*time.Minute))
			if a := c.call("GET", "api/audits", ""); a.status != 401 {
				t.Errorf("a login after its time: %d", a.status)
			}
		})
	}
}

package seckill_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
)

// Buyers who queue behind a slow commit are not sold to after a change that an
// operator was told of; the group that has begun is finished, and a winner who
// asks again is told of his order.
func TestAQueueCarriesNobodyPastAChange(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*shop) error
		want   seckill.Code
	}{
		"switched off": {func(s *shop) error { _, err := s.Admin("test").SetEnabled(t.Context(), false); return err }, seckill.Disabled},
		"blacklisted":  {func(s *shop) error { _, err := s.Admin("test").Ban(t.Context(), "queued", "", 0); return err }, seckill.Blacklisted},
		"ended": {func(s *shop) error {
			g := s.goods
			g.EndsAt = time.Now().Add(-time.Minute)
			_, err := s.Admin("test").PutGoods(t.Context(), g)
			return err
		}, seckill.Ended},
	} {
		t.Run(name, func(t *testing.T) {
			ledger := &slowLedger{Store: new(order.Memory), gate: make(chan struct{}, 100)}
			var late atomic.Int64
			s := open(t, 10, 0, func(o *seckill.Options) {
				o.Orders = ledger
				o.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
			})
			purchase := func(user, token string) chan error {
				done := make(chan error, 1)
				go func() {
					_, err := s.Purchase(context.Background(), user, "1001", token)
					done <- err
				}()
				return done
			}
			winner, queued := s.ticket("winner", 1), s.ticket("queued", 1)
			first := purchase("winner", winner)
			s.eventually("the first is in the ledger", func() bool { c, _ := s.o.Stock.Counts(t.Context(), "1001"); return c.Held == 1 })
			waiting := []chan error{purchase("queued", queued), purchase("winner", winner)}
			s.eventually("both wait", func() bool { return s.Waiting("1001") == 2 })
			if err := c.change(s); err != nil {
				t.Fatal(err)
			}
			late.Store(int64(time.Second))
			for range 10 {
				ledger.gate <- struct{}{}
			}
			for i, err := range []error{<-first, <-waiting[0], <-waiting[1]} {
				if want := []seckill.Code{"", c.want, ""}[i]; seckill.CodeOf(err) != want {
					t.Errorf("buyer %d: got %v, want %q", i, err, want)
				}
			}
			row, err := s.o.Orders.Stock(t.Context(), "1001")
			if err != nil || row.Sold != 1 {
				t.Error(fmt.Sprintf("%d sold, want 1", row.Sold), err)
			}
		})
	}
}

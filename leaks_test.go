package seckill_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/order"
)

// No goroutine outlives its test, but for what watches the leases of an engine that
// a test never runs.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/seckill-go/seckill.(*tenure).watch"))
}

func TestNoGoroutineOutlivesRun(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("sale", func(t *testing.T) {
		s := open(t, 5, 0)
		s.run()
		o := s.buy("user-1")
		if err := s.Pay(t.Context(), "user-1", o.ID, ""); err != nil {
			t.Fatal(err)
		}
		s.state(o, order.Paid)
	})
	goleak.VerifyNone(t, before)
}

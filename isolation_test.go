package seckill_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
)

// rowless has lost the stock row of one goods, as if an operator had deleted it.
type rowless struct {
	order.Store
	lost atomic.Pointer[string]
}

func (r *rowless) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	if lost := r.lost.Load(); lost != nil {
		for _, c := range changes {
			if o, err := r.Store.Get(ctx, c.OrderID); err == nil && o.GoodsID == *lost && c.Move == order.Cancel {
				return nil, order.ErrNotFound
			}
		}
	}
	return r.Store.Move(ctx, changes)
}

// sell puts another goods on sale and sells one of it.
func (s *shop) sell(goodsID, user string) order.Order {
	s.t.Helper()
	g := s.goods
	g.ID = goodsID
	s.put(g)
	if _, err := s.Admin("test").Preload(s.t.Context(), goodsID); err != nil {
		s.t.Fatal(err)
	}
	tk, err := s.Ticket(s.t.Context(), user, goodsID, 1)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := s.Purchase(s.t.Context(), user, goodsID, tk.Token)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.Order
}

func TestAGoodsWithoutItsRowHoldsUpNoPaymentAndNoCancelOfOthers(t *testing.T) {
	ledger := &rowless{Store: new(order.Memory)}
	s, _ := openPicky(t, func(o *seckill.Options) { o.Orders, o.PayWithin, o.PayGrace = ledger, 2*time.Second, -1 })
	declined, overdue := s.sell("1002", "user-1"), s.sell("1002", "user-2")
	paid, late := s.buy("user-3"), s.buy("user-4")
	gone := "1002"
	ledger.lost.Store(&gone)
	for _, pay := range []struct {
		order  order.Order
		method string
	}{{declined, payment.MethodFail}, {paid, ""}} {
		if err := s.Pay(t.Context(), pay.order.UserID, pay.order.ID, pay.method); err != nil {
			t.Fatal(err)
		}
	}
	s.run()
	s.state(paid, order.Paid)
	s.state(late, order.Cancelled)
	lanes := map[order.Lane]string{}
	for _, p := range s.parked(2) {
		lanes[p.Lane] = p.Key
	}
	if lanes[order.PaymentLane] != declined.ID || lanes[order.CancelLane] != overdue.ID {
		t.Errorf("parked are %v", lanes)
	}
	ledger.lost.Store(nil)
	list := s.parked(2)
	for _, p := range list {
		if _, err := s.Admin("test").RetryParked(t.Context(), p.ID); err != nil {
			t.Errorf("retry of %+v: %v", p, err)
		}
	}
	s.state(declined, order.Cancelled)
	s.state(overdue, order.Cancelled)
	s.parked(0)
}

// panics are parts of a shop's own that panic.
type (
	panicGateway  struct{}
	panicObserver struct{}
	panicCatalog  struct {
		goods.Catalog
		on *atomic.Bool
	}
)

func (panicGateway) Pay(context.Context, payment.Request) (payment.Result, error) { panic("gateway") }

func (panicObserver) Start(context.Context, seckill.Stage) (context.Context, func(error)) {
	panic("observer")
}

func (p panicCatalog) Get(ctx context.Context, id string) (goods.Goods, error) {
	if p.on.Load() {
		panic("catalog")
	}
	return p.Catalog.Get(ctx, id)
}

func TestAPanicOfAPartIsOneFault(t *testing.T) {
	var on atomic.Bool
	s, sink := openPicky(t, func(o *seckill.Options) {
		o.Gateway, o.Observer, o.Catalog = panicGateway{}, panicObserver{}, panicCatalog{new(goods.Memory), &on}
	})
	bad, good := s.buy("user-1"), s.buy("user-2")
	sink.refuse(func(e order.Event) error {
		if e.Key == bad.ID {
			panic("sink")
		}
		return nil
	})
	s.run()
	s.eventually("the other is sent", func() bool { return len(sink.types(good.ID)) == 1 })
	if list := s.parked(1); list[0].Reason != "panic: sink" {
		t.Errorf("parked for %q", list[0].Reason)
	}
	if err := s.Pay(t.Context(), "user-2", good.ID, ""); !errors.Is(err, seckill.OutcomeUnknown) {
		t.Errorf("pay: %v, want outcome_unknown", err)
	}
	on.Store(true)
	if _, err := s.another().Ticket(t.Context(), "user-3", "1001", 1); !errors.Is(err, seckill.Busy) {
		t.Errorf("ticket: %v, want busy", err)
	}
}

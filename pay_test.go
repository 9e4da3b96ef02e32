package seckill_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
)

// discard is a sink that takes everything and keeps nothing.
type discard struct{}

func (discard) Publish(context.Context, []order.Event) error { return nil }

func TestAPaidOrderIsPaidForGood(t *testing.T) {
	s := open(t, 10, 0)
	s.run()
	o := s.buy("user-1")
	if err := s.Pay(t.Context(), "user-1", o.ID, ""); err != nil {
		t.Fatal(err)
	}
	s.state(o, order.Paid)
	if err := s.Pay(t.Context(), "user-1", o.ID, ""); !errors.Is(err, seckill.NotPayable) {
		t.Errorf("paying twice: %v, want not_payable", err)
	}
	s.sound(1)
}

func TestAFailedPaymentGivesTheUnitsBackOnce(t *testing.T) {
	s := open(t, 1, 0)
	s.run()
	o := s.buy("user-1")
	saletest.Crowd(20, func(int) error { return s.Pay(t.Context(), "user-1", o.ID, payment.MethodFail) })
	s.state(o, order.Cancelled)
	s.sound(0)
	s.eventually("somebody else may buy", func() bool {
		_, err := s.Ticket(t.Context(), "user-2", "1001", 1)
		return err == nil
	})
	s.buy("user-2")
	s.sound(1)
}

func TestAnUnpaidOrderEndsAndItsUnitsSellAgain(t *testing.T) {
	s := open(t, 1, 0, func(o *seckill.Options) { o.PayWithin, o.PayGrace = time.Second, -1 })
	s.run()
	o := s.buy("user-1")
	s.state(o, order.Cancelled)
	s.sound(0)
	s.eventually("a ticket", func() bool {
		_, err := s.Ticket(t.Context(), "user-2", "1001", 1)
		return err == nil
	})
	s.buy("user-2")
}

func TestLateMoneyIsDueBack(t *testing.T) {
	s := open(t, 1, 0)
	s.run()
	o := s.buy("user-1")
	tell := func(id string, status payment.Status) {
		t.Helper()
		err := s.PaymentEvent(t.Context(), payment.Event{
			ID: id, OrderID: o.ID, PaymentID: "p-" + id, Status: status, Amount: o.Amount, Currency: o.Currency, At: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tell("e1", payment.Failed)
	s.state(o, order.Cancelled)
	tell("e2", payment.Succeeded)
	s.state(o, order.RefundDue)
	tell("e2", payment.Succeeded)
	s.sound(0)
	got, _ := s.Order(t.Context(), "user-1", o.ID)
	if got.Version != 3 {
		t.Errorf("version %d, want 3", got.Version)
	}
}

func TestAPaymentThatContradictsTheOrderChangesNothing(t *testing.T) {
	s := open(t, 1, 0)
	o := s.buy("user-1")
	good := payment.Event{ID: "e", OrderID: o.ID, PaymentID: "p", Status: payment.Succeeded, Amount: o.Amount, Currency: o.Currency}
	for name, c := range map[string]struct {
		want   seckill.Code
		change func(*payment.Event)
	}{
		"amount":   {seckill.InvalidRequest, func(p *payment.Event) { p.Amount-- }},
		"currency": {seckill.InvalidRequest, func(p *payment.Event) { p.Currency = "USD" }},
		"status":   {seckill.InvalidRequest, func(p *payment.Event) { p.Status = "maybe" }},
		"id":       {seckill.InvalidRequest, func(p *payment.Event) { p.ID = "" }},
		"order":    {seckill.OrderNotFound, func(p *payment.Event) { p.OrderID = "nope" }},
	} {
		p := good
		c.change(&p)
		if err := s.PaymentEvent(t.Context(), p); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	_, queue, err := s.o.Orders.Pending(t.Context(), 10)
	if err != nil || queue.Pending != 1 {
		t.Errorf("outbox %+v, %v, want the order's creation and nothing else", queue, err)
	}
}

// recorder is a sink that keeps what it gets and fails as told.
type recorder struct {
	mu     sync.Mutex
	events []order.Event
	fail   bool
}

func (r *recorder) Publish(_ context.Context, events []order.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail {
		return errCut
	}
	r.events = append(r.events, events...)
	return nil
}

func (r *recorder) setFail(fail bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

func (r *recorder) ids() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]int{}
	for _, e := range r.events {
		seen[e.ID]++
	}
	return seen
}

func (r *recorder) Consume(ctx context.Context, _ func(context.Context, []order.Event) error) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestEveryOrderSendsItsEventOnceTheSinkIsBack(t *testing.T) {
	sink := &recorder{fail: true}
	s := open(t, 50, 0, func(o *seckill.Options) { o.Sink, o.Source = sink, sink })
	s.run()
	won := saletest.Winners(t, rush(t, 50, 50, s.Engine))
	sink.setFail(false)
	s.eventually("all events", func() bool { return len(sink.ids()) == 50 })
	for _, b := range won {
		if sink.ids()[b.Receipt.Order.ID] == 0 {
			t.Errorf("order %s sent no event", b.Receipt.Order.ID)
		}
	}
	s.eventually("the outbox is empty", func() bool {
		_, q, err := s.o.Orders.Pending(t.Context(), 1)
		return err == nil && q.Pending == 0
	})
}

func TestARestoreThatFailedIsMadeUp(t *testing.T) {
	s, f := openFailing(t, 1, 900*time.Millisecond)
	s.run()
	o := s.buy("user-1")
	s.sound(1)
	f.settle.Store(3)
	if err := s.Pay(t.Context(), "user-1", o.ID, payment.MethodFail); err != nil {
		t.Fatal(err)
	}
	s.state(o, order.Cancelled)
	s.sound(0)
}

// hangUp is a gateway whose buyers leave while it takes the money.
type hangUp struct {
	payment.Sandbox
	leave context.CancelFunc
}

func (h *hangUp) Pay(ctx context.Context, r payment.Request) (payment.Result, error) {
	h.leave()
	if err := ctx.Err(); err != nil {
		return payment.Result{}, err
	}
	return h.Sandbox.Pay(ctx, r)
}

func TestABuyerWhoLeavesHasPaidAllTheSame(t *testing.T) {
	gateway := new(hangUp)
	s := open(t, 1, 0, func(o *seckill.Options) { o.Gateway = gateway })
	s.run()
	o := s.buy("user-1")
	ctx, leave := context.WithCancel(t.Context())
	gateway.leave = leave
	if err := s.Pay(ctx, "user-1", o.ID, ""); err != nil {
		t.Fatal(err)
	}
	s.state(o, order.Paid)
}

func TestAForeignPaymentEventMovesNothing(t *testing.T) {
	s := open(t, 1, 0)
	s.run()
	o := s.buy("user-1")
	foreign := order.Event{ID: "f", Type: "payment.refunded", Version: 1, Key: o.ID, Time: time.Now(), Data: []byte(`{"order_id":"` + o.ID + `","status":"refunded"}`)}
	if err := s.o.Orders.Enqueue(t.Context(), []order.Event{foreign}); err != nil {
		t.Fatal(err)
	}
	s.eventually("it is sent", func() bool {
		_, q, err := s.o.Orders.Pending(t.Context(), 1)
		return err == nil && q.Pending == 0
	})
	s.state(o, order.Pending)
}

func TestPaymentsGoOnWhenTheGatewayIsAway(t *testing.T) {
	s := open(t, 1, 0, func(o *seckill.Options) { o.Gateway = deadGateway{} })
	o := s.buy("user-1")
	if err := s.Pay(t.Context(), "user-1", o.ID, ""); !errors.Is(err, seckill.OutcomeUnknown) {
		t.Errorf("got %v, want outcome_unknown", err)
	}
	got, err := s.Order(t.Context(), "user-1", o.ID)
	if err != nil || got.State != order.Pending {
		t.Errorf("order %+v, %v, want pending", got, err)
	}
}

type deadGateway struct{}

func (deadGateway) Pay(context.Context, payment.Request) (payment.Result, error) {
	return payment.Result{}, errCut
}

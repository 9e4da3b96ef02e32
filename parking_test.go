package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/order"
)

var errTooLong = errors.New("message too long")

// picky is a sink that refuses what it is told to, and hands on the rest.
type picky struct {
	order.Bus
	mu      sync.Mutex
	refuses func(order.Event) error
	took    []order.Event
}

func (p *picky) Publish(ctx context.Context, events []order.Event) error {
	if err := p.take(events); err != nil {
		return err
	}
	return p.Bus.Publish(ctx, events)
}

func (p *picky) take(events []order.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		if p.refuses == nil {
			break
		}
		if err := p.refuses(e); err != nil {
			return err
		}
	}
	p.took = append(p.took, events...)
	return nil
}

func (p *picky) refuse(f func(order.Event) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = f
}

// types are those of the events that the sink took of one order, each once.
func (p *picky) types(key string) (types []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.took {
		if e.Key == key && !slices.Contains(types, e.Type) {
			types = append(types, e.Type)
		}
	}
	return types
}

// refuseType refuses one type of event of one order.
func refuseType(kind, key string) func(order.Event) error {
	return func(e order.Event) error {
		if e.Type == kind && e.Key == key {
			return errTooLong
		}
		return nil
	}
}

// openPicky is a shop whose parked things are not tried again by themselves.
func openPicky(t *testing.T, change ...func(*seckill.Options)) (*shop, *picky) {
	sink := new(picky)
	s := open(t, 100, 0, append(change, func(o *seckill.Options) { o.Sink, o.Source = sink, sink })...)
	s.RetryParkedEvery(time.Hour)
	return s, sink
}

// parked waits until so many things are parked.
func (s *shop) parked(n int) []order.Parked {
	s.t.Helper()
	var list []order.Parked
	s.eventually(fmt.Sprint(n, " parked"), func() bool {
		var all int
		var err error
		list, all, err = s.Parked(s.t.Context(), 0, 1000)
		return err == nil && all == n && len(list) == n
	})
	return list
}

func (s *shop) drained() {
	s.t.Helper()
	s.eventually("the outbox is empty", func() bool {
		_, q, err := s.o.Orders.Pending(s.t.Context(), 1)
		return err == nil && q.Pending == 0
	})
}

func TestARefusedEventIsParkedAndHoldsUpNoOther(t *testing.T) {
	s, sink := openPicky(t)
	won := saletest.Winners(t, rush(t, 50, 50, s.Engine))
	batches, _, err := s.o.Orders.Pending(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var bad order.Order // the first that is to be sent
	for _, b := range won {
		if b.Receipt.Order.ID == batches[0].Events[0].Key {
			bad = b.Receipt.Order
		}
	}
	sink.refuse(refuseType("order.created", bad.ID))
	s.run()
	for _, b := range won {
		if err := s.Pay(t.Context(), b.User, b.Receipt.Order.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range won {
		s.state(b.Receipt.Order, order.Paid)
	}
	list := s.parked(2) // that it was created, and behind it that it was paid
	if list[0].Event.Type != "order.created" || list[1].Event.Type != "order.paid" || list[0].Key != bad.ID || list[1].Key != bad.ID {
		t.Errorf("parked are %+v", list)
	}
	if list[0].Reason != errTooLong.Error() || !strings.Contains(list[1].Reason, list[0].Event.ID) {
		t.Errorf("reasons %q and %q", list[0].Reason, list[1].Reason)
	}
	s.drained()
	for _, b := range won {
		if o := b.Receipt.Order; o.ID != bad.ID && !slices.Equal(sink.types(o.ID), []string{"order.created", "payment.succeeded", "order.paid"}) &&
			!slices.Equal(sink.types(o.ID), []string{"payment.succeeded", "order.created", "order.paid"}) {
			t.Errorf("order %s sent %v", o.ID, sink.types(o.ID))
		}
	}
	if n := s.Tally().Parked["order"]; n != 2 {
		t.Errorf("%d counted, want 2", n)
	}
	s.retriesInOrder(sink, bad, list)
}

func TestManyRefusedEventsHoldUpNoOther(t *testing.T) {
	s, sink := openPicky(t)
	var bad, good []order.Order
	for i := range 100 {
		if o := s.buy(fmt.Sprint("user-", i)); i%4 == 0 {
			bad = append(bad, o)
		} else {
			good = append(good, o)
		}
	}
	sink.refuse(func(e order.Event) error {
		if slices.ContainsFunc(bad, func(o order.Order) bool { return o.ID == e.Key }) {
			return errTooLong
		}
		return nil
	})
	s.run()
	s.parked(len(bad))
	s.drained()
	for _, o := range good {
		if !slices.Equal(sink.types(o.ID), []string{"order.created"}) {
			t.Errorf("order %s sent %v", o.ID, sink.types(o.ID))
		}
	}
}

// retriesInOrder has the second of two parked events tried again, in vain and then
// not.
func (s *shop) retriesInOrder(sink *picky, bad order.Order, list []order.Parked) {
	s.t.Helper()
	admin, ctx := s.Admin("alice"), s.t.Context()
	if _, err := admin.RetryParked(ctx, list[1].ID); !errors.Is(err, seckill.StillParked) {
		s.t.Errorf("while the sink refuses it: %v, want still_parked", err)
	}
	s.parked(2)
	sink.refuse(nil)
	if n, err := admin.RetryParked(ctx, list[1].ID); err != nil || n != 2 {
		s.t.Errorf("%d done, %v, want 2", n, err)
	}
	s.parked(0)
	types := slices.DeleteFunc(sink.types(bad.ID), func(t string) bool { return t == "payment.succeeded" })
	if !slices.Equal(types, []string{"order.created", "order.paid"}) {
		s.t.Errorf("sent %v", types)
	}
	if _, err := admin.RetryParked(ctx, list[1].ID); !errors.Is(err, seckill.ParkedNotFound) {
		s.t.Errorf("once more: %v, want parked_not_found", err)
	}
	audits, err := s.Audits(ctx, 0, 2)
	if err != nil || audits[0].Action != "retry parked" || audits[0].Actor != "alice" || audits[1].Error == "" {
		s.t.Errorf("audits %+v, %v", audits, err)
	}
}

func TestARefusedPaymentIsParkedAndItsOrderIsNotCancelled(t *testing.T) {
	s, sink := openPicky(t, func(o *seckill.Options) { o.PayWithin, o.PayGrace = 2*time.Second, -1 })
	bad, good, unpaid := s.buy("user-1"), s.buy("user-2"), s.buy("user-3")
	sink.refuse(refuseType("payment.succeeded", bad.ID))
	s.run()
	for _, o := range []order.Order{bad, good} {
		if err := s.Pay(t.Context(), o.UserID, o.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	s.state(good, order.Paid)
	s.state(unpaid, order.Cancelled) // the time of all three is over
	list := s.parked(1)
	if got, err := s.Order(t.Context(), "user-1", bad.ID); err != nil || got.State != order.Pending {
		t.Errorf("%+v, %v, want the order pending: its payment is known", got, err)
	}
	if _, err := s.Admin("test").RetryParked(t.Context(), list[0].ID); err != nil {
		t.Errorf("retry: %v", err) // the ledger takes what the sink refuses
	}
	s.state(bad, order.Paid)
}

// While nothing can be sent, nothing is parked: the sink may be down. Payments wait
// in the outbox, and nobody who has paid is cancelled.
func TestASinkThatIsDownParksNothingAndCancelsNobodyWhoPaid(t *testing.T) {
	s, sink := openPicky(t, func(o *seckill.Options) { o.PayWithin, o.PayGrace = time.Second, -1 })
	sink.refuse(func(order.Event) error { return errCut })
	var paid []order.Order
	for i := range 20 {
		o := s.buy(fmt.Sprint("user-", i))
		if err := s.Pay(t.Context(), o.UserID, o.ID, ""); err != nil {
			t.Fatal(err)
		}
		paid = append(paid, o)
	}
	unpaid := s.buy("user-unpaid")
	s.run()
	s.state(unpaid, order.Cancelled)
	s.parked(0)
	sink.refuse(nil)
	for _, o := range paid {
		s.state(o, order.Paid)
	}
	s.parked(0)
}

// One event that nothing comes after is parked too, a while later.
func TestALoneRefusedEventIsParked(t *testing.T) {
	s, sink := openPicky(t)
	bad := s.buy("user-1")
	sink.refuse(refuseType("order.created", bad.ID))
	s.run()
	s.parked(1)
	s.drained()
}

func TestWhatIsParkedIsDoneOnceItCanBe(t *testing.T) {
	s, sink := openPicky(t)
	s.RetryParkedEvery(20 * time.Millisecond)
	bad, good := s.buy("user-1"), s.buy("user-2")
	sink.refuse(refuseType("order.created", bad.ID))
	s.run()
	s.eventually("the other is sent", func() bool { return len(sink.types(good.ID)) == 1 })
	s.parked(1)
	sink.refuse(nil)
	s.parked(0)
	if types := sink.types(bad.ID); !slices.Equal(types, []string{"order.created"}) {
		t.Errorf("sent %v", types)
	}
}

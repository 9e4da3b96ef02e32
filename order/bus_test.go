package order_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/ordertest"
)

func TestBusKeepsTheLaws(t *testing.T) {
	ordertest.RunSink(t, func(*testing.T) ordertest.SinkFixture {
		bus := new(order.Bus)
		return ordertest.SinkFixture{Sink: bus, Source: bus}
	})
}

func paid(id string) order.Event { return order.Event{ID: id, Type: "payment.succeeded", Key: "o1"} }

func TestBusRefusesWhatNobodyConsumes(t *testing.T) {
	var bus order.Bus
	if bus.Publish(t.Context(), []order.Event{paid("p1")}) == nil {
		t.Error("Publish returned nil though nobody consumes")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = bus.Consume(ctx, func(context.Context, []order.Event) error { return nil })
	if bus.Publish(t.Context(), []order.Event{paid("p1")}) == nil {
		t.Error("Publish returned nil though the consumer has left")
	}
}

func TestBusRefusesWhatWaitsWhenTheLastConsumerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bus order.Bus
		ctx, cancel := context.WithCancel(t.Context())
		leave := make(chan struct{})
		go bus.Consume(ctx, func(context.Context, []order.Event) error { <-leave; return nil })
		synctest.Wait()
		publish := func(id string) chan error {
			published := make(chan error, 1)
			go func() { published <- bus.Publish(t.Context(), []order.Event{paid(id)}) }()
			synctest.Wait()
			return published
		}
		first, second := publish("p1"), publish("p2")
		cancel()
		close(leave)
		if err := <-first; err != nil {
			t.Errorf("what was handled: %v", err)
		}
		if <-second == nil {
			t.Error("Publish returned nil for what nobody took")
		}
	})
}

func TestBusPublishReturnsWhatHandleReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bus order.Bus
		refusal := errors.New("not yet")
		ctx, cancel := context.WithCancel(t.Context())
		go bus.Consume(ctx, func(context.Context, []order.Event) error { return refusal })
		synctest.Wait()
		if err := bus.Publish(ctx, []order.Event{paid("p1")}); !errors.Is(err, refusal) {
			t.Errorf("Publish: %v, want %v", err, refusal)
		}
		cancel()
	})
}

func TestBusHandleEndsWithThePublishersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bus order.Bus
		consume, cancel := context.WithCancel(t.Context())
		go bus.Consume(consume, func(ctx context.Context, _ []order.Event) error { <-ctx.Done(); return ctx.Err() })
		synctest.Wait()
		publish, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := bus.Publish(publish, []order.Event{paid("p1")}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Publish: %v, want its context's error", err)
		}
		cancel()
	})
}

func TestBusSendsOrderEventsOn(t *testing.T) {
	var got []order.Event
	bus := order.Bus{Orders: sinkFunc(func(events []order.Event) error {
		got = append(got, events...)
		return nil
	})}
	created := order.Event{ID: "c1", Type: "order.created", Key: "o1"}
	if err := bus.Publish(t.Context(), []order.Event{created}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].ID != "c1" {
		t.Errorf("Orders got %v", got)
	}
	bus.Orders = sinkFunc(func([]order.Event) error { return errors.ErrUnsupported })
	if err := bus.Publish(t.Context(), []order.Event{created}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Publish: %v, want the error of Orders", err)
	}
}

func TestBusConsumersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bus order.Bus
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			go bus.Consume(ctx, func(context.Context, []order.Event) error { time.Sleep(time.Second); return nil })
		}
		synctest.Wait()
		start := time.Now()
		var publishers sync.WaitGroup
		for range 2 {
			publishers.Go(func() {
				if err := bus.Publish(ctx, []order.Event{paid("p1")}); err != nil {
					t.Error(err)
				}
			})
		}
		publishers.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("two groups of a second each took %v", took)
		}
		cancel()
	})
}

type sinkFunc func([]order.Event) error

func (f sinkFunc) Publish(_ context.Context, events []order.Event) error { return f(events) }

func BenchmarkBus(b *testing.B) {
	var bus order.Bus
	go bus.Consume(b.Context(), func(context.Context, []order.Event) error { return nil })
	group := []order.Event{paid("p1"), paid("p2"), paid("p3"), paid("p4")}
	for bus.Publish(b.Context(), group) != nil {
		runtime.Gosched()
	}
	for b.Loop() {
		if err := bus.Publish(b.Context(), group); err != nil {
			b.Fatal(err)
		}
	}
}

package seckilltest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/kafkaorder"
	"github.com/seckill-go/seckill/seckilltest"
	"github.com/seckill-go/seckill/standard"
)

// TestTheStandardAdaptersWithstandTorture runs on servers inside the process, and
// with the tag real on those of make cluster-up. Each node has parts of its own, as
// a process has.
func TestTheStandardAdaptersWithstandTorture(t *testing.T) {
	t.Parallel()
	c := clients(t)
	listener := new(seckilltest.Listener)
	listen(t, c, listener)
	seckilltest.Torture(t, seckilltest.Adapters{
		Node:  func() (seckill.Options, error) { return standard.Options(c) },
		Heard: listener.Heard,
	}, options())
}

// listen has the listener hear what goes through Kafka.
func listen(t testing.TB, c standard.Clients, listener *seckilltest.Listener) {
	events := kafkaorder.NewSource(c.Kafka.Brokers, kafkaorder.SourceOptions{Topic: c.Kafka.Topics()[0], GroupID: "listener-" + c.Kafka.GroupID})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- events.Consume(ctx, func(ctx context.Context, group []order.Event) error { return listener.Publish(ctx, group) })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("listener: %v", err)
		}
	})
}

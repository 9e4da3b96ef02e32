package kafkaorder_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/kafkaserver"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/kafkaorder"
	"github.com/seckill-go/seckill/order/ordertest"
)

func TestKafkaKeepsTheLaws(t *testing.T) {
	server := startServer(t)
	var n atomic.Int64
	ordertest.RunSink(t, func(t *testing.T) ordertest.SinkFixture {
		s := newShop(t, server, fmt.Sprint("laws-", n.Add(1)))
		return ordertest.SinkFixture{Sink: s.sink(), Source: s.source()}
	})
}

func startServer(t testing.TB) *kafkaserver.Server {
	server, err := kafkaserver.Start(kafkaserver.Options{Brokers: 3})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
}

// shop is a pair of topics on a cluster.
type shop struct {
	*kafkaserver.Server
	client  *kafka.Client
	options kafkaorder.SinkOptions
}

func newShop(t testing.TB, server *kafkaserver.Server, name string) *shop {
	transport := &kafka.Transport{MetadataTTL: 500 * time.Millisecond}
	t.Cleanup(transport.CloseIdleConnections)
	s := &shop{
		Server:  server,
		client:  &kafka.Client{Addr: kafka.TCP(server.Brokers...), Transport: transport},
		options: kafkaorder.SinkOptions{Topic: name + "-orders", PaymentTopic: name + "-payments"},
	}
	s.ensureTopics(t)
	return s
}

func (s *shop) ensureTopics(t testing.TB) {
	require.NoError(t, kafkaorder.EnsureTopics(t.Context(), s.client, kafkaorder.TopicOptions{}, s.options.Topic, s.options.PaymentTopic))
}

func (s *shop) sink() *kafkaorder.Sink { return kafkaorder.NewSink(s.client, s.options) }

func (s *shop) source() *kafkaorder.Source {
	return kafkaorder.NewSource(s.Brokers, kafkaorder.SourceOptions{
		Topic: s.options.PaymentTopic, GroupID: s.options.PaymentTopic, MaxWait: 200 * time.Millisecond,
	})
}

func payments(n int) []order.Event {
	events := make([]order.Event, n)
	for i := range events {
		events[i] = order.Event{
			ID: fmt.Sprint("p", i), Type: "payment.succeeded", Version: 1, Key: fmt.Sprint("order-", i), Time: time.Now(),
		}
	}
	return events
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

package standard

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/order/kafkaorder"
)

// Kafka says where the events go.
type Kafka struct {
	// Brokers are some of the brokers, "host:port".
	Brokers []string
	// Topic takes the order events, for the shop's other systems. Zero means
	// "seckill_orders".
	Topic string
	// PaymentTopic takes the payment events, which the engine reads itself. Zero
	// means "seckill_payments".
	PaymentTopic string
	// GroupID is the consumer group of the shop's engines. Zero means
	// "seckill_group".
	GroupID string
	// Transport, a *kafka.Transport or one around it, has TLS and SASL for writing,
	// Dialer for reading. Zero means
	// kafka.DefaultTransport and kafka.DefaultDialer, which have none.
	Transport kafka.RoundTripper
	Dialer    *kafka.Dialer
	// Logger gets what goes wrong while reading. Zero means nowhere.
	Logger *slog.Logger
}

// Topics are the names of both topics.
func (k Kafka) Topics() []string {
	return []string{cmp.Or(k.Topic, kafkaorder.DefaultTopic), cmp.Or(k.PaymentTopic, kafkaorder.DefaultPaymentTopic)}
}

func (k Kafka) client() *kafka.Client {
	return &kafka.Client{Addr: kafka.TCP(k.Brokers...), Transport: k.Transport}
}

func (k Kafka) sink() *kafkaorder.Sink {
	return kafkaorder.NewSink(k.client(), kafkaorder.SinkOptions{Topic: k.Topic, PaymentTopic: k.PaymentTopic})
}

func (k Kafka) source() *kafkaorder.Source {
	return kafkaorder.NewSource(k.Brokers, kafkaorder.SourceOptions{
		Topic: k.PaymentTopic, GroupID: k.GroupID, Dialer: k.Dialer, Logger: k.Logger,
	})
}

func (k Kafka) ensureTopics(ctx context.Context) error {
	return kafkaorder.EnsureTopics(ctx, k.client(), kafkaorder.TopicOptions{}, k.Topics()...)
}

// Package kafkaorder carries events over Kafka: a [Sink] that the outbox
// publishes to, a [Source] that payment events come from, and [EnsureTopics] to
// make the topics that both use.
//
// Order events go to one topic and payment events to another, each keyed by the
// order's id, so that events of one order stay in their order. A record's value
// is the event as JSON; its headers "id", "type" and "version" repeat what a
// consumer needs to skip it unread, and "traceparent" is there if somebody traces
// the order. Delivery is at least once: a consumer does
// each event id once.
package kafkaorder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

// The topics of a shop that names none.
const (
	DefaultTopic        = "seckill_orders"
	DefaultPaymentTopic = "seckill_payments"
)

// TopicOptions say how topics are made.
type TopicOptions struct {
	// Partitions is how many each topic gets: the most consumers that can share the
	// work. Zero means 6.
	Partitions int
	// Replicas is how many brokers keep each record. Zero means 3, or as many as
	// there are brokers if they are fewer.
	Replicas int
}

// EnsureTopics makes those of the topics that do not exist yet, and returns when
// all can be used; it tries until ctx ends. A topic that exists is left as it is.
// A new one takes a record only when all its replicas but one have it.
func EnsureTopics(ctx context.Context, client *kafka.Client, o TopicOptions, topics ...string) error {
	err := insist(ctx, func() error {
		cluster, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
		if err != nil {
			return err
		}
		return createMissing(ctx, client, o, cluster)
	})
	if err != nil {
		return fmt.Errorf("kafkaorder: ensure topics %v: %w", topics, err)
	}
	return nil
}

// createMissing returns nil only when no topic was missing, so that its caller
// looks again at what it made.
func createMissing(ctx context.Context, client *kafka.Client, o TopicOptions, cluster *kafka.MetadataResponse) error {
	var missing kafka.CreateTopicsRequest
	for _, topic := range cluster.Topics {
		if errors.Is(topic.Error, kafka.UnknownTopicOrPartition) {
			missing.Topics = append(missing.Topics, o.config(topic.Name, len(cluster.Brokers)))
		} else if topic.Error != nil {
			return fmt.Errorf("topic %s: %w", topic.Name, topic.Error)
		}
	}
	if len(missing.Topics) == 0 {
		return nil
	}
	created, err := client.CreateTopics(ctx, &missing)
	if err != nil {
		return err
	}
	for topic, err := range created.Errors {
		if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
	}
	return errCreated
}

var errCreated = errors.New("topics were made and are not known to all brokers yet")

func (o TopicOptions) config(topic string, brokers int) kafka.TopicConfig {
	partitions, replicas := o.Partitions, o.Replicas
	if partitions == 0 {
		partitions = 6
	}
	if replicas == 0 {
		replicas = min(3, brokers)
	}
	return kafka.TopicConfig{
		Topic:             topic,
		NumPartitions:     partitions,
		ReplicationFactor: replicas,
		ConfigEntries: []kafka.ConfigEntry{
			{ConfigName: "min.insync.replicas", ConfigValue: fmt.Sprint(max(1, replicas-1))},
		},
	}
}

// insist tries until try succeeds, ctx ends, or Kafka says that trying again is
// of no use. Pauses grow to a second.
func insist(ctx context.Context, try func() error) error {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := try()
		if err == nil || final(err) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// final says whether an error will be the same next time. Whatever Kafka did not
// say itself is the network's, and may heal.
func final(err error) bool {
	code, ok := errors.AsType[kafka.Error](err)
	return ok && !code.Temporary()
}

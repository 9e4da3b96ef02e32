package kafkaorder

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/order"
)

// SinkOptions say where events go. The zero value is a shop of its own.
type SinkOptions struct {
	// Topic takes the order events. Zero means DefaultTopic.
	Topic string
	// PaymentTopic takes the payment events. Zero means DefaultPaymentTopic.
	PaymentTopic string
	// Timeout bounds a Publish with all its tries. Zero means 10 seconds.
	Timeout time.Duration
	// AttemptTimeout bounds one request; a broker is told to give up after half of
	// it. Zero means the client's Timeout, or 5 seconds if that is zero too.
	AttemptTimeout time.Duration
}

// Sink publishes events to Kafka. It is safe for concurrent use.
//
// It does not use [kafka.Writer], which waits for more messages that never come,
// and whose queue may send the second half of a key's events after the first
// half failed. One Publish is one request per broker that leads partitions its
// events go to, all at once, and it knows what became of each partition's events
// when it returns.
type Sink struct {
	client kafka.Client
	o      SinkOptions
	hash   kafka.Hash
}

var _ order.Sink = (*Sink)(nil)

// NewSink returns a sink on a client whose Addr is set. The topics must exist, or
// be made while Publish tries: see [EnsureTopics].
func NewSink(client *kafka.Client, o SinkOptions) *Sink {
	if o.Topic == "" {
		o.Topic = DefaultTopic
	}
	if o.PaymentTopic == "" {
		o.PaymentTopic = DefaultPaymentTopic
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	s := &Sink{client: *client, o: o}
	if o.AttemptTimeout > 0 {
		s.client.Timeout = o.AttemptTimeout
	} else if s.client.Timeout <= 0 {
		// Without one, kafka-go gives the replicas no more than 500 ms.
		s.client.Timeout = 5 * time.Second
	}
	return s
}

// Publish implements [order.Sink]. Nil means that every in-sync replica has every
// event.
func (s *Sink) Publish(ctx context.Context, events []order.Event) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	queues, err := s.sort(ctx, events)
	if err == nil {
		err = s.send(ctx, queues)
	}
	if err != nil {
		return fmt.Errorf("kafkaorder: publish %d events: %w", len(events), err)
	}
	return nil
}

// Check tells whether Kafka has answered and has both topics. It goes by what the
// client's transport learnt last: a Kafka that is away later does not make a shop
// unready, as sales do not wait for it.
func (s *Sink) Check(ctx context.Context) error {
	for _, topic := range []string{s.o.Topic, s.o.PaymentTopic} {
		if _, err := s.partitions(ctx, topic); err != nil {
			return fmt.Errorf("kafkaorder: topic %s: %w", topic, err)
		}
	}
	return nil
}

// sort puts each event in the queue of its key.
func (s *Sink) sort(ctx context.Context, events []order.Event) ([]*queue, error) {
	partitions := map[string][]int{}
	lanes, now := map[lane]*queue{}, time.Now()
	for _, e := range events {
		topic := s.topic(e)
		if partitions[topic] == nil {
			err := insist(ctx, func() (err error) {
				partitions[topic], err = s.partitions(ctx, topic)
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("topic %s: %w", topic, err)
			}
		}
		m, err := encode(e, now)
		if err != nil {
			return nil, err
		}
		l := lane{topic, s.hash.Balance(m, partitions[topic]...)}
		if lanes[l] == nil {
			lanes[l] = &queue{lane: l}
		}
		lanes[l].messages = append(lanes[l].messages, m)
	}
	return slices.Collect(maps.Values(lanes)), ctx.Err()
}

func (s *Sink) topic(e order.Event) string {
	if strings.HasPrefix(e.Type, "payment.") {
		return s.o.PaymentTopic
	}
	return s.o.Topic
}

// partitions answers from what the client's transport knows, which it looks up
// again every few seconds.
func (s *Sink) partitions(ctx context.Context, topic string) ([]int, error) {
	cluster, err := s.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, err
	}
	if err := cluster.Topics[0].Error; err != nil {
		return nil, err
	}
	ids := make([]int, len(cluster.Topics[0].Partitions))
	for i, p := range cluster.Topics[0].Partitions {
		ids[i] = p.ID
	}
	return ids, nil
}

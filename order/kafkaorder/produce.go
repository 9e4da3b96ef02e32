package kafkaorder

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/segmentio/kafka-go"
)

// maxRequest is how many bytes of keys, values and headers go in one request,
// which leaves room for what is around them: brokers take 1 MiB by default.
const maxRequest = 900 << 10

// lane is a partition of a topic; its messages are sent in their order.
type lane struct {
	topic     string
	partition int
}

// send works the lanes side by side.
func (s *Sink) send(ctx context.Context, lanes map[lane][]kafka.Message) error {
	var wg sync.WaitGroup
	errs := make(chan error, len(lanes))
	for l, messages := range lanes {
		wg.Go(func() { errs <- s.sendLane(ctx, l, messages) })
	}
	wg.Wait()
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return all
}

// sendLane stops at the first part that fails: what comes behind it must not
// overtake it.
func (s *Sink) sendLane(ctx context.Context, l lane, messages []kafka.Message) error {
	for len(messages) > 0 {
		n := fitting(messages)
		if err := insist(ctx, func() error { return s.produce(ctx, l, messages[:n]) }); err != nil {
			return fmt.Errorf("topic %s, partition %d: %w", l.topic, l.partition, err)
		}
		messages = messages[n:]
	}
	return nil
}

// fitting returns how many of the messages go in one request, at least one.
func fitting(messages []kafka.Message) int {
	size := 0
	for i, m := range messages {
		size += len(m.Key) + len(m.Value)
		for _, h := range m.Headers {
			size += len(h.Key) + len(h.Value)
		}
		if size > maxRequest && i > 0 {
			return i
		}
	}
	return len(messages)
}

// produce sends one request. A record's bytes can be read only once, so each try
// has records of its own.
func (s *Sink) produce(ctx context.Context, l lane, messages []kafka.Message) error {
	records := make([]kafka.Record, len(messages))
	for i, m := range messages {
		records[i] = kafka.Record{
			Time:    m.Time,
			Key:     kafka.NewBytes(m.Key),
			Value:   kafka.NewBytes(m.Value),
			Headers: m.Headers,
		}
	}
	res, err := s.client.Produce(ctx, &kafka.ProduceRequest{
		Topic:        l.topic,
		Partition:    l.partition,
		RequiredAcks: kafka.RequireAll,
		Records:      kafka.NewRecordReader(records...),
	})
	if err != nil {
		return err
	}
	return res.Error
}

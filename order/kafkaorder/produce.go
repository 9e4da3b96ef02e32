package kafkaorder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/produce"
)

// maxPart is how many bytes of keys, values and headers go to one partition in a
// request, which leaves room for what is around them: brokers take 1 MiB by
// default. What goes to all partitions together may have 100 MiB.
const maxPart = 900 << 10

// lane is a partition of a topic; its messages are sent in their order.
type lane struct {
	topic     string
	partition int
}

// queue is what is left to send on a lane, and why the last try left it there.
type queue struct {
	lane
	messages []kafka.Message
	err      error
}

// send tries until each queue is empty or refused for good. What is refused does
// not keep the others from going on.
func (s *Sink) send(ctx context.Context, queues []*queue) error {
	var refused error
	err := insist(ctx, func() error {
		s.try(ctx, queues)
		var again error
		queues = slices.DeleteFunc(queues, func(q *queue) bool {
			if q.err == nil {
				return true
			}
			err := fmt.Errorf("topic %s, partition %d: %w", q.topic, q.partition, q.err)
			if final(err) {
				refused = errors.Join(refused, err)
				return true
			}
			again = errors.Join(again, err)
			return false
		})
		return again
	})
	return errors.Join(refused, err)
}

// try works the leaders side by side.
func (s *Sink) try(ctx context.Context, queues []*queue) {
	var wg sync.WaitGroup
	for _, led := range s.byLeader(ctx, queues) {
		wg.Go(func() {
			for len(led) > 0 {
				s.produce(ctx, led)
				led = slices.DeleteFunc(led, func(q *queue) bool { return q.err != nil || len(q.messages) == 0 })
			}
		})
	}
	wg.Wait()
}

// byLeader groups the queues by the broker that leads their partition, as a
// request goes to one broker. It looks anew for each try: leaders change.
func (s *Sink) byLeader(ctx context.Context, queues []*queue) map[int][]*queue {
	var topics []string
	for _, q := range queues {
		if !slices.Contains(topics, q.topic) {
			topics = append(topics, q.topic)
		}
	}
	cluster, err := s.client.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
	leaders := map[lane]int{}
	if err == nil {
		err = kafka.LeaderNotAvailable // to those that have none
		for _, topic := range cluster.Topics {
			for _, p := range topic.Partitions {
				if p.Leader.Host != "" {
					leaders[lane{topic.Name, p.ID}] = p.Leader.ID
				}
			}
		}
	}
	groups := map[int][]*queue{}
	for _, q := range queues {
		q.err = err
		if leader, ok := leaders[q.lane]; ok {
			groups[leader] = append(groups[leader], q)
		}
	}
	return groups
}

// fitting returns how many of the messages go to their partition in one
// request, at least one.
func fitting(messages []kafka.Message) int {
	size := 0
	for i, m := range messages {
		size += len(m.Key) + len(m.Value)
		for _, h := range m.Headers {
			size += len(h.Key) + len(h.Value)
		}
		if size > maxPart && i > 0 {
			return i
		}
	}
	return len(messages)
}

// produce sends the first part of each queue in one request. A part that the
// broker took leaves its queue; the other queues have an error. A queue stops at
// the first part that fails: what comes behind it must not overtake it.
func (s *Sink) produce(ctx context.Context, queues []*queue) {
	ctx, cancel := context.WithTimeout(ctx, s.client.Timeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	req := &produce.Request{Acks: int16(kafka.RequireAll), Timeout: int32(max(1, time.Until(deadline).Milliseconds()/2))}
	parts := make(map[lane]int, len(queues))
	for _, q := range queues {
		n := fitting(q.messages)
		parts[q.lane] = n
		i := slices.IndexFunc(req.Topics, func(t produce.RequestTopic) bool { return t.Topic == q.topic })
		if i < 0 {
			i = len(req.Topics)
			req.Topics = append(req.Topics, produce.RequestTopic{Topic: q.topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, produce.RequestPartition{
			Partition: int32(q.partition),
			RecordSet: protocol.RecordSet{Records: records(q.messages[:n])},
		})
	}
	answers, err := s.roundTrip(ctx, req)
	for _, q := range queues {
		q.err = err
		if err != nil {
			continue
		}
		var known bool
		if q.err, known = answers[q.lane]; !known {
			q.err = errors.New("the broker did not say what became of it")
		}
		if q.err == nil {
			q.messages = q.messages[parts[q.lane]:]
		}
	}
}

// roundTrip returns what the broker says of each partition.
func (s *Sink) roundTrip(ctx context.Context, req *produce.Request) (map[lane]error, error) {
	transport := s.client.Transport
	if transport == nil {
		transport = kafka.DefaultTransport
	}
	res, err := transport.RoundTrip(ctx, s.client.Addr, req)
	if err != nil {
		return nil, err
	}
	answers := map[lane]error{}
	for _, topic := range res.(*produce.Response).Topics {
		for _, p := range topic.Partitions {
			var err error
			if p.ErrorCode != 0 {
				err = fmt.Errorf("%w %s", kafka.Error(p.ErrorCode), p.ErrorMessage)
			}
			answers[lane{topic.Topic, int(p.Partition)}] = err
		}
	}
	return answers, nil
}

// records makes the records of a try: their bytes can be read only once.
func records(messages []kafka.Message) kafka.RecordReader {
	all := make([]kafka.Record, len(messages))
	for i, m := range messages {
		all[i] = kafka.Record{Time: m.Time, Key: kafka.NewBytes(m.Key), Value: kafka.NewBytes(m.Value), Headers: m.Headers}
	}
	return kafka.NewRecordReader(all...)
}

package kafkaorder_test

import (
	"context"
	"encoding/json"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/metadata"
	"github.com/segmentio/kafka-go/protocol/produce"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/kafkaorder"
)

func TestSinkSendsEachBrokerOneRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	events := payments(200)
	for i := range events[:100] {
		events[i].Type = "order.created"
	}
	leaders := map[int32]bool{}
	for p := range int32(6) {
		leaders[s.Cluster.LeaderFor(s.options.Topic, p)] = true
		leaders[s.Cluster.LeaderFor(s.options.PaymentTopic, p)] = true
	}
	require.Greater(t, len(leaders), 1)
	requests := s.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Count: -1, Observe: true})
	require.NoError(t, s.sink().Publish(t.Context(), events))
	require.EqualValues(t, len(leaders), requests.Hits())
	require.Equal(t, 100, s.size(s.options.Topic))
	require.Equal(t, 100, s.size(s.options.PaymentTopic))
}

func TestSinkTriesOnlyWhatFailedAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	fault := s.Cluster.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Partitions: []int32{0, 1, 2}, Err: kerr.NotEnoughReplicas, Count: 4,
	})
	require.NoError(t, s.sink().Publish(t.Context(), payments(200)))
	require.EqualValues(t, 4, fault.Hits())
	require.Equal(t, 200, s.size(s.options.PaymentTopic), "some were sent twice")
}

// What a partition refuses is refused; the rest goes out, and the caller knows.
func TestSinkSendsTheOthersIfAPartitionRefuses(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	s.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Partitions: []int32{3}, Err: kerr.MessageTooLarge, Count: -1})
	s.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Partitions: []int32{0, 1}, Err: kerr.NotEnoughReplicas, Count: 2})
	err := s.sink().Publish(t.Context(), payments(200))
	require.ErrorIs(t, err, kafka.MessageSizeTooLarge)
	require.ErrorContains(t, err, "partition 3: ")
	require.NotErrorIs(t, err, kafka.NotEnoughReplicas)
	for p := range int32(6) {
		require.Equal(t, p != 3, s.Cluster.PartitionInfo(s.options.PaymentTopic, p).HighWatermark > 0, "partition %d", p)
	}
}

func TestSinkSendsToTheOthersIfAPartitionHasNoLeader(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	s.options.Timeout = 2 * time.Second // enough for a busy machine
	s.client.Transport = meddling{s.client.Transport, func(r kafka.Response) {
		if m, ok := r.(*metadata.Response); ok {
			for i, topic := range m.Topics {
				m.Topics[i].Partitions = slices.Clone(topic.Partitions) // the transport's own
				for j, p := range topic.Partitions {
					if p.PartitionIndex == 3 {
						m.Topics[i].Partitions[j].LeaderID = -1
					}
				}
			}
		}
	}}
	err := kafkaorder.NewSink(s.client, s.options).Publish(t.Context(), payments(200))
	require.ErrorIs(t, err, kafka.LeaderNotAvailable)
	for p := range int32(6) {
		require.Equal(t, p != 3, s.Cluster.PartitionInfo(s.options.PaymentTopic, p).HighWatermark > 0, "partition %d", p)
	}
}

// A partition that the answer leaves out may or may not have what was sent.
func TestSinkTriesAgainWhatTheAnswerLeavesOut(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	s.options.Timeout = 300 * time.Millisecond
	s.client.Transport = meddling{s.client.Transport, func(r kafka.Response) {
		if p, ok := r.(*produce.Response); ok {
			p.Topics = nil
		}
	}}
	require.Error(t, kafkaorder.NewSink(s.client, s.options).Publish(t.Context(), payments(1)))
}

func TestRecordsAreTheEventsAsJSON(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	events := payments(4)
	events[0].ID, events[0].Data = "<\"秒杀\"&\u2028>\n\x00", json.RawMessage(`{"a":"\u003c"}`)
	events[1].Key, events[1].Version = "", 1234567
	events[2].Key, events[2].Type = "clé \\ \xff", "payment.\"succeeded\""
	require.NoError(t, s.sink().Publish(t.Context(), events))
	want := map[string]order.Event{}
	for _, e := range events {
		want[e.ID] = e
	}
	for _, m := range s.read(t, s.options.PaymentTopic, 4) {
		e := want[string(m.Headers[0].Value)]
		text, err := json.Marshal(e)
		require.NoError(t, err)
		require.Equal(t, string(text), string(m.Value))
		require.Equal(t, e.Key, string(m.Key))
		require.Equal(t, e.Type, string(m.Headers[1].Value))
		version, err := json.Marshal(e.Version)
		require.NoError(t, err)
		require.Equal(t, version, m.Headers[2].Value)
		delete(want, e.ID)
	}
	require.Empty(t, want)
}

// meddling changes answers.
type meddling struct {
	kafka.RoundTripper
	change func(kafka.Response)
}

func (m meddling) RoundTrip(ctx context.Context, addr net.Addr, req kafka.Request) (kafka.Response, error) {
	r, err := m.RoundTripper.RoundTrip(ctx, addr, req)
	if err == nil {
		m.change(r)
	}
	return r, err
}

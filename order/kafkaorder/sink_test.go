package kafkaorder_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/kafkaorder"
)

func TestSinkSortsByTypeAndKey(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	created := order.Event{ID: "e1", Type: "order.created", Version: 1, Key: "order-7", Time: time.Now(), Data: json.RawMessage(`{}`)}
	require.NoError(t, s.sink().Publish(t.Context(), append(payments(3), created)))

	require.Len(t, s.read(t, s.options.PaymentTopic, 3), 3)
	m := s.read(t, s.options.Topic, 1)[0]
	require.Equal(t, "order-7", string(m.Key))
	require.Equal(t, []kafka.Header{
		{Key: "id", Value: []byte("e1")},
		{Key: "type", Value: []byte("order.created")},
		{Key: "version", Value: []byte("1")},
	}, m.Headers)
	var e order.Event
	require.NoError(t, json.Unmarshal(m.Value, &e))
	require.Equal(t, "e1", e.ID)
}

func TestATraceIsAHeaderThatOthersKnow(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	created := order.Event{ID: "e1", Type: "order.created", Version: 1, Key: "order-7", Time: time.Now(), Data: json.RawMessage(`{}`), Trace: trace}
	require.NoError(t, s.sink().Publish(t.Context(), []order.Event{created}))
	m := s.read(t, s.options.Topic, 1)[0]
	require.Equal(t, kafka.Header{Key: "traceparent", Value: []byte(trace)}, m.Headers[3])
	require.NotContains(t, string(m.Value), "traceparent")
}

// A broker that takes a write and whose answer is lost cannot be told from one
// that did not take it.
func TestSinkLosesNothingWhenAnswersAreLost(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	cut := s.cutting(t)
	sink := kafkaorder.NewSink(s.client, s.options)
	require.NoError(t, sink.Publish(t.Context(), payments(1))) // connections stand
	cut.Store(3)
	require.NoError(t, sink.Publish(t.Context(), payments(60)))
	require.Zero(t, max(0, cut.Load()), "nothing was cut")
	ids := map[string]bool{}
	for _, m := range s.read(t, s.options.PaymentTopic, s.size(s.options.PaymentTopic)) {
		ids[string(m.Headers[0].Value)] = true
	}
	require.Len(t, ids, 60)
}

func TestSinkAsksAllReplicas(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var asked atomic.Int64
	s.Cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		asked.Store(int64(r.(*kmsg.ProduceRequest).Acks))
		return nil, nil, false
	})
	require.NoError(t, s.sink().Publish(t.Context(), payments(1)))
	require.EqualValues(t, kafka.RequireAll, asked.Load())
}

func TestSinkTriesAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range []*kerr.Error{kerr.NotLeaderForPartition, kerr.RequestTimedOut, kerr.NotEnoughReplicas} {
		t.Run(fault.Message, func(t *testing.T) {
			s := newShop(t, startServer(t), "shop")
			s.fail(fault, 2)
			require.NoError(t, s.sink().Publish(t.Context(), payments(1)))
		})
	}
}

func TestSinkFollowsALeader(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	sink := s.sink()
	require.NoError(t, sink.Publish(t.Context(), payments(20)))
	for p := range 6 {
		for _, node := range []int32{0, 1, 2} {
			if node != s.Cluster.LeaderFor(s.options.PaymentTopic, int32(p)) {
				require.NoError(t, s.Cluster.MoveTopicPartition(s.options.PaymentTopic, int32(p), node))
				break
			}
		}
	}
	require.NoError(t, sink.Publish(t.Context(), payments(20)))
}

// What comes behind a part that failed must not overtake it.
func TestSinkStopsAtTheFirstPartThatFails(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	big := payments(3)
	for i := range big {
		big[i].Key, big[i].Data = "order-0", json.RawMessage(`"`+strings.Repeat("x", 600<<10)+`"`)
	}
	s.fail(kerr.TopicAuthorizationFailed, 1)
	err := s.sink().Publish(t.Context(), big)
	require.ErrorIs(t, err, kafka.TopicAuthorizationFailed)
	require.Zero(t, s.size(s.options.PaymentTopic))

	require.NoError(t, s.sink().Publish(t.Context(), big))
	for i, m := range s.read(t, s.options.PaymentTopic, 3) {
		require.Equal(t, big[i].ID, string(m.Headers[0].Value))
	}
}

func TestSinkGivesUpInTime(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	s.fail(kerr.NotEnoughReplicas, -1)
	s.options.Timeout = 200 * time.Millisecond
	start := time.Now()
	require.ErrorIs(t, s.sink().Publish(t.Context(), payments(1)), kafka.NotEnoughReplicas)
	require.Less(t, time.Since(start), 8*time.Second, "it goes by the default")

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	s.options.Timeout = time.Minute
	require.ErrorIs(t, s.sink().Publish(ctx, payments(1)), context.Canceled)
}

func TestSinkWaitsForItsTopic(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	s.options.PaymentTopic = "later"
	require.ErrorIs(t, s.sink().Check(t.Context()), kafka.UnknownTopicOrPartition)
	published := make(chan error, 1)
	go func() { published <- s.sink().Publish(t.Context(), payments(1)) }()
	require.NoError(t, s.Cluster.CreateTopic("later", 6, nil))
	require.NoError(t, <-published)
	require.NoError(t, s.sink().Check(t.Context()))
}

func TestSinkRefusesDataThatIsNoJSON(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	bad := payments(2)
	bad[1].Data = json.RawMessage(`{`)
	require.ErrorContains(t, s.sink().Publish(t.Context(), bad), "event p1")
	require.Zero(t, s.size(s.options.PaymentTopic))
}

func TestEnsureTopicsLeavesTopicsAsTheyAre(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	require.NoError(t, s.Cluster.CreateTopic("mine", 2, nil))
	require.NoError(t, kafkaorder.EnsureTopics(t.Context(), s.client, kafkaorder.TopicOptions{Partitions: 9}, "mine", "new"))
	require.Len(t, s.Cluster.PartitionInfos("mine"), 2)
	require.Len(t, s.Cluster.PartitionInfos("new"), 9)
	made := s.Cluster.TopicInfo("new")
	require.Equal(t, 3, made.NumReplicas)
	require.Equal(t, "2", *made.Configs["min.insync.replicas"])
}

func TestEnsureTopicsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	client := &kafka.Client{Addr: kafka.TCP("127.0.0.1:1"), Transport: &kafka.Transport{}}
	defer client.Transport.(*kafka.Transport).CloseIdleConnections()
	err := kafkaorder.EnsureTopics(within(t, 100*time.Millisecond), client, kafkaorder.TopicOptions{}, "any")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// fail makes the next n requests to write fail; -1 means all.
func (s *shop) fail(err *kerr.Error, n int) {
	s.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: err, Count: n})
}

// size returns how many messages the topic has.
func (s *shop) size(topic string) (n int) {
	for _, p := range s.Cluster.PartitionInfos(topic) {
		n += int(p.HighWatermark)
	}
	return n
}

// read returns the first n messages of the topic.
func (s *shop) read(t *testing.T, topic string, n int) []kafka.Message {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: s.Brokers, Topic: topic, GroupID: "read-" + topic, MaxWait: 200 * time.Millisecond,
	})
	defer reader.Close()
	messages := make([]kafka.Message, n)
	for i := range messages {
		var err error
		messages[i], err = reader.FetchMessage(within(t, 10*time.Second))
		require.NoError(t, err)
	}
	return messages
}

// cutting gives the shop a client that loses as many answers as the counter
// says, and the connections they came over.
func (s *shop) cutting(t *testing.T) *atomic.Int64 {
	left := new(atomic.Int64)
	transport := &kafka.Transport{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &cutConn{conn, left}, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	s.client = &kafka.Client{Addr: kafka.TCP(s.Brokers...), Transport: transport}
	return left
}

type cutConn struct {
	net.Conn
	left *atomic.Int64
}

func (c *cutConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil && c.left.Add(-1) >= 0 {
		c.Conn.Close()
		return 0, errors.New("cut")
	}
	return n, err
}

func BenchmarkPublish(b *testing.B) {
	s := newShop(b, startServer(b), "bench")
	sink := s.sink()
	for _, n := range []int{1, 256, 4096} {
		b.Run(fmt.Sprint(n, " events"), func(b *testing.B) {
			events := payments(n)
			for b.Loop() {
				if err := sink.Publish(b.Context(), events); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

package kafkaorder_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/kafkaorder"
)

// inbox notes what several consumers were handed.
type inbox struct {
	mu  sync.Mutex
	ids map[string]int
}

func (in *inbox) take(_ context.Context, group []order.Event) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ids == nil {
		in.ids = map[string]int{}
	}
	for _, e := range group {
		in.ids[e.ID]++
	}
	return nil
}

func (in *inbox) size() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.ids)
}

func eventually(t *testing.T, condition func() bool, msg string) {
	t.Helper()
	require.Eventually(t, condition, 15*time.Second, 5*time.Millisecond, msg)
}

// start consumes until stop is called, which waits for the end.
func start(t *testing.T, source *kafkaorder.Source, handle func(context.Context, []order.Event) error) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- source.Consume(ctx, handle) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	t.Cleanup(stop)
	return stop
}

// MaxWait is how long a broker thinks about a fetch when nothing is new.
func TestSourceHandsAnEventOverLongBeforeMaxWait(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var in inbox
	source := kafkaorder.NewSource(s.Brokers, kafkaorder.SourceOptions{Topic: s.options.PaymentTopic, MaxWait: 8 * time.Second})
	start(t, source, in.take)
	sink := s.sink()
	require.NoError(t, sink.Publish(t.Context(), payments(1)))
	eventually(t, func() bool { return in.size() == 1 }, "the first event never came")

	published := time.Now()
	require.NoError(t, sink.Publish(t.Context(), payments(2)[1:]))
	eventually(t, func() bool { return in.size() == 2 }, "the second event never came")
	require.Less(t, time.Since(published), 4*time.Second)
}

func TestSourceGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var before, after inbox
	require.NoError(t, s.sink().Publish(t.Context(), payments(50)))
	stop := start(t, s.source(), before.take)
	eventually(t, func() bool { return before.size() == 50 }, "not all events came")
	stop()

	last := payments(1)
	last[0].ID = "last"
	require.NoError(t, s.sink().Publish(t.Context(), last))
	start(t, s.source(), after.take)
	eventually(t, func() bool { return after.size() > 0 }, "the last event never came")
	require.Equal(t, map[string]int{"last": 1}, after.ids)
}

func TestSourceDoesNotCommitWhatWasRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	require.NoError(t, s.sink().Publish(t.Context(), payments(1)))
	refused := make(chan struct{}, 100)
	stop := start(t, s.source(), func(context.Context, []order.Event) error {
		refused <- struct{}{}
		return errors.New("the ledger is away")
	})
	<-refused
	<-refused
	stop()
	require.Empty(t, s.Cluster.GroupInfo(s.options.PaymentTopic).Commits)

	var in inbox
	start(t, s.source(), in.take)
	eventually(t, func() bool { return in.size() == 1 }, "the refused event never came again")
}

func TestSourceSkipsWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	w := &kafka.Writer{Addr: s.client.Addr, Transport: s.client.Transport, Topic: s.options.PaymentTopic, RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond}
	defer w.Close()
	require.NoError(t, w.WriteMessages(t.Context(),
		kafka.Message{Value: []byte("not JSON")},
		kafka.Message{Value: []byte(`{"no":"id"}`)},
		kafka.Message{Value: nil}))
	require.NoError(t, s.sink().Publish(t.Context(), payments(1)))

	var in inbox
	source := s.source()
	stop := start(t, source, in.take)
	eventually(t, func() bool { return in.size() == 1 && source.Skipped.Load() == 3 }, "the event never came")
	stop()
	again := s.source()
	require.NoError(t, s.sink().Publish(t.Context(), payments(2)[1:]))
	start(t, again, in.take)
	eventually(t, func() bool { return in.size() == 2 }, "the second event never came")
	require.Zero(t, again.Skipped.Load(), "what was skipped came again")
}

func TestSourceWaitsForItsTopic(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	s.options.PaymentTopic = "later"
	var lookups, joins atomic.Int64
	s.Cluster.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		switch r := r.(type) {
		case *kmsg.MetadataRequest:
			if len(r.Topics) == 1 && *r.Topics[0].Topic == "later" {
				lookups.Add(1)
			}
		case *kmsg.JoinGroupRequest:
			joins.Add(1)
		}
		return nil, nil, false
	})
	var in inbox
	start(t, s.source(), in.take)
	eventually(t, func() bool { return lookups.Load() > 1 }, "the topic is not looked for")
	require.Zero(t, joins.Load(), "a group was founded on nothing")

	published := make(chan error, 1)
	go func() { published <- s.sink().Publish(t.Context(), payments(1)) }()
	s.ensureTopics(t)
	require.NoError(t, <-published)
	eventually(t, func() bool { return in.size() == 1 }, "the event never came")
}

func TestSourcesOfOneGroupShare(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var one, two inbox
	start(t, s.source(), one.take)
	start(t, s.source(), two.take)
	_, err := s.Cluster.WaitGroupStable(within(t, 15*time.Second), s.options.PaymentTopic, 2)
	require.NoError(t, err)
	require.NoError(t, s.sink().Publish(t.Context(), payments(200)))
	eventually(t, func() bool { return one.size()+two.size() >= 200 }, "not all events came")
	require.NotZero(t, one.size())
	require.NotZero(t, two.size())
}

func TestSourceLosesNothingWhenConsumersComeAndGo(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var in inbox
	start(t, s.source(), in.take)
	all := payments(200)
	for i := range 4 {
		stop := start(t, s.source(), in.take)
		seen := in.size()
		require.NoError(t, s.sink().Publish(t.Context(), all[i*50:(i+1)*50]))
		eventually(t, func() bool { return in.size() > seen }, "nothing comes")
		stop()
	}
	eventually(t, func() bool { return in.size() == 200 }, "events were lost")
}

func TestSourceNeedsBrokers(t *testing.T) {
	t.Parallel()
	source := kafkaorder.NewSource(nil, kafkaorder.SourceOptions{})
	require.ErrorContains(t, source.Consume(t.Context(), nil), "broker")
}

package kafkaorder_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/seckill-go/seckill/order"
)

// heals is how long a source may take to read again.
const heals = 30 * time.Second

// later returns n payments whose ids start with name.
func later(name string, n int) []order.Event {
	events := payments(n)
	for i := range events {
		events[i].ID = fmt.Sprint(name, i)
	}
	return events
}

func TestSourceReadsATopicThatIsDeletedAndMadeAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var joins, lookups atomic.Int64
	s.Cluster.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		switch r.(type) {
		case *kmsg.JoinGroupRequest:
			joins.Add(1)
		case *kmsg.MetadataRequest:
			lookups.Add(1)
		}
		return nil, nil, false
	})
	var in inbox
	source := s.source()
	start(t, source, in.take)
	require.NoError(t, s.sink().Publish(t.Context(), payments(60)))
	eventually(t, func() bool { return in.size() == 60 }, "not all events came")
	eventually(t, func() bool { return source.Check(t.Context()) == nil }, "a source that reads is not well")

	require.NoError(t, s.Cluster.DeleteTopic(s.options.PaymentTopic))
	eventually(t, func() bool { return source.Check(t.Context()) != nil }, "a topic is missing without a word")
	joins.Store(0)
	lookups.Store(0)
	eventually(t, func() bool { return lookups.Load() > 20 }, "the topic is not looked for")
	require.LessOrEqual(t, joins.Load(), int64(2), "the group is joined again and again")
	require.ErrorIs(t, source.Check(t.Context()), kafka.UnknownTopicOrPartition)

	s.ensureTopics(t)
	require.NoError(t, s.sink().Publish(t.Context(), later("again", 60)))
	require.Eventually(t, func() bool { return in.size() == 120 }, heals, 5*time.Millisecond, "the new topic is not read")
	eventually(t, func() bool { return source.Check(t.Context()) == nil }, "a source that reads is not well")
}

// The new topic has fewer messages than the group had read of the old one.
func TestSourceReadsATopicThatIsReplacedBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var in inbox
	start(t, s.source(), in.take)
	require.NoError(t, s.sink().Publish(t.Context(), payments(60)))
	eventually(t, func() bool {
		committed := 0
		if group := s.Cluster.GroupInfo(s.options.PaymentTopic); group != nil {
			for _, c := range group.Commits[s.options.PaymentTopic] {
				committed += int(c.Offset)
			}
		}
		return committed == 60
	}, "not all events were handled")

	require.NoError(t, s.Cluster.DeleteTopic(s.options.PaymentTopic))
	require.NoError(t, s.Cluster.CreateTopic(s.options.PaymentTopic, 6, nil))
	require.NoError(t, s.sink().Publish(t.Context(), later("again", 12)))
	require.Eventually(t, func() bool { return in.size() == 72 }, heals, 5*time.Millisecond, "the new topic is not read")
}

// A group whose leader saw no topic assigns no partitions.
func TestSourceLeavesAGroupThatReadsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var forged atomic.Bool
	s.Cluster.ControlKey(int16(kmsg.SyncGroup), func(r kmsg.Request) (kmsg.Response, error, bool) {
		assignments := r.(*kmsg.SyncGroupRequest).GroupAssignment
		if forged.CompareAndSwap(false, true) {
			for i := range assignments {
				assignments[i].MemberAssignment = new(kmsg.ConsumerMemberAssignment).AppendTo(nil)
			}
		}
		return nil, nil, false
	})
	var in inbox
	source := s.source()
	start(t, source, in.take)
	require.NoError(t, s.sink().Publish(t.Context(), payments(60)))
	eventually(t, func() bool { return source.Check(t.Context()) != nil }, "a source that reads nothing is well")
	require.ErrorContains(t, source.Check(t.Context()), "0 of 6 partitions")
	require.Zero(t, in.size())
	require.Eventually(t, func() bool { return in.size() == 60 }, heals, 5*time.Millisecond, "the topic is not read")
}

func TestSourceReadsPartitionsThatAreAdded(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var in inbox
	start(t, s.source(), in.take)
	require.NoError(t, s.sink().Publish(t.Context(), payments(60)))
	eventually(t, func() bool { return in.size() == 60 }, "not all events came")
	res, err := s.client.CreatePartitions(t.Context(), &kafka.CreatePartitionsRequest{
		Topics: []kafka.TopicPartitionsConfig{{Name: s.options.PaymentTopic, Count: 12}},
	})
	require.NoError(t, err)
	require.NoError(t, res.Errors[s.options.PaymentTopic])
	require.Eventually(t, func() bool {
		_, err := s.client.Metadata(t.Context(), &kafka.MetadataRequest{Topics: []string{s.options.PaymentTopic}})
		require.NoError(t, err)
		require.NoError(t, s.sink().Publish(t.Context(), later("more", 200)))
		return s.Cluster.PartitionInfo(s.options.PaymentTopic, 11).HighWatermark > 0
	}, heals, 100*time.Millisecond, "nothing goes to the new partitions")
	require.Eventually(t, func() bool { return in.size() == 260 }, heals, 5*time.Millisecond, "the new partitions are not read")
}

// A commit that was under way when the topic was replaced leaves the group behind
// the new topic's end.
func TestSourceGoesBackToTheBeginningOfATopicThatIsShorterThanItsCommits(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	require.NoError(t, s.sink().Publish(t.Context(), payments(60)))
	res, err := s.client.OffsetCommit(t.Context(), &kafka.OffsetCommitRequest{
		GroupID: s.options.PaymentTopic, GenerationID: -1,
		Topics: map[string][]kafka.OffsetCommit{s.options.PaymentTopic: {{Partition: 0, Offset: 1000}, {Partition: 3, Offset: 1000}}},
	})
	require.NoError(t, err)
	for _, p := range res.Topics[s.options.PaymentTopic] {
		require.NoError(t, p.Error)
	}
	var in inbox
	start(t, s.source(), in.take)
	require.Eventually(t, func() bool { return in.size() == 60 }, heals, 5*time.Millisecond, "partitions are not read")
}

// What a rejoin cannot mend does not make members leave.
func TestSourceStaysInItsGroupWhenKafkaDoesNotSayWhereItStands(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	var in inbox
	source := s.source()
	start(t, source, in.take)
	require.NoError(t, s.sink().Publish(t.Context(), payments(60)))
	eventually(t, func() bool { return in.size() == 60 && source.Check(t.Context()) == nil }, "not all events came")

	var joins atomic.Int64
	s.Cluster.ControlKey(int16(kmsg.JoinGroup), func(kmsg.Request) (kmsg.Response, error, bool) {
		joins.Add(1)
		return nil, nil, false
	})
	looks := s.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.CoordinatorLoadInProgress, Count: -1})
	eventually(t, func() bool { return source.Check(t.Context()) != nil && looks.Hits() > 3 }, "the offsets are not asked for")
	require.ErrorIs(t, source.Check(t.Context()), kafka.GroupLoadInProgress)
	require.NoError(t, s.sink().Publish(t.Context(), later("more", 60)))
	eventually(t, func() bool { return in.size() == 120 }, "what can be read is not read")
	require.Zero(t, joins.Load())
}

func TestSourceReadsTheOthersIfAPartitionHasNoLeader(t *testing.T) {
	t.Parallel()
	s := newShop(t, startServer(t), "shop")
	require.NoError(t, s.sink().Publish(t.Context(), payments(60)))
	s.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Partitions: []int32{3}, Err: kerr.LeaderNotAvailable, Count: -1})
	var in inbox
	source := s.source()
	start(t, source, in.take)
	others := 60 - int(s.Cluster.PartitionInfo(s.options.PaymentTopic, 3).HighWatermark)
	eventually(t, func() bool { return in.size() == others }, "the others are not read")
	eventually(t, func() bool { return source.Check(t.Context()) != nil }, "a partition is unread without a word")
}

package kafkaorder

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
)

// watchInterval is how often a member looks whether its topic and its group are
// what they were when it joined.
const watchInterval = 2 * time.Second

// errStale means that only joining again makes this member read what is published.
var errStale = errors.New("join the group again")

// member is one stay in the consumer group. kafka-go's own watch of the topic is
// off: while the topic is missing it joins again without a pause, and a topic
// that comes back between the assignment of no partitions and the watch's first
// look stays unread.
type member struct {
	*Source
	client     *kafka.Client
	partitions int

	mu        sync.Mutex
	committed map[int]bool // partitions of which this member committed an offset
}

// consume hands messages over until ctx ends or the stay is found to be stale,
// and returns which of them it was.
func (m *member) consume(ctx context.Context, handle func(context.Context, []order.Event) error) error {
	ctx, leave := context.WithCancelCause(ctx)
	reader := kafka.NewReader(m.config())
	defer reader.Close()
	var watch sync.WaitGroup
	watch.Go(func() { leave(m.watch(ctx)) })
	defer watch.Wait()
	defer leave(nil)
	for {
		group, err := gather(ctx, reader)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			m.warn(ctx, "fetch", err)
			rest(ctx, time.Second)
			continue
		}
		if m.handle(ctx, group, handle) != nil {
			return context.Cause(ctx)
		}
		fault.Point("payments.handled")
		m.commit(ctx, reader, group)
	}
}

// commit notes that the group was handled, also when ctx has just ended. If it
// fails the group comes again, which the contract allows.
func (m *member) commit(ctx context.Context, reader *kafka.Reader, group []kafka.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := reader.CommitMessages(ctx, group...); err != nil {
		m.warn(ctx, "commit", err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, msg := range group {
		m.committed[msg.Partition] = true
	}
}

// watch returns when ctx ends, or when two looks in a row say that the stay is
// stale: one may have asked a broker that is behind.
func (m *member) watch(ctx context.Context) error {
	for stale := 0; ; {
		rest(ctx, watchInterval)
		err := m.look(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, kafka.RebalanceInProgress) {
			continue // the next look will know
		}
		m.note(err)
		if !errors.Is(err, errStale) {
			stale = 0
			continue
		}
		if stale++; stale == 2 {
			return err
		}
	}
}

// look returns why payment events may stay unread. Only what joining again can
// mend is errStale.
func (m *member) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	cluster, err := m.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{m.o.Topic}})
	if err != nil {
		return err
	}
	topic := cluster.Topics[0]
	switch {
	case errors.Is(topic.Error, kafka.UnknownTopicOrPartition):
		return fmt.Errorf("%w: %w", errStale, topic.Error)
	case topic.Error != nil:
		return topic.Error
	case len(topic.Partitions) != m.partitions:
		return fmt.Errorf("%w: the topic has %d partitions instead of %d", errStale, len(topic.Partitions), m.partitions)
	}
	if err := m.assigned(ctx); err != nil {
		return err
	}
	marks, err := m.marks(ctx, m.client, m.partitions)
	if err != nil {
		return err
	}
	for _, at := range marks {
		if at.beyond() || at.committed < 0 && m.hasCommitted(at.partition) {
			return fmt.Errorf("%w: partition %d was made again", errStale, at.partition)
		}
	}
	return nil
}

func (m *member) hasCommitted(partition int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.committed[partition]
}

// assigned fails unless every partition is assigned to a member of the group.
func (m *member) assigned(ctx context.Context) error {
	res, err := m.client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{m.o.GroupID}})
	if err != nil {
		return err
	}
	group := res.Groups[0]
	if group.Error != nil {
		return group.Error
	}
	if group.GroupState != "Stable" {
		return fmt.Errorf("group is %s: %w", group.GroupState, kafka.RebalanceInProgress)
	}
	read := map[int]bool{}
	for _, other := range group.Members {
		for _, t := range other.MemberAssignments.Topics {
			if t.Topic == m.o.Topic {
				for _, p := range t.Partitions {
					read[p] = true
				}
			}
		}
	}
	if len(read) != m.partitions {
		return fmt.Errorf("%w: it reads %d of %d partitions", errStale, len(read), m.partitions)
	}
	return nil
}

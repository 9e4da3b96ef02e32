package kafkaorder

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// mark is where a group stands in a partition. Committed is -1 if the group has
// committed nothing there.
type mark struct {
	partition              int
	first, last, committed int64
}

// beyond reports whether the group stands behind the partition's end, which
// happens when the topic was made again. A reader there waits until the partition
// has grown to where it stands, and skips what came before.
func (at mark) beyond() bool { return at.committed > at.last }

// marks returns where the group stands in each partition. It fails if Kafka does not
// say that of all of them.
func (s *Source) marks(ctx context.Context, client *kafka.Client, partitions int) ([]mark, error) {
	marks := make([]mark, partitions)
	ids := make([]int, partitions)
	var asked []kafka.OffsetRequest
	for p := range partitions {
		ids[p], marks[p] = p, mark{partition: p, committed: -1}
		asked = append(asked, kafka.FirstOffsetOf(p), kafka.LastOffsetOf(p))
	}
	log, err := client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{s.o.Topic: asked}})
	if err != nil {
		return nil, err
	}
	group, err := client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: s.o.GroupID, Topics: map[string][]int{s.o.Topic: ids}})
	if err != nil {
		return nil, err
	}
	var all error
	if !errors.Is(group.Error, kafka.GroupIdNotFound) { // it has committed nothing yet
		all = group.Error
	}
	for _, p := range log.Topics[s.o.Topic] {
		marks[p.Partition].first, marks[p.Partition].last = p.FirstOffset, p.LastOffset
		all = errors.Join(all, p.Error)
	}
	for _, p := range group.Topics[s.o.Topic] {
		marks[p.Partition].committed = p.CommittedOffset
		all = errors.Join(all, p.Error)
	}
	return marks, all
}

// rewind puts the group back to the beginning of each partition in which it
// stands behind the end. Kafka refuses that while the group has members; each of
// them finds the same and leaves. If Kafka does not say where the group stands,
// rewind does nothing, so that a partition without a leader does not keep a member
// from reading the others.
func (s *Source) rewind(ctx context.Context, client *kafka.Client, partitions int) error {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	marks, err := s.marks(ctx, client, partitions)
	if err != nil {
		s.warn(ctx, "look up offsets", err)
		return nil
	}
	var back []kafka.OffsetCommit
	for _, at := range marks {
		if at.beyond() {
			back = append(back, kafka.OffsetCommit{Partition: at.partition, Offset: at.first})
		}
	}
	if len(back) == 0 {
		return nil
	}
	res, err := client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: s.o.GroupID, GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{s.o.Topic: back},
	})
	if err != nil {
		return err
	}
	for _, p := range res.Topics[s.o.Topic] {
		if p.Error != nil {
			err = errors.Join(err, fmt.Errorf("rewind partition %d: %w", p.Partition, p.Error))
		}
	}
	return err
}

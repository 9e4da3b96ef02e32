package kafkaorder

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	maxGroup = 256
	// linger is how long a group that has one message waits for more.
	linger = 2 * time.Millisecond
	// commitTimeout bounds a commit, which waits while the group changes. One that
	// comes too late costs a repeat.
	commitTimeout = 5 * time.Second
)

// config is a reader that starts at the beginning, notices changes in its group
// within a second, and commits when told to.
func (s *Source) config() kafka.ReaderConfig {
	return kafka.ReaderConfig{
		Brokers:           s.brokers,
		GroupID:           s.o.GroupID,
		Topic:             s.o.Topic,
		Dialer:            s.o.Dialer,
		StartOffset:       kafka.FirstOffset,
		QueueCapacity:     maxGroup,
		MinBytes:          1,
		MaxBytes:          4 << 20,
		MaxWait:           s.o.MaxWait,
		HeartbeatInterval: time.Second,
		SessionTimeout:    10 * time.Second,
		RebalanceTimeout:  10 * time.Second,
		JoinGroupBackoff:  time.Second,
		ErrorLogger: kafka.LoggerFunc(func(format string, args ...any) {
			s.o.Logger.Debug("kafka: " + fmt.Sprintf(format, args...))
		}),
	}
}

// gather waits for a message and takes those that come right behind it. An error
// behind the first message is left to the next call, which will meet it too.
func gather(ctx context.Context, reader *kafka.Reader) ([]kafka.Message, error) {
	m, err := reader.FetchMessage(ctx)
	if err != nil {
		return nil, err
	}
	group := []kafka.Message{m}
	ctx, cancel := context.WithTimeout(ctx, linger)
	defer cancel()
	for len(group) < maxGroup {
		m, err := reader.FetchMessage(ctx)
		if err != nil {
			break
		}
		group = append(group, m)
	}
	return group, nil
}

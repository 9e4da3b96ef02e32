package kafkaorder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
)

// SourceOptions say what is read and by whom. The zero value reads what a [Sink]
// with zero options writes.
type SourceOptions struct {
	// Topic is where payment events are. Zero means DefaultPaymentTopic.
	Topic string
	// GroupID names the consumers that share the work. Zero means "seckill_group".
	GroupID string
	// Dialer connects, with TLS and SASL if need be. Zero means kafka.DefaultDialer.
	Dialer *kafka.Dialer
	// MaxWait is how long a broker may think about a fetch when nothing is new. It
	// does not delay events, but the end of Consume, and a change in the group, by
	// up to three quarters of it. Zero means 1 second.
	MaxWait time.Duration
	// Logger gets what went wrong and was tried again, and the messages that were
	// skipped. Zero means nowhere.
	Logger *slog.Logger
}

// Source reads payment events as a member of a consumer group. It is safe for
// concurrent use; each Consume is a member of its own.
//
// A single event is handed over within milliseconds of its publishing. When a
// consumer joins or leaves, its partitions go to others within about a second;
// when one dies, within 10 seconds. A broker may keep the first member of a new
// group waiting for others (group.initial.rebalance.delay.ms, 3 seconds).
type Source struct {
	// Skipped counts messages that are no events.
	Skipped atomic.Int64

	brokers []string
	o       SourceOptions
}

var _ order.Source = (*Source)(nil)

// NewSource returns a source on the brokers at these addresses, "host:port". It
// connects in Consume.
func NewSource(brokers []string, o SourceOptions) *Source {
	if o.Topic == "" {
		o.Topic = DefaultPaymentTopic
	}
	if o.GroupID == "" {
		o.GroupID = "seckill_group"
	}
	if o.Dialer == nil {
		o.Dialer = kafka.DefaultDialer
	}
	if o.MaxWait <= 0 {
		o.MaxWait = time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Source{brokers: brokers, o: o}
}

// Consume implements [order.Source]. It waits for the topic if there is none yet,
// and for the brokers if none answers. What is older than the group is read from
// the topic's beginning.
func (s *Source) Consume(ctx context.Context, handle func(context.Context, []order.Event) error) error {
	config := s.config()
	if err := config.Validate(); err != nil {
		return fmt.Errorf("kafkaorder: consume: %w", err)
	}
	if err := s.awaitTopic(ctx); err != nil {
		return err
	}
	reader := kafka.NewReader(config)
	defer reader.Close()
	for {
		group, err := gather(ctx, reader)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.warn(ctx, "fetch", err)
			rest(ctx, time.Second)
			continue
		}
		if err := s.handle(ctx, group, handle); err != nil {
			return err
		}
		fault.Point("payments.handled")
		s.commit(ctx, reader, group)
	}
}

// handle hands a group over until handle takes it. Only the end of ctx is an
// error.
func (s *Source) handle(ctx context.Context, group []kafka.Message, handle func(context.Context, []order.Event) error) error {
	events := s.events(ctx, group)
	for pause := 50 * time.Millisecond; len(events) > 0; pause = min(2*pause, 5*time.Second) {
		err := handle(ctx, events)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.warn(ctx, "handle", err)
		rest(ctx, pause)
	}
	return nil
}

// events leaves out what is no event: it would be none the next time either.
func (s *Source) events(ctx context.Context, group []kafka.Message) []order.Event {
	events := make([]order.Event, 0, len(group))
	for _, m := range group {
		e, err := decode(m)
		if err != nil {
			s.Skipped.Add(1)
			s.o.Logger.ErrorContext(ctx, "kafka: skipped a message that is no event",
				"topic", m.Topic, "partition", m.Partition, "offset", m.Offset, "error", err)
			continue
		}
		events = append(events, e)
	}
	return events
}

// commit notes that the group was handled, also when ctx has just ended. If it
// fails the group comes again, which the contract allows.
func (s *Source) commit(ctx context.Context, reader *kafka.Reader, group []kafka.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := reader.CommitMessages(ctx, group...); err != nil {
		s.warn(ctx, "commit", err)
	}
}

// awaitTopic returns when every broker knows the whole topic. A group that is
// founded on nothing would be founded anew without a pause; and one whose
// coordinator knew of fewer partitions than there are would leave the rest
// unread, without a word, until somebody joins or leaves.
func (s *Source) awaitTopic(ctx context.Context) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := s.lookup(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.warn(ctx, "look up topic "+s.o.Topic, err)
		rest(ctx, pause)
	}
}

// lookup fails unless the brokers that answer agree on how many partitions there
// are.
func (s *Source) lookup(ctx context.Context) error {
	brokers, err := s.cluster(ctx)
	if err != nil {
		return err
	}
	known := 0
	for _, broker := range brokers {
		partitions, err := s.o.Dialer.LookupPartitions(ctx, "tcp", broker, s.o.Topic)
		if _, answered := errors.AsType[kafka.Error](err); err != nil && !answered {
			continue // it is away, and learns of the topic before it is back
		}
		if err == nil && known != 0 && len(partitions) != known {
			err = fmt.Errorf("the brokers know of %d and of %d partitions", known, len(partitions))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", broker, err)
		}
		known = len(partitions)
	}
	if known == 0 {
		return errors.New("no broker answers")
	}
	return nil
}

// cluster returns the addresses of all brokers.
func (s *Source) cluster(ctx context.Context) ([]string, error) {
	var all error
	for _, broker := range s.brokers {
		addresses, err := s.brokersOf(ctx, broker)
		if err == nil {
			return addresses, nil
		}
		all = errors.Join(all, err)
	}
	return nil, all
}

// lookupTimeout bounds a question that a broker answers from memory.
const lookupTimeout = 5 * time.Second

func (s *Source) brokersOf(ctx context.Context, broker string) ([]string, error) {
	conn, err := s.o.Dialer.DialContext(ctx, "tcp", broker)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(lookupTimeout)); err != nil {
		return nil, err
	}
	brokers, err := conn.Brokers()
	addresses := make([]string, len(brokers))
	for i, b := range brokers {
		addresses[i] = net.JoinHostPort(b.Host, strconv.Itoa(b.Port))
	}
	return addresses, err
}

func (s *Source) warn(ctx context.Context, what string, err error) {
	s.o.Logger.WarnContext(ctx, "kafka: "+what+" failed, trying again", "topic", s.o.Topic, "error", err)
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

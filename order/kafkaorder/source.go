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
	fault   atomic.Pointer[error]
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
// the topic's beginning. If the topic is deleted and made again, Consume reads the
// new one from its beginning, within about 10 seconds.
func (s *Source) Consume(ctx context.Context, handle func(context.Context, []order.Event) error) error {
	config := s.config()
	if err := config.Validate(); err != nil {
		return fmt.Errorf("kafkaorder: consume: %w", err)
	}
	defer s.note(nil)
	client, disconnect := s.connect()
	defer disconnect()
	for {
		partitions, err := s.awaitTopic(ctx, client)
		if err != nil {
			return err
		}
		m := &member{Source: s, client: client, partitions: partitions, committed: map[int]bool{}}
		err = m.consume(ctx, handle)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.warn(ctx, "read", err)
		rest(ctx, time.Second)
	}
}

// Check returns why payment events may stay unread, as Consume found within the
// last seconds: the topic is missing, no broker answers, a partition is assigned
// to no member of the group. It returns nil if no Consume runs.
func (s *Source) Check(context.Context) error {
	if err := s.fault.Load(); err != nil {
		return fmt.Errorf("kafkaorder: topic %s: %w", s.o.Topic, *err)
	}
	return nil
}

// note keeps what Check returns.
func (s *Source) note(err error) {
	if err == nil {
		s.fault.Store(nil)
	} else {
		s.fault.Store(&err)
	}
}

// connect returns a client for questions about the topic and the group. It knows
// the topic as it was 2 seconds ago or later.
func (s *Source) connect() (client *kafka.Client, disconnect func()) {
	t := &kafka.Transport{
		Dial: s.o.Dialer.DialFunc, ClientID: s.o.Dialer.ClientID, TLS: s.o.Dialer.TLS, SASL: s.o.Dialer.SASLMechanism,
		MetadataTTL: watchInterval, MetadataTopics: []string{s.o.Topic},
	}
	return &kafka.Client{Addr: kafka.TCP(s.brokers...), Transport: t}, t.CloseIdleConnections
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

// awaitTopic returns the number of partitions when every broker knows the whole
// topic and the group stands behind the end of none. A group whose coordinator
// knew of fewer partitions than there are would leave the rest unread.
func (s *Source) awaitTopic(ctx context.Context, client *kafka.Client) (int, error) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		partitions, err := s.lookup(ctx)
		if err == nil {
			err = s.rewind(ctx, client, partitions)
		}
		if err == nil {
			return partitions, nil
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		s.note(err)
		s.warn(ctx, "look up topic "+s.o.Topic, err)
		rest(ctx, pause)
	}
}

// lookup fails unless the brokers that answer agree on how many partitions there
// are.
func (s *Source) lookup(ctx context.Context) (int, error) {
	brokers, err := s.cluster(ctx)
	if err != nil {
		return 0, err
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
			return 0, fmt.Errorf("%s: %w", broker, err)
		}
		known = len(partitions)
	}
	if known == 0 {
		return 0, errors.New("no broker answers")
	}
	return known, nil
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

package peer

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/standard"
)

type p2 struct {
	*counter
	events *kafka.Writer
	lost   atomic.Int64
}

// linger is how long an event waits for others. Nobody waits for it, and requests
// cost, as the brokers share the machine: a short linger would flatter the engine.
const linger = 100 * time.Millisecond

// NewP2 makes the honest peer: no lock, one script and one transaction for each
// order. The row in the database is what buyers wait for in turn. The events go
// out behind the commit, many in one request, and no buyer waits for them.
func NewP2(ctx context.Context, c standard.Clients, s Sale) (Peer, error) {
	n, err := open(ctx, c, s)
	if err != nil {
		return nil, err
	}
	p := &p2{counter: n}
	p.events = &kafka.Writer{
		Addr: kafka.TCP(c.Kafka.Brokers...), Topic: Topic, Transport: kafkaClient(c.Kafka).Transport,
		Balancer: &kafka.Hash{}, RequiredAcks: kafka.RequireAll,
		BatchTimeout: linger, BatchSize: 1000, Async: true,
		Completion: func(messages []kafka.Message, err error) {
			if err != nil {
				p.lost.Add(int64(len(messages)))
			}
		},
	}
	return p, nil
}

// Purchase implements [Peer].
func (p *p2) Purchase(ctx context.Context, attempt, user string) (string, error) {
	event, err := p.sell(ctx, attempt, user)
	if event != nil && p.events.WriteMessages(context.WithoutCancel(ctx), *event) != nil {
		p.lost.Add(1)
	}
	return attempt, err
}

// Close implements [Peer].
func (p *p2) Close() error {
	return errors.Join(p.events.Close(), p.close(p.lost.Load()))
}

package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/seckill-go/seckill/standard"
)

type p0 struct {
	*counter
	key        string
	sessions   sessions
	kafka      *kafka.Client
	partitions []int
	lost       atomic.Int64
}

// NewP0 makes the textbook: for each order a lock on the goods in etcd, the
// script, the transaction, the event, and the lock's end.
func NewP0(ctx context.Context, c standard.Clients, s Sale) (Peer, error) {
	n, err := open(ctx, c, s)
	if err != nil {
		return nil, err
	}
	p := &p0{counter: n, sessions: sessions{client: c.Etcd}, kafka: kafkaClient(c.Kafka)}
	p.key = cmp.Or(c.Prefix, "seckill") + "/bench/lock/" + s.GoodsID
	cluster, err := p.kafka.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{Topic}})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("peer: look up the topic: %w", err), n.close(0))
	}
	for _, partition := range cluster.Topics[0].Partitions {
		p.partitions = append(p.partitions, partition.ID)
	}
	return p, nil
}

// Purchase implements [Peer].
func (p *p0) Purchase(ctx context.Context, attempt, user string) (id string, err error) {
	session, err := p.sessions.take(ctx)
	if err != nil {
		return "", err
	}
	mutex := concurrency.NewMutex(session, p.key)
	if err := mutex.Lock(ctx); err != nil {
		return "", errors.Join(fmt.Errorf("peer: lock: %w", err), session.Close())
	}
	ctx = context.WithoutCancel(ctx)
	event, err := p.sell(ctx, attempt, user)
	if event != nil && p.publish(ctx, event) != nil {
		p.lost.Add(1) // the order is committed all the same
	}
	if mutex.Unlock(ctx) != nil {
		_ = session.Close() // its key goes with the session's lease, at the latest when that expires
		return attempt, err
	}
	p.sessions.give(session)
	return attempt, err
}

// publish tries as often as kafka-go's Writer does: a topic that was just made, or
// whose leader moves, refuses for a moment.
func (p *p0) publish(ctx context.Context, m *kafka.Message) (err error) {
	for range 10 {
		if err = p.produce(ctx, m); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// produce sends one message in one request: the Writer takes longer for that, and
// much longer when it may wait for a second message.
func (p *p0) produce(ctx context.Context, m *kafka.Message) error {
	sent, err := p.kafka.Produce(ctx, &kafka.ProduceRequest{
		Topic:        Topic,
		Partition:    (&kafka.Hash{}).Balance(*m, p.partitions...),
		RequiredAcks: kafka.RequireAll,
		Records:      kafka.NewRecordReader(kafka.Record{Key: kafka.NewBytes(m.Key), Value: kafka.NewBytes(m.Value)}),
	})
	if err != nil {
		return err
	}
	return sent.Error
}

// Close implements [Peer]. It ends the sessions too.
func (p *p0) Close() error {
	return errors.Join(p.sessions.close(), p.close(p.lost.Load()))
}

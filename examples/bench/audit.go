package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/examples/bench/peer"
	"github.com/seckill-go/seckill/stock"
)

// losses are what must not happen. All of them are zero, or the run's figures are
// worth nothing.
type losses struct {
	// Oversold is units that are ordered and not in the stock, or sold in one of
	// database and Redis and not in the other.
	Oversold int `json:"oversold"`
	// Lost is orders that a buyer was told of and that are not in the database.
	Lost int `json:"lost"`
	// Duplicate is orders that a buyer was told of twice, or that share an id.
	Duplicate int `json:"duplicate"`
	// EventsMissing is orders without an event in Kafka.
	EventsMissing int `json:"events_missing"`
}

func (l *losses) add(other losses) {
	l.Oversold += other.Oversold
	l.Lost += other.Lost
	l.Duplicate += other.Duplicate
	l.EventsMissing += other.EventsMissing
}

// booksOf compares what buyers of some goods were told with what the engine's
// backends say.
func (m *market) booksOf(goodsIDs ...string) func(context.Context, []string) (losses, error) {
	return func(ctx context.Context, told []string) (losses, error) {
		if err := m.settled(ctx); err != nil {
			return losses{}, err
		}
		orders := make(map[string]bool)
		var all losses
		for _, goodsID := range goodsIDs {
			l, err := m.bookOf(ctx, goodsID, orders)
			if err != nil {
				return losses{}, err
			}
			all.add(l)
		}
		all.add(compare(told, orders))
		missing, err := m.missing(ctx, m.clients.Kafka.Topics()[0], orders)
		all.add(losses{EventsMissing: missing})
		return all, err
	}
}

// bookOf looks whether the backends agree on one goods, and adds its orders.
func (m *market) bookOf(ctx context.Context, goodsID string, orders map[string]bool) (losses, error) {
	sold := 0
	for o, err := range m.options.Orders.Sales(ctx, goodsID) {
		if err != nil {
			return losses{}, err
		}
		orders[o.ID] = true
		sold += o.Quantity
	}
	row, err := m.options.Orders.Stock(ctx, goodsID)
	if err != nil {
		return losses{}, err
	}
	gate, err := m.gateAtRest(ctx, goodsID)
	return losses{Oversold: apart(sold, row.Sold) + apart(row.Sold, gate.Total-gate.Left)}, err
}

// gateAtRest returns the gate's counts once nothing is held: a group answers its
// buyers before it tells the gate. After a minute it returns what they are then.
func (m *market) gateAtRest(ctx context.Context, goodsID string) (stock.Counts, error) {
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		c, err := m.options.Stock.Counts(ctx, goodsID)
		if err != nil || c.Held == 0 || ctx.Err() != nil || time.Now().After(end) {
			return c, err
		}
	}
}

// compare looks for what buyers were told among the orders that there are.
func compare(told []string, orders map[string]bool) (l losses) {
	seen := make(map[string]bool, len(told))
	for _, id := range told {
		if seen[id] {
			l.Duplicate++
		}
		seen[id] = true
		if !orders[id] {
			l.Lost++
		}
	}
	return l
}

func apart(a, b int) int { return max(a-b, b-a) }

// booksOfPeer is booksOf for a peer, which it closes. It goes by numbers: a peer
// does not name its orders.
func (m *market) booksOfPeer(p peer.Peer) func(context.Context, []string) (losses, error) {
	return func(ctx context.Context, told []string) (losses, error) {
		b, err := p.Check(ctx)
		if err := errors.Join(err, p.Close()); err != nil {
			return losses{}, err
		}
		orders := make(map[string]bool, len(told))
		for _, id := range told {
			orders[id] = true
		}
		l := losses{
			Oversold:  apart(b.Orders, b.Sold) + apart(b.Sold, b.Taken),
			Lost:      max(0, len(orders)-b.Orders),
			Duplicate: len(told) - len(orders) + b.Orders - b.Attempts,
		}
		l.EventsMissing, err = m.missing(ctx, peer.Topic, orders)
		return l, err
	}
}

// offsets are where each partition of a topic ended when it was last looked at.
type offsets map[string]map[int]int64

// missing counts the orders without an event among those that came to the topic
// since it was last asked.
func (m *market) missing(ctx context.Context, topic string, orders map[string]bool) (int, error) {
	ends, err := m.ends(ctx, topic)
	if err != nil {
		return 0, err
	}
	missing := make(map[string]bool, len(orders))
	for id := range orders {
		missing[id] = true
	}
	for partition, end := range ends {
		if err := m.read(ctx, topic, partition, m.offsets[topic][partition], end, func(key string) { delete(missing, key) }); err != nil {
			return 0, fmt.Errorf("read topic %s, partition %d: %w", topic, partition, err)
		}
	}
	m.offsets[topic] = ends
	return len(missing), nil
}

// ends returns where each partition of the topic ends.
func (m *market) ends(ctx context.Context, topic string) (map[int]int64, error) {
	meta, err := m.kafka().Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, err
	}
	var ask []kafka.OffsetRequest
	for _, t := range meta.Topics {
		for _, p := range t.Partitions {
			ask = append(ask, kafka.LastOffsetOf(p.ID))
		}
	}
	r, err := m.kafka().ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: ask}})
	if err != nil {
		return nil, err
	}
	ends := make(map[int]int64)
	for _, p := range r.Topics[topic] {
		if p.Error != nil {
			return nil, p.Error
		}
		ends[p.Partition] = p.LastOffset
	}
	return ends, nil
}

// read calls f with the key of each record of a partition.
func (m *market) read(ctx context.Context, topic string, partition int, from, to int64, f func(key string)) error {
	for from < to {
		r, err := m.kafka().Fetch(ctx, &kafka.FetchRequest{
			Topic: topic, Partition: partition, Offset: from, MinBytes: 1, MaxBytes: 8 << 20, MaxWait: time.Second,
		})
		if err == nil {
			err = r.Error
		}
		for err == nil {
			var record *kafka.Record
			if record, err = r.Records.ReadRecord(); err == nil {
				key, _ := kafka.ReadAll(record.Key)
				f(string(key))
				from = record.Offset + 1
			}
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

func (m *market) kafka() *kafka.Client {
	return &kafka.Client{Addr: kafka.TCP(m.clients.Kafka.Brokers...), Transport: m.clients.Kafka.Transport}
}

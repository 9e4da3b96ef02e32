// Package clients opens what a shop has ready anyway: the clients of Redis, etcd,
// the database and Kafka, with the settings that the engine's backends want.
package clients

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/examples/internal/conf"
	"github.com/seckill-go/seckill/standard"
)

// Clients are open until Close.
type Clients struct {
	standard.Clients
	transport *kafka.Transport
}

// patience bounds how long Open waits for the backends.
const patience = 10 * time.Second

// Open opens a client for each backend and asks all of them at the same time,
// again and again, until each has answered or 10 s are over. The error names
// every backend that has not, with where it should be and its last word.
func Open(ctx context.Context, c conf.Config) (*Clients, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	all := &Clients{transport: &kafka.Transport{DialTimeout: 2 * time.Second, ClientID: "seckill"}}
	all.Kafka = standard.Kafka{
		Brokers: c.Kafka.Brokers, Topic: c.Kafka.Topic, PaymentTopic: c.Kafka.PaymentTopic, GroupID: c.Kafka.GroupID,
		Transport: all.transport,
	}
	var faults [4]error
	var wait sync.WaitGroup
	wait.Go(func() {
		faults[0] = insist(ctx, databaseName(c.Database), func(ctx context.Context) error { return all.openDB(ctx, c.Database) })
	})
	wait.Go(func() {
		faults[1] = insist(ctx, redisName(c.Redis), func(ctx context.Context) error { return all.openRedis(ctx, c.Redis) })
	})
	wait.Go(func() {
		faults[2] = insist(ctx, "kafka at "+strings.Join(c.Kafka.Brokers, ","), func(ctx context.Context) error { return all.openKafka(ctx) })
	})
	wait.Go(func() {
		faults[3] = insist(ctx, "etcd at "+strings.Join(c.Etcd.Host, ","), func(ctx context.Context) error { return all.openEtcd(ctx, c.Etcd) })
	})
	wait.Wait()
	if err := errors.Join(faults[:]...); err != nil {
		all.Close()
		return nil, err
	}
	return all, nil
}

// insist calls open until it succeeds or ctx ends; each call has at most 3 s.
func insist(ctx context.Context, name string, open func(context.Context) error) error {
	start := time.Now()
	for {
		try, cancel := context.WithTimeout(ctx, 3*time.Second)
		err := open(try)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%s: no answer within %v: %w", name, time.Since(start).Round(100*time.Millisecond), err)
		}
	}
}

// Close closes the clients that are open, the last opened first.
func (c *Clients) Close() error {
	var faults []error
	c.transport.CloseIdleConnections()
	if c.Etcd != nil {
		faults = append(faults, c.Etcd.Close())
	}
	if c.Redis != nil {
		faults = append(faults, c.Redis.Close())
	}
	for _, db := range []*gorm.DB{c.Packets, c.DB} {
		if db == nil {
			continue
		}
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

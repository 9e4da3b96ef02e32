// Package clients opens what a shop has ready anyway: the clients of Redis, etcd,
// the database and Kafka, with the settings that the engine's backends want.
package clients

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// Open opens a client for each backend and asks all of them at the same time. A
// backend that does not answer yet is asked again and again, until 10 s are over;
// one that answers and refuses is not. The error names every backend that cannot be
// used, with where it should be and why.
func Open(ctx context.Context, c conf.Config) (*Clients, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	all := &Clients{transport: &kafka.Transport{DialTimeout: 2 * time.Second, ClientID: "seckill"}}
	all.Kafka = standard.Kafka{
		Brokers: c.Kafka.Brokers, Topic: c.Kafka.Topic, PaymentTopic: c.Kafka.PaymentTopic, GroupID: c.Kafka.GroupID,
		Transport: all.transport,
	}
	servers := []server{
		{DatabaseName(c.Database), nil, func(ctx context.Context) error { return all.openDB(ctx, c.Database) }},
		{redisName(c.Redis), append(slices.Clone(c.Redis.ClusterNodes), one(c.Redis.Addr)...), func(ctx context.Context) error { return all.openRedis(ctx, c.Redis) }},
		{"kafka at " + strings.Join(c.Kafka.Brokers, ","), c.Kafka.Brokers, all.openKafka},
		{"etcd at " + strings.Join(c.Etcd.Host, ","), c.Etcd.Host, func(ctx context.Context) error { return all.openEtcd(ctx, c.Etcd) }},
	}
	faults := make([]error, len(servers))
	var wait sync.WaitGroup
	for i, s := range servers {
		wait.Go(func() { faults[i] = s.insist(ctx) })
	}
	wait.Wait()
	if err := errors.Join(faults...); err != nil {
		all.Close()
		return nil, err
	}
	return all, nil
}

// server is one to open a client of.
type server struct {
	name string
	// addresses are where to look for the cause if its client does not say it.
	addresses []string
	open      func(context.Context) error
}

// insist calls open until it succeeds, is refused for good, or ctx ends; each call
// has at most 3 s.
func (s server) insist(ctx context.Context) error {
	start := time.Now()
	for {
		try, cancel := context.WithTimeout(ctx, 3*time.Second)
		err := s.open(try)
		cancel()
		if err == nil {
			return nil
		}
		err = cause(ctx, s.addresses, err)
		if _, ok := errors.AsType[definite](err); ok {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%s: no answer within %v: %w", s.name, time.Since(start).Round(100*time.Millisecond), err)
		}
	}
}

func one(address string) []string {
	if address == "" {
		return nil
	}
	return []string{address}
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

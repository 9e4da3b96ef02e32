package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/standard"
)

// sweepUp removes what a benchmark made on servers that others use too: the
// database, the topics and the keys that bear its name.
func sweepUp(c standard.Clients) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := kafka.Client{Addr: kafka.TCP(c.Kafka.Brokers...), Transport: c.Kafka.Transport}
	_, topics := client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: c.Kafka.Topics()})
	_, keys := c.Etcd.Delete(ctx, c.Prefix, clientv3.WithPrefix())
	err := errors.Join(
		c.DB.WithContext(ctx).Exec("DROP DATABASE "+c.DB.Migrator().CurrentDatabase()).Error,
		topics, keys, unlink(ctx, c.Redis, c.Prefix+"*"))
	if err != nil {
		return fmt.Errorf("what is named %s is not all removed: %w", c.Prefix, err)
	}
	return nil
}

// unlink removes the keys of a pattern from every master.
func unlink(ctx context.Context, client redis.UniversalClient, pattern string) error {
	remove := func(ctx context.Context, node *redis.Client) error {
		keys := node.Scan(ctx, 0, pattern, 1000).Iterator()
		for keys.Next(ctx) {
			if err := node.Unlink(ctx, keys.Val()).Err(); err != nil {
				return err
			}
		}
		return keys.Err()
	}
	if cluster, ok := client.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, remove)
	}
	return remove(ctx, client.(*redis.Client))
}

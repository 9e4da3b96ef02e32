//go:build real

package seckilltest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/standard"
)

// clients are those of the servers of make cluster-up, on which each test has a
// keyspace of its own.
func clients(t testing.TB) standard.Clients {
	topics := realtest.Topics(t, 2)
	r, etcd := realtest.Redis(t), realtest.Etcd(t)
	prefix := realtest.RedisPrefix(t, r)
	t.Cleanup(func() { realtest.ForgetEtcd(t, etcd, prefix) })
	c := standard.Clients{
		Redis: r, Etcd: etcd, DB: realtest.DB(t), Prefix: prefix,
		Kafka: standard.Kafka{Brokers: realtest.Brokers(), Topic: topics[0], PaymentTopic: topics[1], GroupID: prefix},
	}
	require.NoError(t, standard.Prepare(t.Context(), c))
	return c
}

//go:build real

package primitive_test

import (
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/bench/primitive"
	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/standard"
)

func TestEachMeasuresOnRealServersAndLeavesNoTable(t *testing.T) {
	c := standard.Clients{
		Redis: realtest.Redis(t), Etcd: realtest.Etcd(t), DB: realtest.DB(t), Prefix: realtest.Name(),
		Kafka: standard.Kafka{Brokers: realtest.Brokers(), Transport: &kafka.Transport{}},
	}
	t.Cleanup(func() { realtest.Forget(t, c.Redis, c.Prefix) })
	t.Cleanup(func() { realtest.ForgetEtcd(t, c.Etcd, c.Prefix) })
	require.NoError(t, gormorder.Migrate(t.Context(), c.DB))
	before, err := c.DB.Migrator().GetTables()
	require.NoError(t, err)
	for _, p := range primitive.All {
		rate, err := p.Run(t.Context(), c, time.Second)
		require.NoError(t, err, p.Name)
		require.Positive(t, rate, p.Name)
		t.Logf("%s: %.0f/s", p.Name, rate)
	}
	after, err := c.DB.Migrator().GetTables()
	require.NoError(t, err)
	require.ElementsMatch(t, before, after)
}

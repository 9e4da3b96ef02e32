package counting_test

import (
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/seckill-go/seckill/internal/counting"
	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/internal/kafkaserver"
	"github.com/seckill-go/seckill/internal/redisserver"
)

func TestCommandsOfRedisAreCounted(t *testing.T) {
	server, err := redisserver.Start()
	require.NoError(t, err)
	t.Cleanup(server.Close)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{server.Addr}, ClientName: "counted", DB: 1})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	calls := new(counting.Calls)
	calls.Redis(client)
	ctx, script := t.Context(), redis.NewScript("return 1")

	require.NoError(t, client.Set(ctx, "a", 1, 0).Err(), "which opens a connection")
	require.EqualValues(t, 1, calls.Snapshot().Redis)
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		return errors.Join(p.Get(ctx, "a").Err(), p.Incr(ctx, "a").Err(), p.Del(ctx, "a").Err())
	})
	require.NoError(t, err)
	require.EqualValues(t, 4, calls.Snapshot().Redis)
	require.NoError(t, script.Load(ctx, client).Err())
	require.NoError(t, script.Run(ctx, client, nil).Err())
	require.EqualValues(t, 6, calls.Snapshot().Redis)
	require.ErrorIs(t, client.Get(ctx, "a").Err(), redis.Nil)
	require.Equal(t, counting.Counts{Redis: 7}, calls.Snapshot())
}

func TestProduceRequestsAreCountedAndOthersAreNot(t *testing.T) {
	server, err := kafkaserver.Start(kafkaserver.Options{Topics: []string{"a"}})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	inner := &kafka.Transport{}
	t.Cleanup(inner.CloseIdleConnections)
	calls := new(counting.Calls)
	client := &kafka.Client{Addr: kafka.TCP(server.Brokers...), Transport: calls.Transport(inner)}

	for i := range 3 {
		_, err := client.Metadata(t.Context(), &kafka.MetadataRequest{Topics: []string{"a"}})
		require.NoError(t, err)
		answer, err := client.Produce(t.Context(), &kafka.ProduceRequest{
			Topic: "a", Partition: i, RequiredAcks: kafka.RequireAll,
			Records: kafka.NewRecordReader(kafka.Record{Value: kafka.NewBytes([]byte("1"))}, kafka.Record{Value: kafka.NewBytes([]byte("2"))}),
		})
		require.NoError(t, errors.Join(err, answer.Error))
		require.Equal(t, counting.Counts{Produce: int64(i + 1)}, calls.Snapshot())
	}
}

func TestNoTransportIsTheDefaultOne(t *testing.T) {
	server, err := kafkaserver.Start(kafkaserver.Options{Topics: []string{"a"}})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	t.Cleanup(kafka.DefaultTransport.(*kafka.Transport).CloseIdleConnections)
	client := &kafka.Client{Addr: kafka.TCP(server.Brokers...), Transport: new(counting.Calls).Transport(nil)}
	_, err = client.Metadata(t.Context(), &kafka.MetadataRequest{Topics: []string{"a"}})
	require.NoError(t, err)
}

func TestRequestsToEtcdAreCounted(t *testing.T) {
	server, err := etcdserver.Start(t.Context(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	calls := new(counting.Calls)
	client, err := clientv3.New(clientv3.Config{
		Endpoints: []string{server.Endpoint}, Logger: zap.NewNop(), DialOptions: calls.DialOptions(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	ctx := t.Context()
	require.Zero(t, calls.Snapshot())

	_, err = client.Put(ctx, "a", "1")
	require.NoError(t, err)
	_, err = client.Txn(ctx).Then(clientv3.OpGet("a"), clientv3.OpPut("a", "2")).Commit()
	require.NoError(t, err)
	require.EqualValues(t, 2, calls.Snapshot().Etcd)
	lease, err := client.Grant(ctx, 60)
	require.NoError(t, err)
	require.EqualValues(t, 3, calls.Snapshot().Etcd)
	for range 2 {
		_, err = client.KeepAliveOnce(ctx, lease.ID)
		require.NoError(t, err)
	}
	require.EqualValues(t, 5, calls.Snapshot().Etcd, "each keep-alive is a message")
	events := client.Watch(ctx, "a", clientv3.WithCreatedNotify())
	require.True(t, (<-events).Created)
	require.EqualValues(t, 6, calls.Snapshot().Etcd)
	_, err = client.Put(ctx, "a", "3")
	require.NoError(t, err)
	require.Len(t, (<-events).Events, 1)
	require.Equal(t, counting.Counts{Etcd: 7}, calls.Snapshot(), "what etcd tells by itself is no request")
}

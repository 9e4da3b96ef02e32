package embedded_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/order/kafkaorder"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, o embedded.Options) *embedded.Servers {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	servers, err := embedded.Start(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	return servers
}

func TestEveryServerAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Options{})
	require.NoError(t, s.Redis.Ping(t.Context()).Err())
	_, err := s.Etcd.Get(t.Context(), "any")
	require.NoError(t, err)
	_, err = gormorder.New(s.DB, gormorder.Options{}).Get(t.Context(), "any")
	require.ErrorIs(t, err, order.ErrNotFound)
	require.NoError(t, kafkaorder.NewSink(&kafka.Client{
		Addr: kafka.TCP(s.Brokers...), Transport: s.Clients().Kafka.Transport,
	}, kafkaorder.SinkOptions{}).Check(t.Context()))
}

func TestOtherProcessesMayJoin(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Options{})
	r := redis.NewClient(&redis.Options{Addr: s.RedisAddr})
	defer r.Close()
	require.NoError(t, r.Set(t.Context(), "k", "v", 0).Err())
	require.Equal(t, "v", s.Redis.Get(t.Context(), "k").Val())

	e, err := clientv3.New(clientv3.Config{Endpoints: []string{s.EtcdEndpoint}})
	require.NoError(t, err)
	defer e.Close()
	_, err = e.Put(t.Context(), "k", "v")
	require.NoError(t, err)

	db, err := sqlitedb.Open(s.Database)
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	defer pool.Close()
	_, err = gormorder.New(db, gormorder.Options{}).Open(t.Context(), "1001", 1, 5)
	require.NoError(t, err)
	row, err := gormorder.New(s.DB, gormorder.Options{}).Stock(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, 5, row.Total)
}

func TestAFolderKeepsTheLedgerAndTheSettings(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "for", "me")
	first := start(t, embedded.Options{Dir: dir})
	_, err := gormorder.New(first.DB, gormorder.Options{}).Open(t.Context(), "1001", 1, 5)
	require.NoError(t, err)
	_, err = first.Etcd.Put(t.Context(), "kept", "yes")
	require.NoError(t, err)
	require.NoError(t, first.Redis.Set(t.Context(), "kept", "no", 0).Err())
	require.NoError(t, first.Close())

	second := start(t, embedded.Options{Dir: dir})
	row, err := gormorder.New(second.DB, gormorder.Options{}).Stock(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, 5, row.Total)
	got, err := second.Etcd.Get(t.Context(), "kept")
	require.NoError(t, err)
	require.Len(t, got.Kvs, 1)
	require.ErrorIs(t, second.Redis.Get(t.Context(), "kept").Err(), redis.Nil)
}

func TestAFolderInUseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, embedded.Options{Dir: dir})
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	require.ErrorContains(t, err, fmt.Sprintf("in use by another process (%d)", os.Getpid()))
	require.ErrorContains(t, err, dir)
	require.NoError(t, first.Redis.Ping(t.Context()).Err())
	require.NoError(t, first.Close())
	start(t, embedded.Options{Dir: dir})
}

func TestWithoutAFolderNothingIsLeft(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	s := start(t, embedded.Options{})
	require.FileExists(t, s.Database)
	require.NoError(t, s.Close())
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestCloseMayBeCalledAgain(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Options{})
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.Error(t, s.Redis.Ping(t.Context()).Err())
}

func TestAFailedStartLeavesNothingRunning(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := embedded.Start(ctx, embedded.Options{})
	require.ErrorIs(t, err, context.Canceled)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)

	file := filepath.Join(temp, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = embedded.Start(t.Context(), embedded.Options{Dir: file})
	require.ErrorContains(t, err, file)
}

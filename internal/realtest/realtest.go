//go:build real

package realtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seckill-go/seckill/standard"
)

// Clients are those of the servers of make cluster-up, on which each test has a
// keyspace of its own.
func Clients(t testing.TB) standard.Clients {
	t.Helper()
	topics := Topics(t, 2)
	r, etcd := Redis(t), Etcd(t)
	prefix := RedisPrefix(t, r)
	t.Cleanup(func() { ForgetEtcd(t, etcd, prefix) })
	c := standard.Clients{
		Redis: r, Etcd: etcd, DB: DB(t), Prefix: prefix,
		Kafka: standard.Kafka{Brokers: Brokers(), Topic: topics[0], PaymentTopic: topics[1], GroupID: prefix},
	}
	require.NoError(t, standard.Prepare(t.Context(), c))
	return c
}

// Name is a name that no other test has.
func Name() string { return "test_" + strings.ToLower(rand.Text()[:12]) }

func addresses(variable, fallback string) []string {
	return strings.Split(cmp.Or(os.Getenv(variable), fallback), ",")
}

// Redis connects to the Redis Cluster.
func Redis(t testing.TB) redis.UniversalClient {
	t.Helper()
	nodes := addresses("SECKILL_TEST_REDIS", "127.0.0.1:7000,127.0.0.1:7001,127.0.0.1:7002,127.0.0.1:7003,127.0.0.1:7004,127.0.0.1:7005")
	c := newRedis(nodes)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.Ping(t.Context()).Err(), "Redis")
	return c
}

func newRedis(nodes []string) redis.UniversalClient {
	if len(nodes) == 1 {
		return redis.NewClient(&redis.Options{Addr: nodes[0], MaxRetries: -1, ContextTimeoutEnabled: true})
	}
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: nodes, MaxRetries: -1, ContextTimeoutEnabled: true,
		ClusterStateReloadInterval: time.Second, // a node that took over is found also when nobody redirects
	})
}

// RedisPrefix returns a prefix for keys, which are removed when the test ends.
func RedisPrefix(t testing.TB, c redis.UniversalClient) string {
	t.Helper()
	prefix := Name()
	t.Cleanup(func() { Forget(t, c, prefix) })
	return prefix
}

// Forget removes every key with the prefix, as a flushed Redis would.
func Forget(t testing.TB, c redis.UniversalClient, prefix string) {
	t.Helper()
	remove := func(ctx context.Context, c redis.Cmdable) error {
		keys := c.Scan(ctx, 0, prefix+"*", 1000).Iterator()
		for keys.Next(ctx) {
			if err := c.Unlink(ctx, keys.Val()).Err(); err != nil {
				return err
			}
		}
		return keys.Err()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if cluster, ok := c.(*redis.ClusterClient); ok {
		require.NoError(t, cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error { return remove(ctx, master) }))
		return
	}
	require.NoError(t, remove(ctx, c))
}

// Etcd connects to etcd.
func Etcd(t testing.TB) *clientv3.Client {
	t.Helper()
	c, err := clientv3.New(clientv3.Config{
		Endpoints:   addresses("SECKILL_TEST_ETCD", "127.0.0.1:2379,127.0.0.1:2381,127.0.0.1:2383"),
		DialTimeout: 5 * time.Second,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err = c.Get(ctx, "health")
	require.NoError(t, err, "etcd")
	return c
}

// EtcdPrefix returns a prefix for keys, which are removed when the test ends.
func EtcdPrefix(t testing.TB, c *clientv3.Client) string {
	t.Helper()
	prefix := Name()
	t.Cleanup(func() { ForgetEtcd(t, c, prefix) })
	return prefix
}

// ForgetEtcd removes every key with the prefix.
func ForgetEtcd(t testing.TB, c *clientv3.Client, prefix string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := c.Delete(ctx, prefix, clientv3.WithPrefix())
	require.NoError(t, err)
}

// DB makes a database, which is dropped when the test ends. Its connections have
// the settings that a shop's should, but for what change does to them.
func DB(t testing.TB, change ...func(*driver.Config)) *gorm.DB {
	t.Helper()
	dsn := source(t, change)
	dsn.DBName = ""
	server := open(t, dsn)
	name := Name()
	require.NoError(t, server.Exec("CREATE DATABASE "+name).Error)
	t.Cleanup(func() { require.NoError(t, server.Exec("DROP DATABASE "+name).Error) })
	dsn.DBName = name
	return open(t, dsn)
}

// Again opens another pool to the database of db.
func Again(t testing.TB, db *gorm.DB, change ...func(*driver.Config)) *gorm.DB {
	t.Helper()
	var name string
	require.NoError(t, db.Raw("SELECT DATABASE()").Row().Scan(&name))
	return Named(t, name, change...)
}

// Named opens a pool to a database that [DB] made, of another process perhaps.
func Named(t testing.TB, name string, change ...func(*driver.Config)) *gorm.DB {
	t.Helper()
	dsn := source(t, change)
	dsn.DBName = name
	return open(t, dsn)
}

// MySQLAddr is where MySQL or MariaDB listens.
func MySQLAddr(t testing.TB) string { return source(t, nil).Addr }

func source(t testing.TB, change []func(*driver.Config)) *driver.Config {
	t.Helper()
	dsn, err := driver.ParseDSN(cmp.Or(os.Getenv("SECKILL_TEST_MYSQL"), "root:123456@tcp(127.0.0.1:3306)/"))
	require.NoError(t, err, "SECKILL_TEST_MYSQL")
	dsn.InterpolateParams, dsn.MultiStatements, dsn.RejectReadOnly, dsn.ParseTime = true, true, true, true
	dsn.Timeout, dsn.ReadTimeout, dsn.WriteTimeout = 3*time.Second, 10*time.Second, 10*time.Second
	dsn.Logger = &driver.NopLogger{} // errors are returned
	for _, c := range change {
		c(dsn)
	}
	return dsn
}

func open(t testing.TB, dsn *driver.Config) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(mysql.Open(dsn.FormatDSN()), &gorm.Config{Logger: logger.Discard, SkipDefaultTransaction: true, TranslateError: true})
	require.NoError(t, err, "MySQL")
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(32)
	pool.SetMaxIdleConns(32)
	t.Cleanup(func() { _ = pool.Close() })
	return db
}

// OneByOne is for [DB]: each statement goes by itself, and its arguments too.
func OneByOne(c *driver.Config) { c.InterpolateParams, c.MultiStatements = false, false }

// Brokers are Kafka's.
func Brokers() []string {
	return addresses("SECKILL_TEST_KAFKA", "127.0.0.1:9092,127.0.0.1:9094,127.0.0.1:9096")
}

// Topics returns the names of so many topics, which are removed when the test
// ends.
func Topics(t testing.TB, n int) []string {
	t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = Name()
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		c := &kafka.Client{Addr: kafka.TCP(Brokers()...)}
		_, err := c.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: names})
		require.NoError(t, err)
	})
	return names
}

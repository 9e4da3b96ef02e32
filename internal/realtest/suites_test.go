//go:build real

package realtest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/blacklist/blacklisttest"
	"github.com/seckill-go/seckill/blacklist/etcdblacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/goods/goodstest"
	"github.com/seckill-go/seckill/goods/gormgoods"
	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/limiter/limitertest"
	"github.com/seckill-go/seckill/limiter/redislimiter"
	"github.com/seckill-go/seckill/lock/etcdlock"
	"github.com/seckill-go/seckill/lock/locktest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/order/kafkaorder"
	"github.com/seckill-go/seckill/order/ordertest"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/session/redissession"
	"github.com/seckill-go/seckill/session/sessiontest"
	"github.com/seckill-go/seckill/settings/etcdsettings"
	"github.com/seckill-go/seckill/settings/settingstest"
	"github.com/seckill-go/seckill/stock/redisstock"
	"github.com/seckill-go/seckill/stock/stocktest"
)

func TestStockOnRedis(t *testing.T) {
	c := realtest.Redis(t)
	stocktest.Run(t, func(t *testing.T) stocktest.Fixture {
		return stocktest.Fixture{Store: redisstock.New(c, redisstock.Options{Prefix: realtest.RedisPrefix(t, c)}), Advance: time.Sleep}
	})
}

func TestLimiterOnRedis(t *testing.T) {
	c := realtest.Redis(t)
	limitertest.Run(t, func(t *testing.T) limiter.Limiter {
		return redislimiter.New(c, redislimiter.Options{Prefix: realtest.RedisPrefix(t, c)})
	})
}

func TestSessionsOnRedis(t *testing.T) {
	c := realtest.Redis(t)
	sessiontest.Run(t, func(t *testing.T) session.Store {
		return redissession.New(c, redissession.Options{Prefix: realtest.RedisPrefix(t, c)})
	})
}

func TestLockOnEtcd(t *testing.T) {
	locktest.Run(t, func(t *testing.T) locktest.Fixture {
		c, node := realtest.Etcd(t), realtest.Etcd(t)
		o := etcdlock.Options{Prefix: realtest.EtcdPrefix(t, c), Timeout: 10 * time.Second}
		return locktest.Fixture{Locker: etcdlock.New(node, o), Other: etcdlock.New(c, o), Crash: func() { _ = node.Close() }}
	})
}

func TestSettingsOnEtcd(t *testing.T) {
	settingstest.Run(t, func(t *testing.T) settingstest.Fixture {
		c := realtest.Etcd(t)
		o := etcdsettings.Options{Prefix: realtest.EtcdPrefix(t, c)}
		a, b := etcdsettings.New(c, o), etcdsettings.New(c, o)
		run(t, a.Run)
		run(t, b.Run)
		return settingstest.Fixture{A: a, B: b}
	})
}

func TestBlacklistOnEtcd(t *testing.T) {
	blacklisttest.Run(t, func(t *testing.T) blacklisttest.Fixture {
		c := realtest.Etcd(t)
		o := etcdblacklist.Options{Prefix: realtest.EtcdPrefix(t, c)}
		a, b := etcdblacklist.New(c, o), etcdblacklist.New(c, o)
		run(t, a.Run)
		run(t, b.Run)
		return blacklisttest.Fixture{A: a, B: b}
	})
}

func TestLedgerOnMySQL(t *testing.T) { ledgerOnMySQL(t) }

func TestLedgerOnMySQLStatementByStatement(t *testing.T) { ledgerOnMySQL(t, realtest.OneByOne) }

func TestLedgerOnMySQLThatForgetsLocksAndIsolation(t *testing.T) { ledgerOnCareless(t) }

func TestLedgerOnMySQLThatForgetsLocksAndIsolationStatementByStatement(t *testing.T) {
	ledgerOnCareless(t, realtest.OneByOne)
}

func ledgerOnCareless(t *testing.T, change ...func(*mysql.Config)) {
	ordertest.RunStore(t, func(t *testing.T) order.Store {
		db := realtest.Careless(t, change...)
		require.NoError(t, gormorder.Migrate(t.Context(), db))
		// Gaps that REPEATABLE READ locks make groups of one user deadlock again and again.
		return gormorder.New(db, gormorder.Options{Page: 100, Tries: 1000})
	})
}

func ledgerOnMySQL(t *testing.T, change ...func(*mysql.Config)) {
	ordertest.RunStore(t, func(t *testing.T) order.Store {
		db := realtest.DB(t, change...)
		require.NoError(t, gormorder.Migrate(t.Context(), db))
		return gormorder.New(db, gormorder.Options{Page: 100})
	})
}

func TestCatalogOnMySQL(t *testing.T) {
	goodstest.Run(t, func(t *testing.T) goods.Catalog {
		db := realtest.DB(t)
		require.NoError(t, gormgoods.Migrate(t.Context(), db))
		return gormgoods.New(db, gormgoods.Options{})
	})
}

func TestSinkAndSourceOnKafka(t *testing.T) {
	ordertest.RunSink(t, func(t *testing.T) ordertest.SinkFixture {
		topics := realtest.Topics(t, 2)
		client := &kafka.Client{Addr: kafka.TCP(realtest.Brokers()...)}
		require.NoError(t, kafkaorder.EnsureTopics(t.Context(), client, kafkaorder.TopicOptions{}, topics...))
		return ordertest.SinkFixture{
			Sink:   kafkaorder.NewSink(client, kafkaorder.SinkOptions{Topic: topics[0], PaymentTopic: topics[1]}),
			Source: kafkaorder.NewSource(realtest.Brokers(), kafkaorder.SourceOptions{Topic: topics[1], GroupID: topics[1]}),
		}
	})
}

func TestAPaymentTopicThatIsMadeAgainOnKafkaIsRead(t *testing.T) {
	topics := realtest.Topics(t, 2)
	client := &kafka.Client{Addr: kafka.TCP(realtest.Brokers()...), Transport: &kafka.Transport{MetadataTTL: time.Second}}
	missing := func() bool { // asks a broker: a client knows what it learnt a second ago
		conn, err := kafka.DialContext(t.Context(), "tcp", realtest.Brokers()[0])
		require.NoError(t, err)
		defer conn.Close()
		_, err = conn.ReadPartitions(topics[1])
		return errors.Is(err, kafka.UnknownTopicOrPartition)
	}
	ensure := func() {
		fresh := &kafka.Transport{}
		defer fresh.CloseIdleConnections()
		require.NoError(t, kafkaorder.EnsureTopics(t.Context(), &kafka.Client{Addr: client.Addr, Transport: fresh}, kafkaorder.TopicOptions{}, topics...))
	}
	ensure()
	sink := kafkaorder.NewSink(client, kafkaorder.SinkOptions{Topic: topics[0], PaymentTopic: topics[1], Timeout: 20 * time.Second})
	source := kafkaorder.NewSource(realtest.Brokers(), kafkaorder.SourceOptions{Topic: topics[1], GroupID: topics[1]})
	came := make(chan string, 1000)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- source.Consume(ctx, func(_ context.Context, events []order.Event) error {
			for _, e := range events {
				came <- e.ID
			}
			return nil
		})
	}()
	defer func() {
		stop()
		require.ErrorIs(t, <-ended, context.Canceled)
	}()
	for round := range 4 {
		id := fmt.Sprint("round-", round)
		require.NoError(t, sink.Publish(t.Context(), []order.Event{{ID: id, Type: "payment.succeeded", Version: 1, Key: "order", Time: time.Now()}}))
		require.Eventually(t, func() bool {
			select {
			case got := <-came:
				return got == id
			default:
				return false
			}
		}, 30*time.Second, time.Millisecond, id)
		res, err := client.DeleteTopics(t.Context(), &kafka.DeleteTopicsRequest{Topics: topics[1:]})
		require.NoError(t, err)
		require.NoError(t, res.Errors[topics[1]])
		require.Eventually(t, missing, 30*time.Second, 10*time.Millisecond)
		if round%2 == 0 { // else it is back before the source looks
			require.Eventually(t, func() bool { return source.Check(t.Context()) != nil }, 30*time.Second, 10*time.Millisecond)
		}
		ensure()
	}
}

// run runs a part until the test ends.
func run(t *testing.T, f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

//go:build real

package realtest_test

import (
	"context"
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

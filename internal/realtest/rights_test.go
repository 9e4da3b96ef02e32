//go:build real

package realtest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/goods/goodstest"
	"github.com/seckill-go/seckill/goods/gormgoods"
	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/limiter/limitertest"
	"github.com/seckill-go/seckill/limiter/redislimiter"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/order/ordertest"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/session/redissession"
	"github.com/seckill-go/seckill/session/sessiontest"
	"github.com/seckill-go/seckill/stock/redisstock"
	"github.com/seckill-go/seckill/stock/stocktest"
)

// rights are those of docs/operations.md.
const rights = "-@all +@connection +cluster|slots +cluster|shards +eval +evalsha +hset +hmget +hget +hkeys +hdel +exists" +
	" +unlink +time +lindex +lpush +ltrim +pexpire +set +get +del"

// least returns a client of a user that may do nothing but that, and which is
// there while the test lasts.
func least(t *testing.T) redis.UniversalClient {
	admin := realtest.Redis(t).(*redis.ClusterClient)
	user := realtest.Name()
	rule := []any{"ACL", "SETUSER", user, "on", ">least", "~test_*"}
	for word := range strings.FieldsSeq(rights) {
		rule = append(rule, word)
	}
	each := func(command ...any) error {
		return admin.ForEachShard(context.Background(), func(ctx context.Context, node *redis.Client) error { return node.Do(ctx, command...).Err() })
	}
	t.Cleanup(func() { require.NoError(t, each("ACL", "DELUSER", user)) })
	require.NoError(t, each(rule...))
	o := *admin.Options()
	o.Username, o.Password, o.NewClient = user, "least", nil
	c := redis.NewClusterClient(&o)
	t.Cleanup(func() { c.Close() })
	require.ErrorContains(t, c.Set(t.Context(), "another", "", 0).Err(), "NOPERM")
	return c
}

func TestAUserOfLeastRightsIsEnoughForRedis(t *testing.T) {
	admin, c := realtest.Redis(t), least(t)
	t.Run("gate", func(t *testing.T) {
		stocktest.Run(t, func(t *testing.T) stocktest.Fixture {
			return stocktest.Fixture{Store: redisstock.New(c, redisstock.Options{Prefix: realtest.RedisPrefix(t, admin)}), Advance: time.Sleep}
		})
		require.NoError(t, redisstock.New(c, redisstock.Options{Prefix: realtest.RedisPrefix(t, admin)}).Check(t.Context()))
	})
	t.Run("limiter", func(t *testing.T) {
		limitertest.Run(t, func(t *testing.T) limiter.Limiter {
			return redislimiter.New(c, redislimiter.Options{Prefix: realtest.RedisPrefix(t, admin)})
		})
	})
	t.Run("sessions", func(t *testing.T) {
		sessiontest.Run(t, func(t *testing.T) session.Store {
			return redissession.New(c, redissession.Options{Prefix: realtest.RedisPrefix(t, admin)})
		})
	})
}

func TestAUserOfLeastRightsIsEnoughForMySQL(t *testing.T) {
	server, user := realtest.DB(t), realtest.Name()
	require.NoError(t, server.Exec("CREATE USER "+user+"@'%' IDENTIFIED BY 'least'").Error)
	t.Cleanup(func() { require.NoError(t, server.Exec("DROP USER "+user+"@'%'").Error) })
	require.NoError(t, server.Exec("GRANT SELECT, INSERT, UPDATE ON `test\\_%`.* TO "+user+"@'%'").Error)
	// migrated returns a new database, as the user who may not migrate has it.
	migrated := func(t *testing.T) *gorm.DB {
		db := realtest.DB(t)
		require.NoError(t, gormorder.Migrate(t.Context(), db))
		require.NoError(t, gormgoods.Migrate(t.Context(), db))
		require.NoError(t, db.Exec("GRANT DELETE ON seckill_parked TO "+user+"@'%'").Error)
		return realtest.Again(t, db, func(c *mysql.Config) { c.User, c.Passwd = user, "least" })
	}
	require.ErrorContains(t, migrated(t).Exec("CREATE TABLE more (n INT)").Error, "denied")
	t.Run("ledger", func(t *testing.T) {
		ordertest.RunStore(t, func(t *testing.T) order.Store {
			db := migrated(t)
			require.NoError(t, gormorder.Migrate(t.Context(), db), "as a node that starts")
			store := gormorder.New(db, gormorder.Options{Page: 100})
			require.NoError(t, store.Check(t.Context()))
			return store
		})
	})
	t.Run("catalog", func(t *testing.T) {
		goodstest.Run(t, func(t *testing.T) goods.Catalog {
			db := migrated(t)
			require.NoError(t, gormgoods.Migrate(t.Context(), db), "as a node that starts")
			catalog := gormgoods.New(db, gormgoods.Options{})
			require.NoError(t, catalog.Check(t.Context()))
			return catalog
		})
	})
}

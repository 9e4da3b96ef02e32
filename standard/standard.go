// Package standard is the default wiring: it makes the parts of an engine from
// the four clients that a shop has.
//
//	options, err := standard.Options(standard.Clients{Redis: r, Etcd: e, DB: db,
//		Kafka: standard.Kafka{Brokers: brokers}})
//	...
//	engine, err := seckill.New(options)
//
// Redis has the gate, the limiter and the sessions; etcd the leases, the settings
// and the blacklist; the database the ledger and the catalog; Kafka the events.
// [Prepare] makes the tables and topics that they need.
package standard

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
	clientv3 "go.etcd.io/etcd/client/v3"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/blacklist/etcdblacklist"
	"github.com/seckill-go/seckill/goods/gormgoods"
	"github.com/seckill-go/seckill/limiter/redislimiter"
	"github.com/seckill-go/seckill/lock/etcdlock"
	"github.com/seckill-go/seckill/order/gormorder"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/session/redissession"
	"github.com/seckill-go/seckill/settings/etcdsettings"
	"github.com/seckill-go/seckill/stock/redisstock"
)

// Clients are connections that the caller opened and closes, after the engine
// has ended. All of them are needed but Packets.
type Clients struct {
	// Redis is a client or cluster client that does not retry by itself
	// (MaxRetries: -1) and minds deadlines (ContextTimeoutEnabled: true).
	Redis redis.UniversalClient
	Etcd  *clientv3.Client
	// DB is MySQL, MariaDB or SQLite with TranslateError: true.
	DB *gorm.DB
	// Packets is a second pool to the same MySQL or MariaDB, for the ledger's writes:
	// see gormorder.Options. Zero means DB.
	Packets *gorm.DB
	Kafka   Kafka
	// Prefix begins every key in Redis and etcd, so that shops can share them. Zero
	// means "seckill".
	Prefix string
}

// Options returns the engine's options with every part set, to which the caller
// adds keys, numbers and a payment provider. It does not connect. The error names
// each client that is missing.
func Options(c Clients) (seckill.Options, error) {
	if err := c.validate(); err != nil {
		return seckill.Options{}, err
	}
	return seckill.Options{
		Locker:    etcdlock.New(c.Etcd, etcdlock.Options{Prefix: c.Prefix}),
		Stock:     redisstock.New(c.Redis, redisstock.Options{Prefix: c.Prefix}),
		Limiter:   redislimiter.New(c.Redis, redislimiter.Options{Prefix: c.Prefix}),
		Blacklist: etcdblacklist.New(c.Etcd, etcdblacklist.Options{Prefix: c.Prefix}),
		Settings:  etcdsettings.New(c.Etcd, etcdsettings.Options{Prefix: c.Prefix}),
		Catalog:   gormgoods.New(c.DB, gormgoods.Options{}),
		Orders:    gormorder.New(c.DB, gormorder.Options{Packets: c.Packets}),
		Sink:      c.Kafka.sink(),
		Source:    c.Kafka.source(),
	}, nil
}

// Sessions returns the store of login sessions, for session.Sessions. Of the
// clients it needs Redis alone.
func Sessions(c Clients) session.Store {
	return redissession.New(c.Redis, redissession.Options{Prefix: c.Prefix})
}

// Prepare makes the tables and topics that are missing and updates the tables of
// older versions. Call it at every start; many processes may call it at once. When
// nothing is missing it only reads, so the shop's users need the right to create
// tables and topics only for the first call of each release.
func Prepare(ctx context.Context, c Clients) error {
	if err := c.validate(); err != nil {
		return err
	}
	if err := gormorder.Migrate(ctx, c.DB); err != nil {
		return err
	}
	if err := gormgoods.Migrate(ctx, c.DB); err != nil {
		return err
	}
	return c.Kafka.ensureTopics(ctx)
}

func (c Clients) validate() error {
	var missing []error
	need := func(there bool, what string) {
		if !there {
			missing = append(missing, errors.New("standard: "+what+" is missing"))
		}
	}
	need(c.Redis != nil, "Redis")
	need(c.Etcd != nil, "Etcd")
	need(c.DB != nil, "DB")
	need(len(c.Kafka.Brokers) > 0, "Kafka.Brokers")
	return errors.Join(missing...)
}

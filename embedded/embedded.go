// Package embedded runs the four servers of a shop inside the process: Redis,
// etcd, a database and Kafka. Use it to try the engine, to develop against it,
// and to test a shop with the same backends that production runs, with nothing
// installed.
//
//	servers, err := embedded.Start(ctx, embedded.Options{Dir: "data"})
//	...
//	defer servers.Close()
//	options, err := standard.Options(servers.Clients())
//
// They are stand-ins, not replacements: one process, no replicas. In a folder the
// ledger and the settings survive a crash, as SQLite and etcd write before they
// answer. Redis and Kafka start empty each time: the gate is filled again from
// the ledger (preload), and events that were published but not consumed are lost.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	clientv3 "go.etcd.io/etcd/client/v3"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/internal/kafkaserver"
	"github.com/seckill-go/seckill/internal/redisserver"
	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/standard"
)

// Options of [Start]. The zero value keeps nothing.
type Options struct {
	// Dir is the folder that etcd and the database are kept in; it is made if there
	// is none. One process at a time may use it. Zero means a temporary one, which
	// Close removes.
	Dir string
	// Logger is told the addresses. Zero means nobody is.
	Logger *slog.Logger
}

// Servers are running servers with a client for each. The clients are closed by
// Close. The addresses are for other processes on this machine; they change from
// run to run.
type Servers struct {
	Redis redis.UniversalClient
	Etcd  *clientv3.Client
	// DB has the tables of all backends.
	DB *gorm.DB
	// Brokers are Kafka's addresses, "127.0.0.1:port". It has the topics of package
	// kafkaorder, of 6 partitions, each of which keeps its last 64 MiB.
	Brokers []string

	// RedisAddr and EtcdEndpoint are "127.0.0.1:port", Database is a SQLite file.
	RedisAddr, EtcdEndpoint, Database string

	transport *kafka.Transport
	closers   []func() error
	once      sync.Once
	err       error
}

// Start starts the servers and returns when all of them answer. If Dir is used
// by another process, the error says so.
func Start(ctx context.Context, o Options) (*Servers, error) {
	s := &Servers{}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded: %w", err), s.Close())
	}
	if o.Logger != nil {
		o.Logger.InfoContext(ctx, "embedded servers are up",
			"redis", s.RedisAddr, "etcd", s.EtcdEndpoint, "kafka", s.Brokers, "database", s.Database)
	}
	return s, nil
}

func (s *Servers) start(ctx context.Context, o Options) error {
	dir, err := s.folder(o.Dir)
	if err != nil {
		return err
	}
	if err := s.startEtcd(ctx, filepath.Join(dir, "etcd")); err != nil {
		return err
	}
	if err := s.startKafka(); err != nil {
		return err
	}
	if err := s.startRedis(); err != nil {
		return err
	}
	if err := s.openDB(filepath.Join(dir, "seckill.db")); err != nil {
		return err
	}
	return standard.Prepare(ctx, s.Clients())
}

// folder returns the folder to use, claimed for this process.
func (s *Servers) folder(dir string) (string, error) {
	if dir == "" {
		temp, err := os.MkdirTemp("", "seckill-")
		if err == nil {
			s.atClose(func() error { return os.RemoveAll(temp) })
		}
		return temp, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	release, err := claim(dir)
	if err != nil {
		return "", err
	}
	s.atClose(release)
	return dir, nil
}

func (s *Servers) startEtcd(ctx context.Context, dir string) error {
	server, err := etcdserver.Start(ctx, dir)
	if err != nil {
		return err
	}
	s.atClose(server.Close)
	s.EtcdEndpoint = server.Endpoint
	if s.Etcd, err = server.Client(); err != nil {
		return fmt.Errorf("connect to etcd: %w", err)
	}
	s.atClose(s.Etcd.Close)
	return nil
}

func (s *Servers) startKafka() error {
	topics := standard.Kafka{}.Topics()
	server, err := kafkaserver.Start(kafkaserver.Options{Topics: topics})
	if err != nil {
		return err
	}
	s.atClose(func() error { server.Close(); return nil })
	s.Brokers, s.transport = server.Brokers, &kafka.Transport{}
	s.atClose(func() error { s.transport.CloseIdleConnections(); return nil })
	return nil
}

func (s *Servers) startRedis() error {
	server, err := redisserver.Start()
	if err != nil {
		return err
	}
	s.atClose(func() error { server.Close(); return nil })
	s.RedisAddr = server.Addr
	s.Redis = redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: []string{server.Addr},
		// A script whose answer is lost is for the engine to repeat, not for the client.
		MaxRetries:            -1,
		ContextTimeoutEnabled: true,
	})
	s.atClose(s.Redis.Close)
	return nil
}

func (s *Servers) openDB(path string) error {
	db, err := sqlitedb.Open(path)
	if err != nil {
		return err
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	s.DB, s.Database = db, path
	s.atClose(pool.Close)
	return nil
}

// Clients are what package standard makes an engine of.
func (s *Servers) Clients() standard.Clients {
	return standard.Clients{
		Redis: s.Redis, Etcd: s.Etcd, DB: s.DB,
		Kafka: standard.Kafka{Brokers: s.Brokers, Transport: s.transport},
	}
}

func (s *Servers) atClose(f func() error) { s.closers = append(s.closers, f) }

// Close closes the clients and stops the servers, the last started first. It may
// be called again.
func (s *Servers) Close() error {
	s.once.Do(func() {
		for i := len(s.closers) - 1; i >= 0; i-- {
			s.err = errors.Join(s.err, s.closers[i]())
		}
	})
	return s.err
}

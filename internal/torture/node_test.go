//go:build unix

package torture_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/internal/sqlitedb"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/ticket"
)

// nodeVariable makes the test's program a node; its value is a nodeSpec.
const nodeVariable = "SECKILL_TORTURE_NODE"

const adminToken = "torture-torture-torture-torture"

var ticketKey = ticket.Key{ID: "torture", Secret: []byte("0123456789abcdef0123456789abcdef")}

// nodeSpec is all that a node knows.
type nodeSpec struct {
	Redis, Etcd string
	// SQLite is a file, MySQL a data source name; one of them is set.
	SQLite, MySQL  string
	Prefix         string
	Brokers        []string
	Topic, Payment string
	// ClientID names this life of the node to Kafka.
	ClientID  string
	PayWithin time.Duration
	// Idle nodes sell and do nothing in the background.
	Idle  bool
	Armed armed
}

// armed says what becomes of a node at a point: it sends itself the signal when it
// passes the point for the nth time.
type armed struct {
	Point  string
	Nth    int64
	Signal syscall.Signal
}

// arm replaces what was armed before.
func (a armed) arm() {
	if a.Point == "" {
		fault.Arm(nil)
		return
	}
	var passed atomic.Int64
	fault.Arm(func(name string) {
		if name == a.Point && passed.Add(1) == a.Nth {
			_ = syscall.Kill(os.Getpid(), a.Signal)
			if a.Signal == syscall.SIGKILL {
				select {}
			}
			time.Sleep(100 * time.Millisecond) // the signal is on its way; nothing is done meanwhile
		}
	})
}

// runNode is a node's whole life. It ends by SIGTERM, as a shop's server would, or
// when the process that started it is gone.
func runNode(text string) error {
	var spec nodeSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	spec.Armed.arm()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent
		os.Exit(3)
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	clients, closeClients, err := spec.connect()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	engine, err := spec.engine(clients, log)
	if err != nil {
		return err
	}
	return errors.Join(serveNode(ctx, spec, engine, log), closeClients())
}

func (s nodeSpec) connect() (standard.Clients, func() error, error) {
	c := standard.Clients{Prefix: s.Prefix, Kafka: standard.Kafka{
		Brokers: s.Brokers, Topic: s.Topic, PaymentTopic: s.Payment, GroupID: s.Prefix,
		Dialer: &kafka.Dialer{ClientID: s.ClientID, Timeout: 10 * time.Second},
	}}
	c.Redis = redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: strings.Split(s.Redis, ","), MaxRetries: -1, ContextTimeoutEnabled: true,
	})
	var err error
	c.Etcd, err = clientv3.New(clientv3.Config{Endpoints: strings.Split(s.Etcd, ","), DialTimeout: 5 * time.Second, Logger: zap.NewNop()})
	if err != nil {
		return c, nil, err
	}
	if c.DB, err = s.database(); err != nil {
		return c, nil, err
	}
	pool, err := c.DB.DB()
	if err != nil {
		return c, nil, err
	}
	return c, func() error { return errors.Join(c.Redis.Close(), c.Etcd.Close(), pool.Close()) }, nil
}

func (s nodeSpec) database() (*gorm.DB, error) {
	if s.MySQL == "" {
		return sqlitedb.Open(s.SQLite)
	}
	return gorm.Open(mysql.Open(s.MySQL), &gorm.Config{Logger: logger.Discard, SkipDefaultTransaction: true, TranslateError: true})
}

// engine has short patience, so that a test need not have a long one.
func (s nodeSpec) engine(c standard.Clients, log *slog.Logger) (*seckill.Engine, error) {
	o, err := standard.Options(c)
	if err != nil {
		return nil, err
	}
	o.TicketKeys = []ticket.Key{ticketKey}
	o.CommitPatience, o.HoldTimeout = 800*time.Millisecond, time.Second
	o.PayWithin, o.PayGrace = s.PayWithin, -1
	o.MaxGroup = 16 // more groups, more moments
	o.Logger = log
	return seckill.New(o)
}

func serveNode(ctx context.Context, spec nodeSpec, engine *seckill.Engine, log *slog.Logger) error {
	shop, err := httpadapter.New(engine, httpadapter.Options{Authenticate: anybody, AuthenticateAdmin: operator, Logger: log})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	background, stop := context.WithCancel(context.Background())
	defer stop()
	ran := make(chan error, 1)
	go func() {
		if spec.Idle {
			<-background.Done()
			ran <- nil
			return
		}
		ran <- engine.Run(background)
	}()

	door := &door{next: shop}
	server := httpadapter.Server("", door)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	fmt.Printf("http://%s\n", l.Addr())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	door.closing.Store(true)
	time.Sleep(farewell)
	end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = server.Shutdown(end)
	stop()
	return errors.Join(err, <-ran)
}

// anybody is who he says he is.
func anybody(r *http.Request) (string, error) {
	user, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return "", httpadapter.ErrUnauthenticated
	}
	return user, nil
}

// operator is whoever has the token, under a name of his own.
func operator(r *http.Request) (string, error) {
	if r.Header.Get("Authorization") != "Bearer "+adminToken {
		return "", httpadapter.ErrUnauthenticated
	}
	return r.Header.Get("X-Actor"), nil
}

// farewell is how long a node that goes down tells everybody to come again, as
// examples/server does.
const farewell = time.Second

// door takes the tests' own orders, and sends buyers away while the node goes
// down.
type door struct {
	next    http.Handler
	closing atomic.Bool
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/arm":
		var a armed
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a.arm()
	case d.closing.Load():
		w.Header().Set("Connection", "close")
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"code":"busy","retryable":true}`)
	default:
		d.next.ServeHTTP(w, r)
	}
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/examples/internal/clients"
	"github.com/seckill-go/seckill/examples/internal/conf"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/internal/counting"
	"github.com/seckill-go/seckill/internal/kafkaserver"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/ticket"
)

// market is where everything of a benchmark happens: the backends, with a counter
// at each client, an engine that sells on them, and users who are logged in.
type market struct {
	clients  standard.Clients
	calls    *counting.Calls
	options  seckill.Options
	engine   *seckill.Engine
	handler  http.Handler
	sessions *session.Sessions
	signer   *ticket.Signer
	tokens   []string // of user 0, 1, 2…
	ahead    int      // how many tickets a buyer has when a run begins

	sales   atomic.Int64 // numbers the goods
	offsets offsets
	closers []func() error
}

func openMarket(ctx context.Context, c command) (*market, error) {
	m := &market{calls: new(counting.Calls), offsets: make(offsets)}
	if err := m.open(ctx, c); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// Close ends what open began, the last first.
func (m *market) Close() (err error) {
	for i := len(m.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, m.closers[i]())
	}
	return err
}

func (m *market) atClose(f func() error) { m.closers = append(m.closers, f) }

func (m *market) open(ctx context.Context, c command) (err error) {
	if err := m.connect(ctx, c); err != nil {
		return err
	}
	if err := m.count(); err != nil {
		return err
	}
	if err := standard.Prepare(ctx, m.clients); err != nil {
		return err
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	if m.signer, err = ticket.NewSigner(ticket.Key{ID: "bench", Secret: secret}); err != nil {
		return err
	}
	if m.options, err = standard.Options(m.clients); err != nil {
		return err
	}
	m.options.TicketKeys = []ticket.Key{{ID: "bench", Secret: secret}}
	m.options.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if m.engine, err = m.run(m.options); err != nil {
		return err
	}
	m.sessions, err = session.New(standard.Sessions(m.clients), session.Options{Keys: []session.Key{{ID: "bench", Secret: secret}}})
	if err != nil {
		return err
	}
	m.handler, err = httpadapter.User(m.engine, m.http())
	return err
}

// connect opens the clients. On servers that others may use too, everything has a
// name that nobody else uses, and goes when the market closes.
func (m *market) connect(ctx context.Context, c command) error {
	if !c.real {
		servers, err := embedded.Start(ctx, embedded.Options{})
		if err != nil {
			return err
		}
		m.atClose(func() error { return servers.Close() })
		m.clients = servers.Clients()
		return nil
	}
	config, err := conf.Load(c.config, os.Environ())
	if err != nil {
		return fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	own := fmt.Sprintf("seckill_bench_%d", time.Now().UnixMilli())
	config.Database.Name, config.Kafka.GroupID = own, own
	config.Kafka.Topic, config.Kafka.PaymentTopic = own+"_orders", own+"_payments"
	if c.goKafka {
		brokers, err := kafkaserver.Start(kafkaserver.Options{Brokers: 3})
		if err != nil {
			return err
		}
		m.atClose(func() error { brokers.Close(); return nil })
		config.Kafka.Brokers = brokers.Brokers
	}
	all, err := clients.Open(ctx, config)
	if err != nil {
		return err
	}
	all.Prefix = own
	m.atClose(all.Close)
	m.clients = all.Clients
	m.atClose(func() error { return sweepUp(all.Clients) })
	return nil
}

// count puts a counter at each client.
func (m *market) count() (err error) {
	c := &m.clients
	if c.DB, err = m.calls.DB(c.DB); err != nil {
		return err
	}
	if c.Packets != nil {
		if c.Packets, err = m.calls.DB(c.Packets); err != nil {
			return err
		}
	}
	m.calls.Redis(c.Redis)
	c.Kafka.Transport = m.calls.Transport(c.Kafka.Transport)
	c.Etcd, err = clientv3.New(clientv3.Config{
		Endpoints: c.Etcd.Endpoints(), Username: c.Etcd.Username, Password: c.Etcd.Password,
		DialOptions: m.calls.DialOptions(), Logger: zap.NewNop(),
	})
	if err == nil {
		m.atClose(c.Etcd.Close)
	}
	return err
}

// run builds an engine and runs it until the market closes.
func (m *market) run(o seckill.Options) (*seckill.Engine, error) {
	e, err := seckill.New(o)
	if err != nil {
		return nil, err
	}
	m.background(e.Run)
	_, err = e.Admin("bench").SetRateLimit(context.Background(), 1_000_000, time.Second)
	return e, err
}

// background runs f until the market closes.
func (m *market) background(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil && ctx.Err() == nil {
			m.options.Logger.Error("background work", "error", err)
		}
	}()
	m.atClose(func() error {
		cancel()
		<-done
		return nil
	})
}

func (m *market) http() httpadapter.Options {
	return httpadapter.Options{Authenticate: httpadapter.Sessions(m.sessions), Logger: m.options.Logger}
}

// plenty is more than any run sells.
const plenty = 50_000_000

// sell puts a goods on sale, of which there are total units.
func (m *market) sell(ctx context.Context, e *seckill.Engine, total int) (goodsID string, err error) {
	g := goods.Goods{
		ID: m.newGoods(), Title: "Bench", Price: 1999, Currency: "CNY", Total: total,
		StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(24 * time.Hour),
	}
	admin := e.Admin("bench")
	if _, err := admin.PutGoods(ctx, g); err != nil {
		return "", err
	}
	_, err = admin.Preload(ctx, g.ID)
	return g.ID, err
}

// variant is an engine that differs in some parts and does not run, its handler,
// and a goods that it sells.
func (m *market) variant(ctx context.Context, change func(*seckill.Options)) (*seckill.Engine, http.Handler, string, error) {
	o := m.options
	change(&o)
	e, err := seckill.New(o)
	if err != nil {
		return nil, nil, "", err
	}
	h, err := httpadapter.User(e, m.http())
	if err != nil {
		return nil, nil, "", err
	}
	goodsID, err := m.sell(ctx, e, plenty)
	return e, h, goodsID, err
}

// newGoods returns the id of a goods that was never on sale.
func (m *market) newGoods() string {
	return fmt.Sprintf("bench-%d-%d", os.Getpid(), m.sales.Add(1))
}

// user returns the name of user i.
func user(i int) string { return fmt.Sprintf("user-%d", i) }

// logIn makes sure that users 0 to n-1 have a session.
func (m *market) logIn(ctx context.Context, n int) error {
	for i := len(m.tokens); i < n; i++ {
		token, _, err := m.sessions.Issue(ctx, user(i))
		if err != nil {
			return err
		}
		m.tokens = append(m.tokens, token)
	}
	return nil
}

// ticket returns a ticket of user i that has not been used.
func (m *market) ticket(i int, goodsID string) string {
	now := time.Now()
	token, err := m.signer.Sign(ticket.Ticket{
		Attempt: ticket.NewAttempt(time.Now()), User: user(i), Goods: goodsID, Quantity: 1,
		NotBefore: now.Add(-time.Minute), Expires: now.Add(time.Hour),
	})
	if err != nil {
		panic(err) // of constants
	}
	return token
}

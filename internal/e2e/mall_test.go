package e2e_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/kafkaorder"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/ticket"
)

// patience is how long gate, ledger and events may take to agree.
const patience = time.Minute

// mall is three engines on one set of servers, each with parts of its own, as
// three processes would have.
type mall struct {
	t       testing.TB
	clients standard.Clients
	engines []*seckill.Engine
	parts   seckill.Options // of the first engine
	goods   goods.Goods

	mu     sync.Mutex
	events map[string][]order.Event // order events from Kafka, by order
}

// open starts engines, runs them until the test ends, and puts goods 1001 on
// sale.
func open(t testing.TB, total, limit int, change ...func(*seckill.Options)) *mall {
	t.Helper()
	return openOn(t, clients(t), total, limit, change...)
}

func openOn(t testing.TB, c standard.Clients, total, limit int, change ...func(*seckill.Options)) *mall {
	t.Helper()
	m := &mall{t: t, clients: c, events: make(map[string][]order.Event)}
	for range 3 {
		m.start(change...)
	}
	m.listen()
	m.goods = goods.Goods{
		ID: "1001", Title: "Phone", Price: 1999, Currency: "CNY", Total: total, LimitPerUser: limit,
		StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(time.Hour),
	}
	admin := m.engines[0].Admin("test")
	_, err := admin.PutGoods(t.Context(), m.goods)
	require.NoError(t, err)
	_, err = admin.Preload(t.Context(), "1001")
	require.NoError(t, err)
	_, err = admin.SetRateLimit(t.Context(), 1_000_000, time.Second)
	require.NoError(t, err)
	m.everywhere("the rate limit", func(e *seckill.Engine) bool {
		s, err := e.Settings(t.Context())
		return err == nil && s.RateLimit.Limit == 1_000_000
	})
	return m
}

// start adds an engine and runs it until the test ends.
func (m *mall) start(change ...func(*seckill.Options)) {
	o, err := standard.Options(m.clients)
	require.NoError(m.t, err)
	o.TicketKeys = []ticket.Key{{ID: "e2e", Secret: []byte("0123456789abcdef0123456789abcdef")}}
	for _, c := range change {
		c(&o)
	}
	e, err := seckill.New(o)
	require.NoError(m.t, err)
	if len(m.engines) == 0 {
		m.parts = o
	}
	m.engines = append(m.engines, e)
	m.background(func(ctx context.Context) { require.NoError(m.t, e.Run(ctx)) })
}

// background runs f until the test ends.
func (m *mall) background(f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	m.t.Cleanup(func() {
		cancel()
		<-done
	})
}

// listen is the shop's other system: it reads the order events from Kafka.
func (m *mall) listen() {
	kafka := m.clients.Kafka
	source := kafkaorder.NewSource(kafka.Brokers, kafkaorder.SourceOptions{Topic: kafka.Topics()[0], GroupID: "listener-" + kafka.GroupID})
	m.background(func(ctx context.Context) {
		err := source.Consume(ctx, func(_ context.Context, events []order.Event) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			for _, e := range events {
				m.events[e.Key] = append(m.events[e.Key], e)
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			m.t.Errorf("listener: %v", err)
		}
	})
}

// heard returns the types of an order's events in the order in which each came
// first.
func (m *mall) heard(orderID string) (types []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[string]bool{}
	for _, e := range m.events[orderID] {
		if !seen[e.ID] {
			seen[e.ID] = true
			types = append(types, e.Type)
		}
	}
	return types
}

// everywhere waits until f holds for each engine, and fails the test if that
// takes more than a second.
func (m *mall) everywhere(what string, f func(*seckill.Engine) bool) {
	m.t.Helper()
	start := time.Now()
	saletest.Eventually(m.t, what, func() bool {
		for _, e := range m.engines {
			if !f(e) {
				return false
			}
		}
		return true
	})
	require.Less(m.t, time.Since(start), time.Second, "%s took effect too late", what)
}

// sound waits until database, Redis and Kafka agree that these orders and no
// others were made.
func (m *mall) sound(won []saletest.Bought) {
	m.t.Helper()
	var units int
	for _, b := range won {
		units += b.Receipt.Order.Quantity
	}
	saletest.Within(m.t, patience, "database and Redis agree", func() bool {
		gate, err := m.parts.Stock.Counts(m.t.Context(), "1001")
		row, fault := m.parts.Orders.Recount(m.t.Context(), "1001")
		return errors.Join(err, fault) == nil && gate.Conserved() && gate.Held == 0 &&
			gate.Sold == units && row.Sold == units && row.Sound()
	})
	saletest.Within(m.t, patience, "an event for each order", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(m.events) == len(won)
	})
	for _, b := range won {
		require.Equal(m.t, "order.created", m.heard(b.Receipt.Order.ID)[0])
	}
}

func (m *mall) rush(n, users int) []saletest.Bought {
	return saletest.Rush(m.t, "1001", n, users, m.engines...)
}

// patient is a rush whose buyers ask again, for half a minute, when they are told
// that the shop is busy: on a busy machine it is.
func (m *mall) patient(n, users int) []saletest.Bought {
	all := m.rush(n, users)
	for i := range all {
		b, e := &all[i], m.engines[i%len(m.engines)]
		for until := time.Now().Add(30 * time.Second); errors.Is(b.Err, seckill.Busy) && time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
			if b.Token == "" {
				var tk seckill.Ticket
				tk, b.Err = e.Ticket(m.t.Context(), b.User, b.Goods, 1)
				b.Token = tk.Token
			}
			if b.Token != "" {
				b.Receipt, b.Err = e.Purchase(m.t.Context(), b.User, b.Goods, b.Token)
			}
		}
	}
	return all
}

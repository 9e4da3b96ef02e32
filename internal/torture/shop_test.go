//go:build unix

package torture_test

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/kafkaorder"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/stock/redisstock"
	"github.com/seckill-go/seckill/ticket"
)

// shop is a few nodes that sell goods 1001, the buyers' way to them, and the
// parent's own view of the backends.
type shop struct {
	t       testing.TB
	dir     string
	spec    nodeSpec
	goods   goods.Goods
	history *check.History
	http    *http.Client
	signer  *ticket.Signer
	clients standard.Clients
	parts   seckill.Options // contracts only: the parent runs no engine

	users, operators atomic.Int64 // how many came, how often they called
	unanswered       atomic.Int64 // requests

	mu     sync.Mutex
	rng    *rand.Rand
	nodes  []*node
	paid   map[string]bool // orders whose payment, or its failure, was taken in
	events []order.Event   // as a consumer of the shop was delivered them
}

// plan is what tells one shop from another.
type plan struct {
	units, limit int
	payWithin    time.Duration
	on           func(*nodeSpec) // the last word on the nodes' backends
}

// openShop makes a shop without nodes. The seed is for its random choices.
func openShop(t testing.TB, on *servers, p plan) *shop {
	t.Helper()
	s := &shop{t: t, dir: evidence(t), paid: make(map[string]bool)}
	name := "test_" + strings.ToLower(crand.Text()[:12])
	if p.payWithin == 0 {
		p.payWithin = time.Hour
	}
	s.spec = nodeSpec{
		Redis: on.redis.Addr, Etcd: on.etcd.Endpoint, Brokers: on.kafka.Brokers,
		SQLite: filepath.Join(s.dir, "seckill.db"), Prefix: name, Topic: name + "_orders", Payment: name + "_payments",
		PayWithin: p.payWithin,
	}
	s.connect()
	if p.on != nil {
		p.on(&s.spec)
	}
	s.goods = goods.Goods{
		ID: "1001", Title: "Phone", Price: 1999, Currency: "CNY", Total: p.units, LimitPerUser: p.limit,
		StartsAt: time.Now().Add(-time.Hour).Truncate(time.Second), EndsAt: time.Now().Add(time.Hour).Truncate(time.Second),
	}
	s.rng = rand.New(rand.NewPCG(*seed, uint64(len(t.Name()))))
	var err error
	s.history, err = check.Open(filepath.Join(s.dir, "history.jsonl"), "")
	require.NoError(t, err)
	s.http = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(s.http.CloseIdleConnections)
	s.listen()
	return s
}

// connect gives the parent its own view, which no fault lies between.
func (s *shop) connect() {
	c, closeAll, err := s.spec.connect()
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, closeAll()) })
	require.NoError(s.t, standard.Prepare(s.t.Context(), c))
	s.clients = c
	s.parts, err = standard.Options(c)
	require.NoError(s.t, err)
	s.signer, err = ticket.NewSigner(ticketKey)
	require.NoError(s.t, err)
}

// listen is the shop's other system, which reads the order events.
func (s *shop) listen() {
	source := kafkaorder.NewSource(s.spec.Brokers, kafkaorder.SourceOptions{
		Topic: s.spec.Topic, GroupID: s.spec.Prefix + "-listener", MaxWait: 250 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		_ = source.Consume(ctx, func(_ context.Context, events []order.Event) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.events = append(s.events, events...)
			return nil
		})
	})
	s.t.Cleanup(func() {
		cancel()
		ended.Wait()
	})
}

// openDoors starts so many nodes and puts the goods on sale.
func (s *shop) openDoors(nodes int, change ...func(*node)) {
	s.t.Helper()
	var started sync.WaitGroup
	for range nodes {
		n := s.addNode()
		for _, c := range change {
			c(n)
		}
		started.Go(func() { n.start(armed{}) })
	}
	started.Wait()
	s.prepare()
	s.preload()
}

func (s *shop) addNode() *node {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &node{shop: s, name: fmt.Sprintf("node-%d", len(s.nodes)+1)}
	s.nodes = append(s.nodes, n)
	s.t.Cleanup(n.end)
	return n
}

// lock changes how the nodes share the goods' lease, and waits until they do.
func (s *shop) lock(change func(*settings.Lock)) {
	s.t.Helper()
	_, err := s.parts.Settings.Update(s.t.Context(), func(live *settings.Settings) error {
		change(&live.Lock)
		return nil
	})
	require.NoError(s.t, err)
	time.Sleep(time.Second) // that is how long a change may take everywhere
}

// prepare makes the goods, and lets everybody have as many tickets as he likes.
func (s *shop) prepare() {
	s.t.Helper()
	s.putGoods(s.goods.Total)
	s.operate("set rate limit", "settings", "/api/admin/config/rate_limit", `{"limit":1000000,"window":"1s"}`)
}

func (s *shop) putGoods(total int) {
	s.t.Helper()
	s.operate("put goods", "1001", "/api/admin/goods", fmt.Sprintf(
		`{"goods_id":"1001","title":"Phone","price":{"amount":1999,"currency":"CNY"},"total":%d,"limit_per_user":%d,"starts_at":%q,"ends_at":%q}`,
		total, s.goods.LimitPerUser, s.goods.StartsAt.UTC().Format(time.RFC3339), s.goods.EndsAt.UTC().Format(time.RFC3339)))
}

func (s *shop) preload() {
	s.t.Helper()
	s.operate("preload", "1001", "/api/admin/preload/1001", "")
}

// pick is a random node that answers, nil while there is none.
func (s *shop) pick() *node {
	s.mu.Lock()
	defer s.mu.Unlock()
	var alive []*node
	for _, n := range s.nodes {
		if n.open() {
			alive = append(alive, n)
		}
	}
	if len(alive) == 0 {
		return nil
	}
	return alive[s.rng.IntN(len(alive))]
}

// choice is a random number below n.
func (s *shop) choice(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rng.IntN(n)
}

// arm has every node that lives do something to itself at a point.
func (s *shop) arm(a armed) {
	s.t.Helper()
	for _, n := range s.nodes {
		if n.address() != "" {
			n.arm(a)
		}
	}
}

func (s *shop) disarm() { s.arm(armed{}) }

// victim waits for a node that killed itself.
func (s *shop) victim(within time.Duration) *node {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		for _, n := range s.nodes {
			if n.died() {
				return n
			}
		}
	}
	return nil
}

// forget has Redis lose the gate.
func (s *shop) forget() {
	s.history.Mark("redis", "the gate's keys are gone")
	require.NoError(s.t, s.clients.Redis.Del(s.t.Context(), s.keys()...).Err())
}

// look is the parent's look at the gate, for the record.
func (s *shop) look() {
	op := s.history.Begin(check.Op{Kind: check.Gate, Goods: "1001"})
	if c, err := s.parts.Stock.Counts(s.t.Context(), "1001"); err == nil {
		op.Code, op.Gate = check.Accepted, &c
	} else {
		op.Code, op.Error = "fault", err.Error()
	}
	op.End()
}

// keys are those of the goods in Redis.
func (s *shop) keys() []string {
	keys, err := redisstock.New(s.clients.Redis, redisstock.Options{Prefix: s.spec.Prefix}).Keys("1001")
	require.NoError(s.t, err)
	return keys
}

// copyKeys copies the goods' keys, as one step, from one kind of name to another.
func (s *shop) copyKeys(from, to func(string) string) {
	s.t.Helper()
	_, err := s.clients.Redis.TxPipelined(s.t.Context(), func(p redis.Pipeliner) error {
		for _, k := range s.keys() {
			p.Del(s.t.Context(), to(k))
			p.Copy(s.t.Context(), from(k), to(k), 0, true)
		}
		return nil
	})
	require.NoError(s.t, err)
}

// same and stale name a key, and the copy of it that is kept.
func same(key string) string  { return key }
func stale(key string) string { return strings.Replace(key, ":{", ":old:{", 1) }

package gates_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/blacklist/etcdblacklist"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/counting"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/settings/etcdsettings"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is an engine whose clients are counted, on servers of its own.
type shop struct {
	*seckill.Engine
	t       *testing.T
	calls   *counting.Calls
	clients standard.Clients // counted
	parts   seckill.Options  // on them
	looks   seckill.Options  // on clients that are not
	clock   *clientv3.Client // not counted either
	signer  *ticket.Signer
}

// open opens a shop whose engine does not run. change is called before there is an
// engine.
func open(t *testing.T, change ...func(*shop)) *shop {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	s := &shop{t: t, calls: new(counting.Calls), clients: servers.Clients(), clock: servers.Etcd}
	s.looks, err = standard.Options(servers.Clients())
	require.NoError(t, err)
	s.count(servers)
	s.parts, err = standard.Options(s.clients)
	require.NoError(t, err)
	s.parts.TicketKeys = []ticket.Key{{ID: "gates", Secret: bytes.Repeat([]byte("t"), 32)}}
	s.signer, err = ticket.NewSigner(s.parts.TicketKeys...)
	require.NoError(t, err)
	for _, c := range change {
		c(s)
	}
	s.Engine = s.another()
	return s
}

// count opens clients of the servers that are counted.
func (s *shop) count(servers *embedded.Servers) {
	var err error
	s.clients.DB, err = s.calls.DB(servers.DB)
	require.NoError(s.t, err)
	s.clients.Redis = redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: []string{servers.RedisAddr}, MaxRetries: -1, ContextTimeoutEnabled: true,
	})
	s.t.Cleanup(func() { require.NoError(s.t, s.clients.Redis.Close()) })
	s.calls.Redis(s.clients.Redis)
	s.clients.Kafka.Transport = s.calls.Transport(s.clients.Kafka.Transport)
	s.clients.Etcd, err = clientv3.New(clientv3.Config{
		Endpoints: []string{servers.EtcdEndpoint}, Logger: zap.NewNop(), DialOptions: s.calls.DialOptions(),
	})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, s.clients.Etcd.Close()) })
}

// another is one more engine on the same parts: one that knows nothing yet.
func (s *shop) another() *seckill.Engine {
	e, err := seckill.New(s.parts)
	require.NoError(s.t, err)
	return e
}

// ended has an engine that does not run give back its leases when the test ends.
func (s *shop) ended(e *seckill.Engine) *seckill.Engine {
	s.t.Cleanup(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(s.t, e.Run(over))
	})
	return e
}

// known keeps settings and blacklist known as a running engine does. What they
// read by the clock is not counted, what they read for a request is.
func known(s *shop) {
	store := etcdsettings.New(apart{s.clients.Etcd, s.clock}, etcdsettings.Options{})
	list := etcdblacklist.New(apart{s.clients.Etcd, s.clock}, etcdblacklist.Options{})
	s.parts.Settings, s.parts.Blacklist = store, list
	for _, run := range []func(context.Context) error{store.Run, list.Run} {
		s.background(func(ctx context.Context) error { return run(context.WithValue(ctx, byClock{}, true)) })
	}
}

// apart is an etcd client that asks another for what is done by the clock.
type apart struct {
	*clientv3.Client
	clock *clientv3.Client
}

type byClock struct{}

func (a apart) choose(ctx context.Context) *clientv3.Client {
	if ctx.Value(byClock{}) != nil {
		return a.clock
	}
	return a.Client
}

func (a apart) Get(ctx context.Context, key string, opts ...clientv3.OpOption) (*clientv3.GetResponse, error) {
	return a.choose(ctx).Get(ctx, key, opts...)
}

func (a apart) Watch(ctx context.Context, key string, opts ...clientv3.OpOption) clientv3.WatchChan {
	return a.choose(ctx).Watch(ctx, key, opts...)
}

// background runs f until the test ends.
func (s *shop) background(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		require.NoError(s.t, <-done)
	})
}

// well waits until every part has answered.
func (s *shop) well() {
	s.t.Helper()
	saletest.Eventually(s.t, "every part is well", func() bool {
		return !slices.ContainsFunc(s.Health(s.t.Context()), func(h seckill.Health) bool { return h.Fault != nil })
	})
}

// put puts a goods on sale, for an hour before and after the time that is so far
// from now.
func (s *shop) put(id string, total int, away time.Duration) {
	s.t.Helper()
	at := time.Now().Add(away)
	_, err := s.Admin("test").PutGoods(s.t.Context(), goods.Goods{
		ID: id, Title: "Phone", Price: 1999, Currency: "CNY", Total: total, LimitPerUser: 1000,
		StartsAt: at.Add(-time.Hour), EndsAt: at.Add(time.Hour),
	})
	require.NoError(s.t, err)
	_, err = s.Admin("test").Preload(s.t.Context(), id)
	require.NoError(s.t, err)
}

// sign returns a ticket of which no backend has heard.
func (s *shop) sign(user, goodsID string, expires time.Time) string {
	token, err := s.signer.Sign(ticket.Ticket{
		Attempt: ticket.NewAttempt(time.Now()), User: user, Goods: goodsID, Quantity: 1,
		NotBefore: expires.Add(-time.Hour), Expires: expires.Truncate(time.Millisecond),
	})
	require.NoError(s.t, err)
	return token
}

// set changes the live settings and waits until the engine knows.
func (s *shop) set(f func(*settings.Settings)) {
	s.t.Helper()
	want, err := s.Admin("test").UpdateSettings(s.t.Context(), "gates", func(live *settings.Settings) error {
		f(live)
		return nil
	})
	require.NoError(s.t, err)
	saletest.Eventually(s.t, "the settings are known", func() bool {
		live, err := s.Settings(s.t.Context())
		return err == nil && live.Version == want.Version
	})
}

// settled waits until the gate holds nothing of the goods.
func (s *shop) settled(goodsID string) {
	s.t.Helper()
	saletest.Eventually(s.t, "nothing is held", func() bool {
		gate, err := s.looks.Stock.Counts(s.t.Context(), goodsID)
		return err == nil && gate.Held == 0
	})
}

// sent waits until every event is out.
func (s *shop) sent() {
	s.t.Helper()
	saletest.Within(s.t, time.Minute, "every event is sent", func() bool {
		_, queue, err := s.looks.Orders.Pending(s.t.Context(), 0)
		return err == nil && queue.Pending == 0
	})
}

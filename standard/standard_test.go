package standard_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/standard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryMissingClientIsNamedAtOnce(t *testing.T) {
	_, err := standard.Options(standard.Clients{})
	for _, client := range []string{"Redis", "Etcd", "DB", "Kafka.Brokers"} {
		require.ErrorContains(t, err, client+" is missing")
		require.ErrorContains(t, standard.Prepare(t.Context(), standard.Clients{}), client+" is missing")
	}
}

func clients(t *testing.T) standard.Clients {
	servers, err := embedded.Start(t.Context(), embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	return servers.Clients()
}

// shop runs an engine on the clients until the test ends.
func shop(t *testing.T, c standard.Clients) *seckill.Engine {
	require.NoError(t, standard.Prepare(t.Context(), c))
	options, err := standard.Options(c)
	require.NoError(t, err)
	engine, err := seckill.New(options)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return engine
}

func sell(t *testing.T, engine *seckill.Engine, goodsID string) {
	_, err := engine.Admin("test").PutGoods(t.Context(), goods.Goods{
		ID: goodsID, Title: "Phone", Price: 1999, Currency: "CNY", Total: 10,
		StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	_, err = engine.Admin("test").Preload(t.Context(), goodsID)
	require.NoError(t, err)
}

func TestAShopSellsAndIsPaid(t *testing.T) {
	t.Parallel()
	engine := shop(t, clients(t))
	require.Eventually(t, func() bool {
		return !slices.ContainsFunc(engine.Health(t.Context()), func(h seckill.Health) bool { return h.Fault != nil })
	}, 10*time.Second, 20*time.Millisecond, "never well: %v", engine.Health(t.Context()))
	sell(t, engine, "1001")

	ticket, err := engine.Ticket(t.Context(), "user-1", "1001", 2)
	require.NoError(t, err)
	receipt, err := engine.Purchase(t.Context(), "user-1", "1001", ticket.Token)
	require.NoError(t, err)
	require.NoError(t, engine.Pay(t.Context(), "user-1", receipt.Order.ID, ""))
	// The payment's event goes through the outbox and Kafka and comes back.
	require.Eventually(t, func() bool {
		o, err := engine.Order(t.Context(), "user-1", receipt.Order.ID)
		return err == nil && o.State == order.Paid
	}, 10*time.Second, 10*time.Millisecond)
}

func TestShopsOfDifferentPrefixesShareServers(t *testing.T) {
	t.Parallel()
	one := clients(t)
	two := one
	two.Prefix, two.Kafka.PaymentTopic, two.Kafka.Topic = "two", "two_payments", "two_orders"
	a, b := shop(t, one), shop(t, two)
	_, err := a.Admin("test").SetEnabled(t.Context(), false)
	require.NoError(t, err)
	live, err := b.Settings(t.Context())
	require.NoError(t, err)
	require.True(t, live.Enabled)
}

func TestSessionsAreKeptInRedis(t *testing.T) {
	t.Parallel()
	store := standard.Sessions(clients(t))
	put := session.Session{ID: "s1", User: "user-1", ExpiresAt: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)}
	require.NoError(t, store.Put(t.Context(), put, time.Now()))
	require.Equal(t, []session.Answer{{Session: put}}, store.Get(t.Context(), "s1"))
}

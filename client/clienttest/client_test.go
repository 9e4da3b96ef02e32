package clienttest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/client"
)

// A client that lags behind the document would be wrong in silence.
func TestTheClientIsWhatTheDocumentMakes(t *testing.T) {
	made := filepath.Join(t.TempDir(), "client.gen.go")
	out, err := exec.Command("go", "tool", "oapi-codegen", "-config", "../generate/config.yaml", "-o", made, "../../httpadapter/openapi.yaml").CombinedOutput()
	require.NoError(t, err, string(out))
	want, err := os.ReadFile(made)
	require.NoError(t, err)
	got, err := os.ReadFile("../client.gen.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run go generate in client")
}

func TestABuyerGoesTheWholeWay(t *testing.T) {
	s := open(t, 10)
	alice := s.login("alice")
	who, err := alice.Verify(t.Context())
	require.NoError(t, err)
	require.Equal(t, "alice", who.UserID)

	cup, err := alice.GetGoods(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, client.GoodsStateOpen, cup.State)
	require.Equal(t, client.Money{Amount: 1999, Currency: "CNY"}, cup.Price)
	require.Equal(t, 10, cup.Left)

	ticket := s.ticket(alice)
	bought, err := alice.Purchase(t.Context(), client.PurchaseRequest{GoodsID: "1001", Token: ticket})
	require.NoError(t, err)
	require.Equal(t, client.OrderStatePending, bought.State)
	require.WithinDuration(t, time.Now().Add(15*time.Minute), bought.PayBy, time.Minute)
	again, err := alice.Purchase(t.Context(), client.PurchaseRequest{GoodsID: "1001", Token: ticket})
	require.NoError(t, err)
	require.Equal(t, bought.OrderID, again.OrderID)

	under, err := alice.SimulatePayment(t.Context(), client.PaymentRequest{OrderID: bought.OrderID})
	require.NoError(t, err)
	require.Equal(t, client.PaymentUnderWayStateProcessing, under.State)
	paid := s.becomes(alice, bought.OrderID, client.OrderStatePaid)
	require.NotEmpty(t, paid.PaymentID)

	second := s.buy(alice)
	page, err := alice.ListOrders(t.Context(), client.ListOrdersParams{Limit: 1})
	require.NoError(t, err)
	require.Len(t, page.Orders, 1)
	require.Equal(t, second.OrderID, page.Orders[0].OrderID)
	page, err = alice.ListOrders(t.Context(), client.ListOrdersParams{After: page.Next, Limit: 1})
	require.NoError(t, err)
	require.Equal(t, bought.OrderID, page.Orders[0].OrderID)
	page, err = alice.ListOrders(t.Context(), client.ListOrdersParams{})
	require.NoError(t, err)
	require.Len(t, page.Orders, 2)
	require.Empty(t, page.Next)
}

func TestAPaymentThatShallFailIsSentAsOne(t *testing.T) {
	s := open(t, 10)
	alice := s.login("alice")
	order := s.buy(alice)
	_, err := alice.SimulatePayment(t.Context(), client.PaymentRequest{OrderID: order.OrderID, Success: new(false)})
	require.NoError(t, err)
	require.NotEmpty(t, s.becomes(alice, order.OrderID, client.OrderStateCancelled).Reason)
}

func TestAnOperatorGoesTheWholeWay(t *testing.T) {
	s, ctx := open(t, 10), t.Context()
	now := time.Now().Truncate(time.Second)
	definition := client.GoodsInput{
		GoodsID: "1002", Title: "Lamp", Price: client.Price{Amount: 2900, Currency: "CNY"}, Total: 3,
		StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour),
	}
	lamp, err := s.operator.PutGoods(ctx, definition)
	require.NoError(t, err)
	require.Equal(t, "Lamp", lamp.Title)
	require.True(t, lamp.StartsAt.Equal(now.Add(time.Hour)))
	loaded, err := s.operator.Preload(ctx, "1002")
	require.NoError(t, err)
	require.Equal(t, 3, loaded.Left)

	status, err := s.operator.GetStatus(ctx)
	require.NoError(t, err)
	require.Len(t, status.Goods, 2)
	require.True(t, status.Goods[0].Conserved)
	require.Equal(t, client.HealthOk, status.Dependencies["stock"])

	live, err := s.operator.SetRateLimit(ctx, client.RateLimitRequest{Limit: 5, Window: "10s"})
	require.NoError(t, err)
	require.Equal(t, client.RateLimit{Limit: 5, Window: "10s"}, live.RateLimit)
	read, err := s.operator.GetConfig(ctx)
	require.NoError(t, err)
	require.Equal(t, live.Version, read.Version)
	require.Equal(t, client.LockModeShared, read.Lock.Mode)

	entry, err := s.operator.Ban(ctx, client.BanRequest{UserID: "mallory", Reason: "bot", Duration: "1h"})
	require.NoError(t, err)
	require.WithinDuration(t, entry.AddedAt.Add(time.Hour), *entry.ExpiresAt, time.Second)
	entry, err = s.operator.Ban(ctx, client.BanRequest{UserID: "mallory", Duration: "0"})
	require.NoError(t, err)
	require.Nil(t, entry.ExpiresAt)
	list, err := s.operator.ListBlacklist(ctx)
	require.NoError(t, err)
	require.Len(t, list.Entries, 1)
	_, err = s.login("mallory").TakeTicket(ctx, client.TicketRequest{GoodsID: "1001"})
	refused(t, err, 403, client.CodeBlacklisted)
	require.NoError(t, s.operator.Unban(ctx, "mallory"))

	report, err := s.operator.Reconcile(ctx, "1001", client.ReconcileRequest{DryRun: true})
	require.NoError(t, err)
	require.True(t, report.DryRun)
	require.Empty(t, report.Differences)
	require.Equal(t, 10, report.Gate.Left)
	report, err = s.operator.Reconcile(ctx, "1001", client.ReconcileRequest{})
	require.NoError(t, err)
	require.False(t, report.DryRun)

	definition.GoodsID, definition.Total = "1001", 1
	s.buy(s.login("alice"))
	s.buy(s.login("bob"))
	_, err = s.operator.PutGoods(ctx, definition)
	refused(t, err, 409, client.CodeTotalTooSmall)
}

func TestAnybodyMayAskForHealth(t *testing.T) {
	s := open(t, 1)
	alive, err := s.anybody.Live(t.Context())
	require.NoError(t, err)
	require.Equal(t, "alive\n", alive)
	ready, err := s.anybody.Ready(t.Context(), client.ReadyParams{Verbose: "1"})
	require.NoError(t, err)
	require.Contains(t, ready, "stock")
	metrics, err := s.anybody.Metrics(t.Context())
	require.NoError(t, err)
	require.Contains(t, metrics, "seckill_")
}

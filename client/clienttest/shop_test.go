package clienttest_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/client"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/session"
)

const adminToken = "an-operators-token-of-128-bits"

// shop is the real server, and clients of it.
type shop struct {
	t        *testing.T
	url      string
	anybody  *client.Client
	operator *client.Client
}

// open serves an engine in memory that has goods 1001 on sale, under a prefix as
// shops mount it.
func open(t *testing.T, total int) *shop {
	t.Helper()
	e, err := seckill.New(seckill.Options{})
	require.NoError(t, err)
	sessions, err := session.New(new(session.Memory), session.Options{
		Keys: []session.Key{{ID: "k1", Secret: bytes.Repeat([]byte("s"), 32)}},
	})
	require.NoError(t, err)
	handler, err := httpadapter.New(e, httpadapter.Options{
		Authenticate: httpadapter.Sessions(sessions), AdminToken: adminToken, DevLogin: sessions,
	})
	require.NoError(t, err)
	server := httptest.NewServer(http.StripPrefix("/flash", handler))
	t.Cleanup(server.Close)
	run(t, e)

	now := time.Now()
	_, err = e.Admin("test").PutGoods(t.Context(), goods.Goods{
		ID: "1001", Title: "Cup", Price: 1999, Currency: "CNY", Total: total, LimitPerUser: 2,
		StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour),
	})
	require.NoError(t, err)
	_, err = e.Admin("test").Preload(t.Context(), "1001")
	require.NoError(t, err)

	s := &shop{t: t, url: server.URL + "/flash"}
	s.anybody, err = client.New(s.url, client.Options{})
	require.NoError(t, err)
	s.operator = s.anybody.WithToken(adminToken)
	return s
}

func run(t *testing.T, e *seckill.Engine) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
}

// login returns a client for the user.
func (s *shop) login(user string) *client.Client {
	s.t.Helper()
	token, err := s.anybody.Login(s.t.Context(), client.LoginRequest{UserID: user})
	require.NoError(s.t, err)
	return s.anybody.WithToken(token.Token)
}

// ticket returns one for a unit of goods 1001.
func (s *shop) ticket(c *client.Client) string {
	s.t.Helper()
	ticket, err := c.TakeTicket(s.t.Context(), client.TicketRequest{GoodsID: "1001"})
	require.NoError(s.t, err)
	return ticket.Token
}

// buy returns an order of a unit of goods 1001.
func (s *shop) buy(c *client.Client) client.Receipt {
	s.t.Helper()
	order, err := c.Purchase(s.t.Context(), client.PurchaseRequest{GoodsID: "1001", Token: s.ticket(c)})
	require.NoError(s.t, err)
	return order
}

// becomes waits until the order is in the state.
func (s *shop) becomes(c *client.Client, id string, state client.OrderState) client.Order {
	s.t.Helper()
	var order client.Order
	require.Eventually(s.t, func() bool {
		var err error
		order, err = c.GetOrder(s.t.Context(), id)
		return err == nil && order.State == state
	}, 10*time.Second, 2*time.Millisecond)
	return order
}

// refused wants the error to be a refusal of that status and code, and returns it.
func refused(t *testing.T, err error, status int, code client.Code) *client.Error {
	t.Helper()
	require.ErrorIs(t, err, code)
	var e *client.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, status, e.Status)
	require.Equal(t, "urn:seckill:problem:"+string(code), e.Type)
	require.NotEmpty(t, e.Title)
	return e
}

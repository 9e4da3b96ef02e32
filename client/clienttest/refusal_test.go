package clienttest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/client"
)

func TestRefusalsSayWhyAndWhenToTryAgain(t *testing.T) {
	s, ctx := open(t, 1), t.Context()
	alice, bob := s.login("alice"), s.login("bob")
	bobs := s.ticket(bob)
	s.buy(alice)

	_, err := bob.Purchase(ctx, client.PurchaseRequest{GoodsID: "1001", Token: bobs})
	refused(t, err, 409, client.CodeSoldOut)
	_, retry := client.IsRetryable(err)
	require.False(t, retry)
	_, err = alice.Purchase(ctx, client.PurchaseRequest{GoodsID: "1001", Token: bobs})
	refused(t, err, 403, client.CodeInvalidTicket)
	_, err = alice.TakeTicket(ctx, client.TicketRequest{GoodsID: "1001", Quantity: 99})
	require.Contains(t, refused(t, err, 400, client.CodeInvalidRequest).Detail, "quantity")
	_, err = alice.GetGoods(ctx, "9999")
	refused(t, err, 404, client.CodeGoodsNotFound)
	_, err = alice.GetOrder(ctx, "9999")
	refused(t, err, 404, client.CodeOrderNotFound)
	_, err = s.anybody.ListOrders(ctx, client.ListOrdersParams{})
	refused(t, err, 401, client.CodeUnauthenticated)
	_, err = alice.GetStatus(ctx)
	refused(t, err, 401, client.CodeUnauthenticated)

	_, err = s.operator.Enable(ctx, client.Switch{Enabled: false})
	require.NoError(t, err)
	_, err = bob.TakeTicket(ctx, client.TicketRequest{GoodsID: "1001"})
	require.GreaterOrEqual(t, refused(t, err, 503, client.CodeDisabled).RetryAfter, time.Second)
	after, retry := client.IsRetryable(err)
	require.True(t, retry)
	require.GreaterOrEqual(t, after, time.Second)
}

func TestWhoAsksTooOftenIsToldHowLongToWait(t *testing.T) {
	s, ctx := open(t, 10), t.Context()
	_, err := s.operator.SetRateLimit(ctx, client.RateLimitRequest{Limit: 1, Window: "1m"})
	require.NoError(t, err)
	alice := s.login("alice")
	s.ticket(alice)
	_, err = alice.TakeTicket(ctx, client.TicketRequest{GoodsID: "1001"})
	e := refused(t, err, 429, client.CodeRateLimited)
	require.True(t, e.Retryable)
	require.InDelta(t, 60, e.RetryAfter.Seconds(), 5)
}

func TestWhatIsNoIDIsNotSent(t *testing.T) {
	s := open(t, 1)
	for _, id := range []string{"", ".", "..", "a/b", "../admin", "%2e", "a?b", "{id}", strings.Repeat("a", 65)} {
		_, err := s.anybody.GetOrder(t.Context(), id)
		require.ErrorContains(t, err, "want an id", id)
		require.Error(t, s.operator.Unban(t.Context(), id), id)
	}
}

func TestAWrongAddressIsNamed(t *testing.T) {
	for _, url := range []string{"", "shop.example", "ftp://shop.example", "http://", "http://a?b=c", "http://a#b", "http://user:secret@a?x", "::"} {
		_, err := client.New(url, client.Options{})
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "secret")
	}
}

// Between client and shop stand balancers, which have answers of their own.
func TestAnAnswerOfSomebodyElseIsAnErrorWithItsStatus(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Retry-After", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat))
			w.WriteHeader(502)
			w.Write([]byte("<h1>Bad Gateway</h1>"))
		},
		"a broken problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(502)
			w.Write([]byte(`{"code":`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := stub(t, answer)
			_, err := c.GetConfig(t.Context())
			var e *client.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, 502, e.Status)
			require.Equal(t, client.Code(""), e.Code)
			require.InDelta(t, 60, e.RetryAfter.Seconds(), 2)
			_, retry := client.IsRetryable(err)
			require.False(t, retry, "nobody knows")
		})
	}
}

func TestAnAnswerThatIsNotUnderstoodIsNoSuccess(t *testing.T) {
	for name, body := range map[string]string{"no JSON": "<html>", "endless": strings.Repeat(" ", 17<<20)} {
		c := stub(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(body)) })
		_, err := c.GetConfig(t.Context())
		require.Error(t, err, name)
	}
}

func TestACodeThatANewerServerSendsIsKept(t *testing.T) {
	c := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(409)
		w.Write([]byte(`{"code":"brand_new","status":409,"retryable":true,"more":1}`))
	})
	_, err := c.GetConfig(t.Context())
	require.ErrorIs(t, err, client.Code("brand_new"))
	_, retry := client.IsRetryable(err)
	require.True(t, retry)
}

func TestACallEndsWithItsContext(t *testing.T) {
	c := stub(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := c.GetConfig(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func stub(t *testing.T, answer http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, client.Options{Token: "x"})
	require.NoError(t, err)
	return c
}

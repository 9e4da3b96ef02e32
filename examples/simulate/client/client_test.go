package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/simulate/client"
)

// open serves h to a client with up to so many connections.
func open(t *testing.T, connections int, h http.HandlerFunc) *client.Client {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := client.New(s.URL+"/", connections)
	t.Cleanup(c.Close)
	return c
}

func TestAnswersAreReadAsTheAPIWritesThem(t *testing.T) {
	t.Parallel()
	problem := "application/problem+json"
	for name, c := range map[string]struct {
		status            int
		kind, retry, body string
		want              client.Answer
		fault             string
	}{
		"a success":            {200, "application/json; charset=utf-8", "", `{"order_id":"a"}`, client.Answer{Status: 200}, ""},
		"a refusal":            {409, problem, "", `{"code":"sold_out"}`, client.Answer{Status: 409, Code: "sold_out"}, ""},
		"try later":            {503, problem, "2", `{"code":"busy","retryable":true}`, client.Answer{Status: 503, Code: "busy", Retryable: true, RetryAfter: 2 * time.Second}, ""},
		"try in a year":        {503, problem, "31536000", `{"code":"busy","retryable":true}`, client.Answer{Status: 503, Code: "busy", Retryable: true, RetryAfter: 24 * time.Hour}, ""},
		"a date is no seconds": {503, problem, "Mon, 02 Jan 2006 15:04:05 GMT", `{"code":"busy","retryable":true}`, client.Answer{Status: 503, Code: "busy", Retryable: true}, ""},
		"no code":              {503, problem, "", `{}`, client.Answer{Status: 503}, "a problem without a code"},
		"another's page":       {502, "text/html", "", `<h1>Bad gateway</h1>`, client.Answer{Status: 502}, "not an answer of this API, of type \"text/html\""},
		"not JSON":             {200, "application/json", "", `{"order_id":`, client.Answer{Status: 200}, "not the JSON that the API promises"},
		"a redirect":           {303, "text/html", "", "", client.Answer{Status: 303}, "not an answer of this API"},
	} {
		t.Run(name, func(t *testing.T) {
			shop := open(t, 1, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("Location", "http://127.0.0.1:1/")
				if c.retry != "" {
					w.Header().Set("Retry-After", c.retry)
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			_, a := shop.Purchase(t.Context(), "session", "1001", "ticket")
			if c.fault != "" {
				require.ErrorContains(t, a.Err, c.fault)
				require.True(t, a.Ambiguous())
				a.Err = nil
			} else {
				require.False(t, a.Ambiguous())
				require.Equal(t, c.status < 300, a.OK())
			}
			require.Equal(t, c.want, a)
		})
	}
}

func TestAPurchaseIsNotSentTwice(t *testing.T) {
	t.Parallel()
	var came atomic.Int64
	shop := open(t, 1, func(w http.ResponseWriter, r *http.Request) {
		if came.Add(1) == 1 { // a connection that is kept, and then closed under the next request
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{}`)
			return
		}
		io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	_, a := shop.Purchase(t.Context(), "session", "1001", "ticket")
	require.True(t, a.OK())
	_, a = shop.Purchase(t.Context(), "session", "1001", "ticket")
	require.Error(t, a.Err)
	require.True(t, a.Ambiguous())
	require.EqualValues(t, 2, came.Load())
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	shop := open(t, 3, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond) // so that requests overlap
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{}`)
	})
	done := make(chan bool)
	for range 30 {
		go func() {
			_, a := shop.Ticket(t.Context(), "session", "1001")
			done <- a.OK()
		}()
	}
	for range 30 {
		require.True(t, <-done)
	}
	require.LessOrEqual(t, most.Load(), int64(3))
}

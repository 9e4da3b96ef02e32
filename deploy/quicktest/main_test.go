package main_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	main "github.com/seckill-go/seckill/deploy/quicktest"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/session"
)

const adminToken = "an-operators-token-of-128-bits"

// shop is an engine in memory behind its API.
func shop(t *testing.T) http.Handler {
	engine, err := seckill.New(seckill.Options{})
	require.NoError(t, err)
	sessions, err := session.New(new(session.Memory), session.Options{Keys: []session.Key{{ID: "k1", Secret: bytes.Repeat([]byte("s"), 32)}}})
	require.NoError(t, err)
	handler, err := httpadapter.New(engine, httpadapter.Options{
		Authenticate: httpadapter.Sessions(sessions), AdminToken: adminToken, DevLogin: sessions,
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return handler
}

func quicktest(t *testing.T, handler http.Handler, flags ...string) (status int, report string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	var out bytes.Buffer
	status = main.Run(append([]string{"-url", server.URL, "-units", "6", "-buyers", "20"}, flags...), &out)
	return status, out.String()
}

func TestMain(m *testing.M) {
	os.Setenv("SECKILL_ADMIN_TOKEN", adminToken)
	os.Exit(m.Run())
}

func TestAnHonestShopPasses(t *testing.T) {
	t.Parallel()
	status, report := quicktest(t, shop(t))
	require.Zero(t, status, report)
	require.Contains(t, report, "sold 6 = total 6, all paid")
}

func TestAServerOfItsOwnPasses(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Zero(t, main.Run([]string{"-units", "10", "-buyers", "30"}, &out), out.String())
	require.True(t, strings.HasSuffix(out.String(), "\nok\n"), out.String())
}

// Each lie is what a shop with one thing broken would answer; path is where, and
// from the request on, counted from 1, that it lies.
var lies = map[string]struct {
	path string
	from int64
	lie  func(status int, body string) (int, string)
}{
	"a unit sold twice": {"/api/seckill", 1, func(status int, body string) (int, string) {
		if strings.Contains(body, "sold_out") {
			return 201, `{"order_id":"invented","state":"pending"}`
		}
		return status, body
	}},
	"a unit never sold": {"/api/seckill", 6, func(status int, body string) (int, string) {
		return 409, `{"code":"sold_out"}`
	}},
	"another order for the same ticket": {"/api/seckill", 1, func(status int, body string) (int, string) {
		if status == 200 {
			body = strings.Replace(body, `"order_id":"`, `"order_id":"0`, 1)
		}
		return status, body
	}},
	"a payment that gets lost": {"/api/orders/", 1, func(status int, body string) (int, string) {
		return status, strings.Replace(body, `"paid"`, `"pending"`, 1)
	}},
	"a unit that is not given back": {"/api/admin/status", 1, func(status int, body string) (int, string) {
		return status, strings.Replace(body, `"left":3`, `"left":2`, 1)
	}},
	"an event that is not sent": {"/api/admin/status", 1, func(status int, body string) (int, string) {
		return status, strings.Replace(body, `"pending":0`, `"pending":1`, 1)
	}},
	"a forged ticket that is good": {"/api/seckill", 1, func(status int, body string) (int, string) {
		if strings.Contains(body, "invalid_ticket") {
			return 201, `{"order_id":"invented","state":"pending"}`
		}
		return status, body
	}},
	"a gate that differs from the ledger": {"/api/admin/reconcile/", 1, func(status int, body string) (int, string) {
		return status, strings.Replace(body, `"differences":[]`, `"differences":["left"]`, 1)
	}},
}

func TestABrokenShopFails(t *testing.T) {
	t.Parallel()
	for name, l := range lies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			honest, asked := shop(t), new(atomic.Int64)
			liar := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, l.path) || strings.HasSuffix(r.URL.Path, "/token") || asked.Add(1) < l.from {
					honest.ServeHTTP(w, r)
					return
				}
				truth := httptest.NewRecorder()
				honest.ServeHTTP(truth, r)
				status, body := l.lie(truth.Code, truth.Body.String())
				w.WriteHeader(status)
				w.Write([]byte(body))
			})
			status, report := quicktest(t, liar, "-patience", "4s")
			require.Equal(t, 1, status, report)
			require.Contains(t, report, "FAILED")
		})
	}
}

func TestWhatCannotBeDoneIsSaid(t *testing.T) {
	t.Setenv("SECKILL_ADMIN_TOKEN", "not-the-operators-token")
	status, report := quicktest(t, shop(t))
	require.Equal(t, 2, status)
	require.Contains(t, report, "unauthenticated")
	for _, flags := range [][]string{{"-config", "x"}, {"-buyers", "6"}, {"more"}, {"-nonsense"}} {
		status, _ := quicktest(t, shop(t), flags...)
		require.Equal(t, 2, status, flags)
	}
}

package httpadapter_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/ticket"
)

const adminToken = "an-operators-token-of-128-bits"

var ticketKey = ticket.Key{ID: "k1", Secret: bytes.Repeat([]byte("t"), 32)}

var sessionSecret = bytes.Repeat([]byte("s"), 32)

var webhookSecret = "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("w"), 32))

// world is an engine in memory behind its API, with goods 1001 on sale and what can
// go wrong within reach.
type world struct {
	t        testing.TB
	engine   *seckill.Engine
	sessions *session.Sessions
	webhook  *payment.Webhook
	options  httpadapter.Options
	handler  http.Handler
	goods    goods.Goods
	catalog  *goods.Memory
	orders   *order.Memory

	ahead      atomic.Int64                  // of the engine's clock
	down       atomic.Bool                   // the backends do not answer
	uncommit   atomic.Bool                   // the ledger does not answer to Commit
	stalled    atomic.Pointer[chan struct{}] // the ledger answers to Commit when it is closed
	loginDown  atomic.Bool                   // the session store does not answer
	authBroken atomic.Bool
	ran        bool
	reads      atomic.Int64 // of the ledger's stock rows and checks

	mu    sync.Mutex
	calls []string // of backends
}

func newWorld(t testing.TB, change ...func(*httpadapter.Options)) *world {
	t.Helper()
	w := &world{t: t, catalog: new(goods.Memory)}
	var err error
	w.sessions, err = session.New(&logins{new(session.Memory), w}, session.Options{
		Keys: []session.Key{{ID: "k1", Secret: sessionSecret}},
	})
	w.must(err)
	w.webhook, err = payment.NewWebhook(webhookSecret)
	w.must(err)
	w.options = httpadapter.Options{
		Authenticate:      w.breakable(httpadapter.Sessions(w.sessions)),
		AuthenticateAdmin: w.breakable(operator),
		Webhook:           w.webhook, DevLogin: w.sessions,
	}
	for _, c := range change {
		c(&w.options)
	}
	w.orders = new(order.Memory)
	w.engine, err = seckill.New(seckill.Options{
		Now:        func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
		Orders:     &orders{Memory: w.orders, w: w},
		Settings:   &live{new(settings.Memory), w},
		Blacklist:  &list{new(blacklist.Memory), w},
		Catalog:    &catalog{w.catalog, w},
		Stock:      &gate{new(stock.Memory), w},
		Limiter:    &limits{new(limiter.Memory), w},
		Logger:     w.options.Logger,
		Node:       "node-a",
		TicketKeys: []ticket.Key{ticketKey}, CommitPatience: 100 * time.Millisecond,
	})
	w.must(err)
	t.Cleanup(w.drained)
	w.handler, err = httpadapter.New(w.engine, w.options)
	w.must(err)
	w.goods = goods.Goods{
		ID: "1001", Title: "Phone", Subtitle: "256 GB", Price: 199900, OriginalPrice: 399900, Currency: "CNY", Total: 100, LimitPerUser: 2,
		StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(time.Hour),
	}
	w.put(func(*goods.Goods) {})
	_, err = w.engine.Admin("test").Preload(t.Context(), "1001")
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// operator authenticates without the adapter's own way, which has tests of its own.
func operator(r *http.Request) (string, error) {
	if r.Header.Get("Authorization") != "Bearer "+adminToken {
		return "", httpadapter.ErrUnauthenticated
	}
	return "operator", nil
}

// breakable is an authentication that fails once authBroken is set.
func (w *world) breakable(real func(*http.Request) (string, error)) func(*http.Request) (string, error) {
	return func(r *http.Request) (string, error) {
		if w.authBroken.Load() {
			return "", errors.New("secret text of the authentication")
		}
		return real(r)
	}
}

// put changes goods 1001.
func (w *world) put(change func(*goods.Goods)) {
	w.t.Helper()
	change(&w.goods)
	_, err := w.engine.Admin("test").PutGoods(w.t.Context(), w.goods)
	w.must(err)
}

// login returns a session token of the user.
func (w *world) login(user string) string {
	w.t.Helper()
	token, _, err := w.sessions.Issue(w.t.Context(), user)
	w.must(err)
	return token
}

// ticket returns a ticket of the user for goods 1001.
func (w *world) ticket(user string, quantity int) string {
	w.t.Helper()
	t, err := w.engine.Ticket(w.t.Context(), user, "1001", quantity)
	w.must(err)
	return t.Token
}

// buy returns an order of the user.
func (w *world) buy(user string, quantity int) order.Order {
	w.t.Helper()
	r, err := w.engine.Purchase(w.t.Context(), user, "1001", w.ticket(user, quantity))
	w.must(err)
	return r.Order
}

// drained ends what an engine has under way that never ran: one that runs and has to
// stop at once.
func (w *world) drained() {
	if w.ran {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := w.engine.Run(ctx); err != nil {
		w.t.Error(err)
	}
}

// run runs the engine until the test is over.
func (w *world) run() {
	w.ran = true
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.engine.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
}

// call is one request; body is sent as JSON unless it is a string or nil.
type call struct {
	method, path string
	bearer       string
	header       http.Header
	body         any
}

// answer is what came back; body is nil if it is not JSON.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (w *world) do(c call) answer {
	w.t.Helper()
	return w.doAs("localhost:8000", c)
}

// doAs does it under a Host header.
func (w *world) doAs(host string, c call) answer {
	w.t.Helper()
	rec, r := httptest.NewRecorder(), c.request(w.t)
	r.Host = host
	w.handler.ServeHTTP(rec, r)
	a := answer{status: rec.Code, header: rec.Result().Header, raw: rec.Body.String()}
	_ = json.Unmarshal(rec.Body.Bytes(), &a.body)
	return a
}

func (c call) request(t testing.TB) *http.Request {
	t.Helper()
	var body io.Reader
	switch b := c.body.(type) {
	case nil:
	case string:
		body = bytes.NewReader([]byte(b))
	default:
		content, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(content)
	}
	r := httptest.NewRequest(c.method, c.path, body)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	maps.Copy(r.Header, c.header)
	return r
}

// want checks status and code; the code is empty for a success.
func (w *world) want(c call, status int, code string) answer {
	w.t.Helper()
	a := w.do(c)
	got, _ := a.body["code"].(string)
	if a.status != status || got != code {
		w.t.Errorf("%s %s %v: want %d %s, got %d %s", c.method, c.path, c.body, status, code, a.status, a.raw)
	}
	return a
}

// eventually waits until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never happened: ", what)
		}
	}
}

// nobody is an id that no order has.
func nobody() string { return rand.Text() }

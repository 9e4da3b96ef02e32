package browsertest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/stock"
)

const (
	adminToken = "an-admin-token-of-128-bits"
	readToken  = "a-read-only-token-of-128-bits"
)

// shop is a server with some goods on sale and the console beside its API.
type shop struct {
	*httptest.Server
	engine *seckill.Engine
	gate   *stock.Memory
	t      *testing.T
	orders []string
	held   sync.Map // by path: a channel that is closed when requests may go on
	frozen atomic.Pointer[chan struct{}]
}

func open(t *testing.T) *shop {
	t.Helper()
	return openFor(t, 0)
}

// openFor lets so many pages have a stream; 0 means the usual number.
func openFor(t *testing.T, watchers int) *shop {
	t.Helper()
	s := openEmpty(t, watchers)
	s.sell("1001", "Celadon tea cup · 青瓷茶杯", 100, 0)
	s.sell("1002", "Wireless earbuds · 无线耳机", 50, 1)
	s.sell("1003", "Dragon Well tea, 50 g · 西湖龙井 50 克", 200, 5)
	s.sell("1004", "Rabbit lamp · 玉兔小夜灯", 10, 0)
	return s
}

// openEmpty sells nothing yet.
func openEmpty(t *testing.T, watchers int) *shop {
	t.Helper()
	gate := new(stock.Memory)
	engine, err := seckill.New(seckill.Options{Stock: gate, Node: "node-a"})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
	})
	api, err := httpadapter.User(engine, httpadapter.Options{
		Authenticate: func(r *http.Request) (string, error) { return r.Header.Get("User"), nil },
	})
	must(t, err)
	page, err := console.New(engine, console.Options{AdminToken: adminToken, ReadToken: readToken, Done: ctx.Done(), MaxWatchers: watchers})
	must(t, err)
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle("/console/", http.StripPrefix("/console", page))
	s := &shop{engine: engine, gate: gate, t: t}
	s.Server = httptest.NewServer(s.holding(mux))
	t.Cleanup(s.CloseClientConnections)
	t.Cleanup(s.Server.Close)
	return s
}

// hold keeps requests of a path waiting until the returned function is called.
func (s *shop) hold(path string) (release func()) {
	held := make(chan struct{})
	s.held.Store(path, held)
	return sync.OnceFunc(func() { close(held) })
}

// freeze keeps every request waiting, and what is under way from writing, as a
// process does that is stopped, until the returned function is called.
func (s *shop) freeze() (thaw func()) {
	ice := make(chan struct{})
	s.frozen.Store(&ice)
	thaw = sync.OnceFunc(func() { close(ice) })
	s.t.Cleanup(thaw)
	return thaw
}

func (s *shop) awaitThaw() {
	if ice := s.frozen.Load(); ice != nil {
		<-*ice
	}
}

type freezing struct {
	http.ResponseWriter
	s *shop
}

func (f freezing) Unwrap() http.ResponseWriter { return f.ResponseWriter }

func (f freezing) Write(b []byte) (int, error) {
	f.s.awaitThaw()
	return f.ResponseWriter.Write(b)
}

func (s *shop) holding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.awaitThaw()
		if held, ok := s.held.Load(r.URL.Path); ok {
			select {
			case <-held.(chan struct{}):
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(freezing{w, s}, r)
	})
}

func (s *shop) sell(id, title string, total, limit int) {
	s.t.Helper()
	admin, now := s.engine.Admin("start"), time.Now()
	_, err := admin.PutGoods(s.t.Context(), goods.Goods{
		ID: id, Title: title, Price: 1999, Currency: "CNY", Total: total, LimitPerUser: limit,
		StartsAt: now.Add(-time.Minute), EndsAt: now.AddDate(0, 0, 30),
	})
	must(s.t, err)
	_, err = admin.Preload(s.t.Context(), id)
	must(s.t, err)
}

// crowd has so many users buy one unit each, as their browsers would.
func (s *shop) crowd(name, goodsID string, users int) {
	s.t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range users {
		all.Go(func() {
			if order := s.buy(fmt.Sprintf("%s-%d", name, i), goodsID); order != "" {
				mu.Lock()
				defer mu.Unlock()
				s.orders = append(s.orders, order)
			}
		})
	}
	all.Wait()
}

// buy returns the id of the order, or nothing if the user was refused.
func (s *shop) buy(user, goodsID string) string {
	var ticket struct{ Token string }
	var order struct {
		ID string `json:"order_id"`
	}
	if !s.post(user, "/api/seckill/token?goods_id="+goodsID, &ticket) {
		return ""
	}
	s.post(user, "/api/seckill?goods_id="+goodsID+"&token="+ticket.Token, &order)
	return order.ID
}

func (s *shop) pay(user, order string) {
	s.post(user, "/api/payment/simulate?order_id="+order, new(struct{}))
}

func (s *shop) post(user, path string, into any) bool {
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.URL+path, nil)
	if err != nil {
		s.t.Error(err)
		return false
	}
	r.Header.Set("User", user)
	w, err := s.Client().Do(r)
	if err != nil {
		s.t.Error(err)
		return false
	}
	defer w.Body.Close()
	return w.StatusCode < 300 && decode(w, into)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
	"github.com/seckill-go/seckill/goods"
)

const (
	adminToken = "an-admin-token-of-128-bits"
	readToken  = "a-read-only-token-of-128-bits"
)

// limit is what the server has against slow clients: short, to see that streams are
// not cut by it.
const limit = time.Second

// world is an engine in memory with goods 1001 on sale and the console on a server.
type world struct {
	t      *testing.T
	engine *seckill.Engine
	url    string // of the console, with a slash at its end
}

// open serves the console; parts changes what the engine is made of, change what the
// console is told.
func open(t *testing.T, parts seckill.Options, change ...func(*console.Options)) *world {
	t.Helper()
	engine, err := seckill.New(parts)
	must(t, err)
	run(t, engine)
	o := console.Options{AdminToken: adminToken, ReadToken: readToken}
	for _, c := range change {
		c(&o)
	}
	page, err := console.New(engine, o)
	must(t, err)
	mux := http.NewServeMux()
	mux.Handle("/console/", http.StripPrefix("/console", page))
	server := httptest.NewUnstartedServer(mux)
	server.Config.ReadTimeout, server.Config.WriteTimeout = limit, limit
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	w := &world{t, engine, server.URL + "/console/"}
	w.put("1001", 10)
	return w
}

func run(t *testing.T, engine *seckill.Engine) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
	})
}

func (w *world) put(id string, total int) {
	w.t.Helper()
	_, err := w.engine.Admin("test").PutGoods(w.t.Context(), goods.Goods{
		ID: id, Title: "Cup", Price: 1999, Currency: "CNY", Total: total,
		StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(time.Hour),
	})
	must(w.t, err)
	_, err = w.engine.Admin("test").Preload(w.t.Context(), id)
	must(w.t, err)
}

// window changes when the goods is on sale, and returns the end.
func (w *world) window(id string, starts, ends time.Time) time.Time {
	w.t.Helper()
	v, err := w.engine.Goods(w.t.Context(), id)
	must(w.t, err)
	v.Goods.StartsAt, v.Goods.EndsAt = starts, ends
	_, err = w.engine.Admin("test").PutGoods(w.t.Context(), v.Goods)
	must(w.t, err)
	return ends
}

// buy buys a unit of goods 1001.
func (w *world) buy(user string) string {
	w.t.Helper()
	ticket, err := w.engine.Ticket(w.t.Context(), user, "1001", 1)
	must(w.t, err)
	r, err := w.engine.Purchase(w.t.Context(), user, "1001", ticket.Token)
	must(w.t, err)
	return r.Order.ID
}

// client is somebody's browser, without a page.
type client struct {
	w    *world
	http *http.Client
}

func (w *world) client() *client {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	return &client{w, &http.Client{Jar: jar, Transport: &http.Transport{}, Timeout: 20 * time.Second}}
}

func (w *world) login(token string) *client {
	w.t.Helper()
	c := w.client()
	if a := c.call("POST", "api/login", `{"token":"`+token+`"}`); a.status != 200 {
		w.t.Fatalf("login: %d %s", a.status, a.text)
	}
	return c
}

// answer is what the console said.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// is reports whether it is a problem with that code and those words.
func (a answer) is(status int, code, detail string) bool {
	return a.status == status && a.body["code"] == code && strings.Contains(a.text, detail) &&
		a.header.Get("Content-Type") == "application/problem+json"
}

func (c *client) call(method, path, body string, header ...string) answer {
	c.w.t.Helper()
	r, err := http.NewRequestWithContext(c.w.t.Context(), method, c.w.url+path, strings.NewReader(body))
	must(c.w.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	response, err := c.http.Do(r)
	must(c.w.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(c.w.t, err)
	a := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body) // files are no JSON
	return a
}

// ok calls and wants success.
func (c *client) ok(method, path, body string) answer {
	c.w.t.Helper()
	a := c.call(method, path, body)
	if a.status != 200 {
		c.w.t.Fatalf("%s %s: %d %s", method, path, a.status, a.text)
	}
	return a
}

// state is what the tests read of a state.
type state struct {
	Fault    bool
	Settings struct{ Enabled bool }
	Goods    []struct {
		ID                            string
		Total, Left, Held, Sold, Paid int
		Conserved, Sound, Loaded      bool
		State                         string
		Holders                       []struct{ Node, Mode string }
	}
	Node  string
	Parts []struct {
		Name string
		OK   bool
	}
	Point *struct {
		Orders       float64
		Times, Sizes *struct{ P50, P99 float64 }
	}
	History []struct{ At int64 }
}

// events opens the stream; each call of the function returns the next state, and
// false once it has ended.
func (c *client) events() (next func() (state, bool), stop func()) {
	c.w.t.Helper()
	ctx, cancel := context.WithCancel(c.w.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", c.w.url+"api/stream", nil)
	must(c.w.t, err)
	endless := *c.http
	endless.Timeout = 0
	response, err := endless.Do(r)
	must(c.w.t, err)
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		c.w.t.Fatalf("stream: %d %v", response.StatusCode, response.Header)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	return func() (s state, ok bool) {
			for lines.Scan() {
				if text, found := strings.CutPrefix(lines.Text(), "data: "); found {
					must(c.w.t, json.Unmarshal([]byte(text), &s))
					return s, true
				}
			}
			return s, false
		}, func() {
			cancel()
			response.Body.Close()
		}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

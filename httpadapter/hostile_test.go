package httpadapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
)

// hurry is by how much the server's times are shorter than a user's server has them,
// so that each of them ends within a test. One that is not there at all stays so.
const hurry = 10

// listen serves on a real listener, as [httpadapter.Server] configures it.
func (w *world) listen() *httptest.Server {
	s := httptest.NewUnstartedServer(nil)
	s.Config = httpadapter.Server("", w.handler)
	for _, limit := range []*time.Duration{&s.Config.ReadHeaderTimeout, &s.Config.ReadTimeout, &s.Config.WriteTimeout, &s.Config.IdleTimeout} {
		*limit /= hurry
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	w.t.Cleanup(s.Close)
	return s
}

// connect opens a connection that ends with the test at the latest.
func connect(t testing.TB, s *httptest.Server) net.Conn {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// dribble sends the text, and then a byte of the endless part each 200 ms, until the
// server has enough of it. It returns after how long that was, and what the server
// said.
func dribble(c net.Conn, text string, endless byte, patience time.Duration) (time.Duration, string) {
	start, gone := time.Now(), make(chan string, 1)
	go func() {
		said, _ := io.ReadAll(c)
		gone <- string(said)
	}()
	_, _ = io.WriteString(c, text)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case said := <-gone:
			return time.Since(start), said
		case <-tick.C:
			if time.Since(start) > patience {
				return time.Since(start), "is still there"
			}
			_, _ = c.Write([]byte{endless})
		}
	}
}

// honest buys as any buyer does, again and again, until stop is called, which returns
// how often that went well, as bought does before. Anything else fails the test.
func (w *world) honest(s *httptest.Server) (bought *atomic.Int64, stop func() int64) {
	ctx, cancel := context.WithCancel(w.t.Context())
	bought = new(atomic.Int64)
	var buyers sync.WaitGroup
	for n := range 2 {
		buyers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := w.buyOver(s, fmt.Sprintf("honest-%d-%d", n, i)); err != nil {
					w.t.Errorf("honest buyer %d: %v", i, err)
					return
				}
				bought.Add(1)
				time.Sleep(10 * time.Millisecond) // people do
			}
		})
	}
	return bought, func() int64 {
		cancel()
		buyers.Wait()
		return bought.Load()
	}
}

// buyOver buys one unit over HTTP, within the time that a buyer is ready to wait.
func (w *world) buyOver(s *httptest.Server, user string) error {
	bearer := w.login(user)
	taken, err := w.over(s, call{method: "POST", path: "/api/seckill/token", bearer: bearer, body: anyTicket})
	if err != nil {
		return err
	}
	_, err = w.over(s, call{method: "POST", path: "/api/seckill", bearer: bearer, body: map[string]any{"goods_id": "1001", "token": taken["token"]}})
	return err
}

// over sends the call to the server; anything but a success is an error. On a machine
// that is busy with the hostile ones the shortened times may end an honest connection
// too: then it is tried again, as buyers do, which gets the same order.
func (w *world) over(s *httptest.Server, c call) (body map[string]any, err error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	for range 3 {
		own := c.request(w.t)
		r, wrong := http.NewRequestWithContext(ctx, c.method, s.URL+c.path, own.Body)
		if wrong != nil {
			return nil, wrong
		}
		r.Header = own.Header
		a, fault := s.Client().Do(r)
		if err = fault; err != nil {
			continue
		}
		defer a.Body.Close()
		if err := json.NewDecoder(a.Body).Decode(&body); err != nil || a.StatusCode >= 300 {
			return nil, fmt.Errorf("%s: %v %v", a.Status, body, err)
		}
		return body, nil
	}
	return nil, fmt.Errorf("%s %s: no answer: %w", c.method, c.path, err)
}

// crowd is how many hostile connections there are: 2,000, or what the descriptors
// allow, of which each takes two, as both ends are here.
func crowd(t *testing.T) int {
	t.Helper()
	n := min(2000, (descriptors()-400)/2)
	t.Logf("%d connections", n)
	return n
}

// manyUnits keeps the honest from selling the goods out.
func (w *world) manyUnits() {
	w.put(func(g *goods.Goods) { g.Total, g.LimitPerUser = 1_000_000, 0 })
}

func TestSlowHeadersHoldNobodyUp(t *testing.T) {
	w := newWorld(t)
	w.manyUnits()
	s := w.listen()
	before := runtime.NumGoroutine()
	_, stop := w.honest(s)
	var slow sync.WaitGroup
	var late atomic.Int64
	for range crowd(t) {
		c := connect(t, s)
		slow.Go(func() {
			defer c.Close()
			if took, said := dribble(c, "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", 'a', 20*time.Second); took > 10*time.Second || strings.Contains(said, "200") {
				late.Add(1)
			}
		})
	}
	slow.Wait()
	if n := late.Load(); n > 0 {
		t.Errorf("%d connections stayed", n)
	}
	if n := stop(); n < 5 {
		t.Errorf("%d honest purchases meanwhile", n)
	}
	s.CloseClientConnections()
	eventually(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before+20 })
}

func TestSlowBodiesHoldNobodyUp(t *testing.T) {
	w := newWorld(t)
	w.manyUnits()
	s := w.listen()
	bearer := w.login("user-1")
	_, stop := w.honest(s)
	var slow sync.WaitGroup
	for i := range 200 {
		c := connect(t, s)
		start := "POST /api/seckill/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + bearer + "\r\n"
		switch i % 4 {
		case 0:
			start += "Content-Length: 4000\r\n\r\n{"
		case 1:
			start += "Transfer-Encoding: chunked\r\n\r\nfa0\r\n{"
		case 2: // unauthenticated
			start = strings.Replace(start, bearer, "x", 1) + "Content-Length: 100000\r\n\r\n{"
		case 3: // whom nobody has to authenticate before his body is there
			start = strings.Replace(start, "/api/seckill/token", "/api/payment/callback", 1) + "Content-Length: 4000\r\n\r\n{"
		}
		slow.Go(func() {
			defer c.Close()
			if took, said := dribble(c, start, ' ', 20*time.Second); took > 10*time.Second || strings.Contains(said, "HTTP/1.1 2") {
				t.Errorf("case %d: after %v %s", i%4, took, said)
			}
		})
	}
	slow.Wait()
	if n := stop(); n < 5 {
		t.Errorf("%d honest purchases meanwhile", n)
	}
}

// Who asks and asks and never reads an answer fills the buffers on the way, and is
// cut off.
func TestAClientWhoNeverReadsIsCutOff(t *testing.T) {
	w := newWorld(t)
	s := w.listen()
	c := connect(t, s)
	_ = c.(*net.TCPConn).SetReadBuffer(4096)
	request := []byte("GET /api/openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n")
	_ = c.SetWriteDeadline(time.Now().Add(30 * time.Second))
	start := time.Now()
	for {
		if _, err := c.Write(bytes.Repeat(request, 100)); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Error("it was never cut off")
			}
			break
		}
	}
	t.Logf("after %v", time.Since(start).Round(time.Millisecond))
	if err := w.buyOver(s, "user-2"); err != nil {
		t.Error("others:", err)
	}
}

// raw sends bytes and returns all that comes back until the server closes.
func raw(t *testing.T, s *httptest.Server, text string) (said string, closed bool) {
	t.Helper()
	c := connect(t, s)
	defer c.Close()
	go func() { _, _ = io.WriteString(c, text) }()
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	all, err := io.ReadAll(c)
	ne, ok := err.(net.Error)
	return string(all), !ok || !ne.Timeout()
}

// Two ways to say where a request ends are two requests for whoever reads them in the
// other way. What net/http does not refuse of that kind is the last on its connection.
func TestNothingIsSmuggledBehindARequest(t *testing.T) {
	w := newWorld(t)
	s := w.listen()
	const hidden = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
	post := "POST /api/seckill/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for name, c := range map[string]struct{ request, status string }{
		"length and chunks":           {post + "Content-Length: 45\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "401"},
		"chunks and length":           {post + "Transfer-Encoding: chunked\r\nContent-Length: 45\r\n\r\n0\r\n\r\n", "401"},
		"two lengths":                 {post + "Content-Length: 0\r\nContent-Length: 42\r\n\r\n", "400"},
		"a list of lengths":           {post + "Content-Length: 0, 42\r\n\r\n", "400"},
		"a signed length":             {post + "Content-Length: +0\r\n\r\n", "400"},
		"a negative length":           {post + "Content-Length: -1\r\n\r\n", "400"},
		"a length in hex":             {post + "Content-Length: 0x0\r\n\r\n", "400"},
		"chunks twice":                {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "501"},
		"chunks and identity":         {post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "501"},
		"a space before the colon":    {post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"},
		"a tab before the word":       {post + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", "400"},
		"chunks with bare line feeds": {post + "Transfer-Encoding: chunked\r\n\r\n1\n\na\n0\n\n", "401"},
		"two hosts":                   {strings.Replace(post, "Host: localhost", "Host: localhost\r\nHost: evil.example", 1) + "\r\n", "400"},
		"no host":                     {strings.Replace(post, "Host: localhost\r\n", "", 1) + "\r\n", "400"},
		"a null byte in a header":     {post + "X: a\x00b\r\n\r\n", "400"},
		"a header of 30 KiB":          {post + "X: " + strings.Repeat("a", 30<<10) + "\r\n\r\n", "431"},
		"3,000 headers":               {post + strings.Repeat("X: aaaa\r\n", 3000) + "\r\n", "431"},
		"a path of 30 KiB":            {"GET /" + strings.Repeat("a", 30<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "431"},
		"a megabyte with its length":  {post + "Content-Length: 1048576\r\n\r\n" + strings.Repeat("a", 1<<20), "401"},
		"a body with no end":          {post + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("a", 4096)+"\r\n", 256), "401"},
	} {
		said, closed := raw(t, s, c.request+hidden)
		if !strings.HasPrefix(said, "HTTP/1.1 "+c.status) || strings.Count(said, "HTTP/1.1 ") != 1 || !closed {
			t.Errorf("%s: closed %v, want %s and no more, got %.300s", name, closed, c.status, said)
		}
	}
	last := strings.Replace(hidden, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)
	said, _ := raw(t, s, hidden+last) // what is honest goes on
	if strings.Count(said, "HTTP/1.1 200") != 2 {
		t.Errorf("two requests on one connection: %s", said)
	}
}

package httpadapter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
)

// nowhere is a ResponseWriter that keeps nothing.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(status int)      { n.status = status }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }

const forged = `{"goods_id":"1001","token":"st1.k1.AAECAwQFBgcICQoLDA0ODwAAAZqPPl-AAAABmo9DWYAAAQZ1c2VyLTExMDAx.AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8"}`

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.Write([]byte("hello\n"))
})

const anyTicket = `{"goods_id":"1001"}`

// What the adapter and the engine add to net/http for one request. The accepted one
// is the same purchase again and again, so that nothing grows.
func BenchmarkRequest(b *testing.B) {
	for _, bench := range []struct {
		name, path string
		body       func(*world) string
		code       string
	}{
		{"forged", "/api/seckill", func(*world) string { return forged }, "invalid_ticket"},
		{"accepted", "/api/seckill", genuine, ""},
		{"banned", "/api/seckill", func(w *world) string { defer w.ban("user-1"); return genuine(w) }, "blacklisted"},
		{"sold_out", "/api/seckill/token", soldOut, "sold_out"},
		{"limited", "/api/seckill/token", limited, "rate_limited"},
		{"blacklisted", "/api/seckill/token", func(w *world) string { w.ban("user-1"); return anyTicket }, "blacklisted"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			w := newWorld(b)
			content := bench.body(w)
			c := call{method: "POST", path: bench.path, bearer: w.login("user-1"), body: content}
			status := w.answered(c, bench.code)
			r, body := c.request(b), strings.NewReader(content)
			r.Body = io.NopCloser(body)
			b.ReportAllocs()
			for b.Loop() {
				body.Reset(content)
				rw := nowhere{header: make(http.Header)}
				w.handler.ServeHTTP(&rw, r)
				if rw.status != status {
					b.Fatal(rw.status)
				}
			}
		})
	}
}

func genuine(w *world) string {
	return `{"goods_id":"1001","token":"` + w.ticket("user-1", 1) + `"}`
}

func soldOut(w *world) string {
	w.put(func(g *goods.Goods) { g.Total = 2 })
	w.buy("user-2", 2)
	return anyTicket
}

func limited(w *world) string {
	w.rate(1)
	return anyTicket
}

// answered repeats the call until it is answered with the code, twice, as what a
// node knows may be a second old and the first order is a new one.
func (w *world) answered(c call, code string) (status int) {
	times := 0
	eventually(w.t, code, func() bool {
		a := w.do(c)
		if got, _ := a.body["code"].(string); got == code {
			times++
		}
		status = a.status
		return times == 2
	})
	return status
}

// The same over loopback, beside a handler that does nothing.
func BenchmarkOverLoopback(b *testing.B) {
	w := newWorld(b)
	bearer := w.login("user-1")
	for name, h := range map[string]http.Handler{"hello": hello, "refused": w.handler} {
		b.Run(name, func(b *testing.B) {
			s := httptest.NewUnstartedServer(nil)
			s.Config = httpadapter.Server("", h)
			s.Start()
			defer s.Close()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, err := http.NewRequest("POST", s.URL+"/api/seckill", strings.NewReader(forged))
					if err != nil {
						b.Fatal(err)
					}
					r.Header.Set("Content-Type", "application/json")
					r.Header.Set("Authorization", "Bearer "+bearer)
					a, err := s.Client().Do(r)
					if err != nil {
						b.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, a.Body)
					a.Body.Close()
				}
			})
		})
	}
}

package httpadapter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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

// What the adapter and the engine add to net/http for a forged ticket.
func BenchmarkRefusedPurchase(b *testing.B) {
	w := newWorld(b)
	r := call{method: "POST", path: "/api/seckill", bearer: w.login("user-1"), body: forged}.request(b)
	body := strings.NewReader(forged)
	r.Body = io.NopCloser(body)
	b.ReportAllocs()
	for b.Loop() {
		body.Reset(forged)
		rw := nowhere{header: make(http.Header)}
		w.handler.ServeHTTP(&rw, r)
		if rw.status != http.StatusForbidden {
			b.Fatal(rw.status)
		}
	}
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

package httpadapter_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
)

// The memory that a buyer takes while he waits for the ledger, beside that of a
// request that waits in a handler of net/http which does nothing else. Both have
// their connection in it, with both its ends.
func BenchmarkWaiting(b *testing.B) {
	w := newWorld(b)
	w.put(func(g *goods.Goods) { g.Total, g.LimitPerUser = 1_000_000, 0 })
	release := make(chan struct{})
	bare := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // from then on net/http has a second goroutine, which watches the connection
		<-release
	})
	for _, bench := range []struct {
		name    string
		handler http.Handler
	}{{"bare", bare}, {"purchase", w.handler}} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				release = make(chan struct{})
				w.stalled.Store(&release)
				w.wait(b, bench.handler, release)
			}
		})
	}
}

// wait reports what the process has in use, for each buyer, while all wait.
func (w *world) wait(b *testing.B, h http.Handler, release chan struct{}) {
	const buyers = 500
	var came, went atomic.Int64
	s := httptest.NewUnstartedServer(nil)
	s.Config = httpadapter.Server("", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		came.Add(1)
		h.ServeHTTP(rw, r)
		went.Add(1)
	}))
	s.Start()
	defer s.Close()
	requests := make([]string, buyers)
	for i := range requests {
		user := fmt.Sprint("user-", i)
		body := fmt.Sprintf(`{"goods_id":"1001","token":"%s"}`, w.ticket(user, 1))
		requests[i] = fmt.Sprintf("POST /api/seckill HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			w.login(user), len(body), body)
	}
	before := inUse()
	for _, r := range requests {
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		w.must(err)
		defer c.Close()
		_, err = c.Write([]byte(r))
		w.must(err)
	}
	eventually(b, "all came", func() bool { return came.Load() == buyers })
	after := inUse()
	if went.Load() != 0 {
		b.Fatal("somebody did not wait")
	}
	b.ReportMetric(float64(after.HeapInuse-before.HeapInuse)/buyers, "heap-B/buyer")
	b.ReportMetric(float64(after.StackInuse-before.StackInuse)/buyers, "stack-B/buyer")
	close(release)
	eventually(b, "all went", func() bool { return went.Load() == buyers })
}

// inUse is read when the pools are empty and stacks as small as they get.
func inUse() (m runtime.MemStats) {
	for range 4 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m
}

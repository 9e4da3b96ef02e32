package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// drain lets a server go down without breaking a request. While it closes, each
// new request is answered with 503, Retry-After and the end of its connection, so
// a client that minds them is gone before the listener and the idle connections
// are closed.
type drain struct {
	next    http.Handler
	closing atomic.Bool
	open    atomic.Int64 // connections
}

// farewell is how long connections have to hear of it; retryLater, in seconds, is
// longer.
const (
	farewell   = time.Second
	retryLater = "2"
)

func (d *drain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !d.closing.Load():
		d.next.ServeHTTP(w, r)
	case r.URL.Path == "/livez" || r.URL.Path == "/metrics":
		w.Header().Set("Connection", "close")
		d.next.ServeHTTP(w, r)
	case r.URL.Path == "/readyz":
		goodbye(w, "not_ready", "Not ready")
	default:
		goodbye(w, "busy", "Busy")
	}
}

func goodbye(w http.ResponseWriter, code, title string) {
	h := w.Header()
	h.Set("Connection", "close")
	h.Set("Retry-After", retryLater)
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusServiceUnavailable)
	io.WriteString(w, fmt.Sprintf(`{"type":"urn:seckill:problem:%s","title":%q,"status":503,"detail":"This node is going down. Nothing was done; try again.","code":%[1]q,"retryable":true}`+"\n", code, title))
}

// count is the server's ConnState.
func (d *drain) count(_ net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		d.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		d.open.Add(-1)
	}
}

// close refuses what is new, then waits until nobody is connected, or everybody
// had the time to hear of it.
func (d *drain) close() {
	d.closing.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	for d.open.Load() > 0 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
}

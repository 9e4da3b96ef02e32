package httpadapter

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/seckill-go/seckill"
)

// alive says that the process answers, and nothing of what is below it.
func alive(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, plainText, []byte("alive\n"))
}

// watch looks at the engine for probes and metrics, at most once a second however
// many ask.
type watch struct {
	engine *seckill.Engine
	log    *slog.Logger

	parts  recent[[]seckill.Health]
	status recent[*seckill.Status]
}

// recent keeps a value for a second. Those who come while it is made wait for it.
type recent[V any] struct {
	mu    sync.Mutex
	until time.Time
	value V
}

func (r *recent[V]) get(load func() V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().After(r.until) {
		r.value = load()
		r.until = time.Now().Add(time.Second)
	}
	return r.value
}

// ready tells whether the engine can sell. A part that is not needed for that may
// fail meanwhile; ?verbose names it.
func (w *watch) ready(r *http.Request) (reply, error) {
	parts := w.parts.get(func() []seckill.Health {
		return w.look(context.WithoutCancel(r.Context()))
	})
	var list strings.Builder
	for _, h := range parts {
		fmt.Fprintf(&list, "%s: %s\n", h.Part, state(h))
	}
	verbose := r.URL.Query().Has("verbose")
	switch ready := seckill.Ready(parts); {
	case !ready && verbose:
		detail := strings.ReplaceAll(strings.TrimSpace(list.String()), "\n", ", ")
		return reply{}, &seckill.Refusal{Code: notReady, Detail: detail}
	case !ready:
		return reply{}, &seckill.Refusal{Code: notReady}
	case verbose:
		return reply{status: http.StatusOK, body: text{plainText, []byte(list.String() + "ready\n")}}, nil
	}
	return reply{status: http.StatusOK, body: text{plainText, []byte("ready\n")}}, nil
}

// state is a part's health without the reason, which is for the log.
func state(h seckill.Health) string {
	if h.Fault != nil {
		return "fault"
	}
	return "ok"
}

func (w *watch) look(ctx context.Context) []seckill.Health {
	parts := w.engine.Health(ctx)
	for _, h := range parts {
		if h.Fault != nil {
			w.log.Warn("a part fails", "part", h.Part, "needed", h.Needed, "error", h.Fault)
		}
	}
	return parts
}

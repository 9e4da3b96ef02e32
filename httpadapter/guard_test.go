package httpadapter_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seckill-go/seckill/httpadapter"
)

// panicking is an authentication that fails as no code should.
func panicking(v any) func(*httpadapter.Options) {
	return func(o *httpadapter.Options) {
		o.Authenticate = func(r *http.Request) (string, error) {
			if v == nil {
				var none []string
				return none[len(r.Header)], nil
			}
			panic(v)
		}
	}
}

func TestAPanicIsAnAnswerAndALogLineWithoutItsValue(t *testing.T) {
	for want, v := range map[string]any{
		"index out of range":            nil,
		"a value of type string":        "Bearer secret text",
		"a value of type *http.Request": call{method: "GET", path: "/", bearer: "secret text"}.request(t),
	} {
		var log bytes.Buffer
		w := newWorld(t, panicking(v), func(o *httpadapter.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
		for range 3 {
			w.want(call{method: "GET", path: "/api/orders", bearer: "x"}, 500, "fault")
		}
		line := log.String()
		for _, part := range []string{"request panicked", `route="GET /api/orders"`, want, "guard_test.go"} {
			if !strings.Contains(line, part) {
				t.Errorf("%q is not in the log: %s", part, line)
			}
		}
		if strings.Contains(line, "secret text") || strings.Count(line, "request panicked") != 1 {
			t.Errorf("the log is %s", line)
		}
	}
}

// net/http's own way to cut a connection stays one.
func TestAHandlerMayStillAbort(t *testing.T) {
	w := newWorld(t, panicking(http.ErrAbortHandler))
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Error("recovered", v)
		}
	}()
	w.do(call{method: "GET", path: "/api/orders", bearer: "x"})
}

func TestAGuessedOperatorsTokenLeavesATrace(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, withToken, func(o *httpadapter.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	w.want(call{method: "GET", path: "/api/admin/config", bearer: adminToken}, 200, "")
	if log.Len() > 0 {
		t.Errorf("the operator himself: %s", &log)
	}
	for range 50 {
		w.want(call{method: "GET", path: "/api/admin/config", bearer: "guessed-" + adminToken}, 401, "unauthenticated")
	}
	lines := strings.Count(log.String(), "operator not authenticated")
	if lines < 1 || lines > 5 || strings.Contains(log.String(), "guessed-") || !strings.Contains(log.String(), `route="GET /api/admin/config"`) {
		t.Errorf("50 guesses, %d lines: %s", lines, &log)
	}
}

// Whatever path is asked for, no browser is to guess what the answer is, or keep it.
func TestEveryAnswerSaysWhatItIsAndIsNotKept(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{
		"/", "/nowhere", "//nowhere", "/api/../livez", "/api//orders", "/api/goods/a%2Fb", "/api/goods/..", "/api/goods/%2e%2e", "/%00", "/livez", "/readyz",
		"/metrics", "/api/openapi.yaml", "/api/orders", "/api/admin/status", "/api/auth/verify", "/<script>", "//evil.example/%2e%2e", "/\\evil.example",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "OPTIONS", "TRACE"} {
			r := httptest.NewRequest(method, "/", nil)
			r.Host = "localhost"
			r.URL.Path = strings.ReplaceAll(strings.ReplaceAll(path, "%2e", "."), "%00", "\x00")
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			h := rec.Header()
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %d %v", method, path, rec.Code, h)
			}
			if kind := h.Get("Content-Type"); strings.Contains(kind, "html") || strings.Contains(rec.Body.String(), "<script>") {
				t.Errorf("%s %s: %s %s", method, path, kind, rec.Body)
			}
			if to := h.Get("Location"); to != "" {
				t.Errorf("%s %s leads to %s", method, path, to)
			}
			if rec.Code >= 500 {
				t.Errorf("%s %s: %d", method, path, rec.Code)
			}
		}
	}
}

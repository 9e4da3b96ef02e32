package httpadapter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/httpadapter"
)

func TestAnswersUnknownPathsAndMethodsAsProblems(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/api", "/api/", "/api/seckill/", "/api/goods/", "/api/goods/a/b", "/API/seckill", "/metrics/x", "/favicon.ico"} {
		a := w.want(call{method: "GET", path: path}, 404, "not_found")
		if a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	allowed := make(map[string][]string)
	for _, o := range readDocument(t).operations() {
		path := o.path
		for param, example := range o.params {
			path = strings.Replace(path, "{"+param+"}", example, 1)
		}
		allowed[path] = append(allowed[path], o.method)
		if o.method == "GET" {
			allowed[path] = append(allowed[path], "HEAD")
		}
	}
	for path, methods := range allowed {
		if path == "/api/admin/blacklist/add" {
			methods = append(methods, "DELETE") // of the user with that name
		}
		slices.Sort(methods)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
			if slices.Contains(methods, method) {
				continue
			}
			a := w.want(call{method: method, path: path, body: "not even JSON"}, 405, "method_not_allowed")
			if got := strings.Split(a.header.Get("Allow"), ", "); !slices.Equal(got, methods) {
				t.Errorf("%s %s: Allow is %v, want %v", method, path, got, methods)
			}
		}
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	w := newWorld(t)
	s := httptest.NewUnstartedServer(nil)
	s.Config = httpadapter.Server("", w.handler)
	s.Start()
	defer s.Close()
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/api/openapi.yaml", "/api/goods/1001", "/api/goods/9999", "/nowhere"} {
		var answers [2]*http.Response
		for i, method := range []string{"GET", "HEAD"} {
			r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
			w.must(err)
			r.Header.Set("Authorization", "Bearer "+w.login("u1"))
			answers[i], err = s.Client().Do(r)
			w.must(err)
			body, err := io.ReadAll(answers[i].Body)
			w.must(err)
			w.must(answers[i].Body.Close())
			if (len(body) == 0) != (method == "HEAD") {
				t.Errorf("%s %s: %d bytes", method, path, len(body))
			}
		}
		get, head := answers[0], answers[1]
		if get.StatusCode != head.StatusCode || get.Header.Get("Content-Type") != head.Header.Get("Content-Type") {
			t.Errorf("%s: GET %d %v, HEAD %d %v", path, get.StatusCode, get.Header, head.StatusCode, head.Header)
		}
	}
}

func TestServerHasEveryLimit(t *testing.T) {
	s := httpadapter.Server("127.0.0.1:1", http.NotFoundHandler())
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 10*time.Second || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("%+v", s)
	}
}

// The server cuts an answer off after WriteTimeout, which an operator may exceed.
func TestOperatorsOutlastTheWriteTimeout(t *testing.T) {
	const cut = 50 * time.Millisecond
	var slow func(*http.Request) (string, error) = func(r *http.Request) (string, error) {
		select {
		case <-time.After(2 * cut):
		case <-r.Context().Done():
		}
		return operator(r)
	}
	w := newWorld(t, func(o *httpadapter.Options) { o.AuthenticateAdmin = slow })
	s := httptest.NewUnstartedServer(w.handler)
	s.Config.WriteTimeout = cut
	s.Start()
	defer s.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/api/admin/config", nil)
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+adminToken)
	a, err := s.Client().Do(r)
	if err != nil {
		t.Fatal("the answer was cut off:", err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		t.Error(a.Status)
	}
}

func TestPatienceEndsInAnAnswer(t *testing.T) {
	w := newWorld(t, func(o *httpadapter.Options) {
		o.Patience = 30 * time.Millisecond
		real := o.Authenticate
		o.Authenticate = func(r *http.Request) (string, error) {
			if r.Header.Get("X-Stuck") != "" {
				select {
				case <-r.Context().Done():
				case <-time.After(10 * time.Second):
				}
				return "", r.Context().Err()
			}
			return real(r)
		}
	})
	u1 := w.login("u1")
	w.want(call{method: "GET", path: "/api/orders", header: http.Header{"X-Stuck": {"1"}}}, 503, "busy")
	token := w.ticket("u1", 1)
	w.uncommit.Store(true) // for longer than the patience
	buy := call{method: "POST", path: "/api/seckill", bearer: u1, body: map[string]any{"goods_id": "1001", "token": token}}
	w.want(buy, 503, "outcome_unknown")
	w.uncommit.Store(false)
	eventually(t, "the same request tells", func() bool { a := w.do(buy); return a.status == 201 || a.status == 200 })
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	w := newWorld(t)
	w.goods.StartsAt = time.Now().Add(90*time.Second + 500*time.Millisecond)
	_, err := w.engine.Admin("test").PutGoods(t.Context(), w.goods)
	w.must(err)
	a := w.want(call{method: "POST", path: "/api/seckill/token?gid=1001", bearer: w.login("u1")}, 409, "not_started")
	if got := a.header.Get("Retry-After"); got != "91" {
		t.Errorf("90.5 s are %s", got)
	}
}

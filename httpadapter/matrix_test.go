package httpadapter_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/session"
)

// withToken makes operators authenticate by the adapter's own way.
func withToken(o *httpadapter.Options) { o.AuthenticateAdmin, o.AdminToken = nil, adminToken }

// role is somebody who sends requests.
type role struct {
	name   string
	bearer func(*world) string
	// user and admin say what this one may call beside what everybody may.
	user, admin bool
}

// roles are all who may turn up.
var roles = []role{
	{name: "anonymous", bearer: func(*world) string { return "" }},
	{name: "forged session", bearer: func(w *world) string { return w.token(bytes.Repeat([]byte("x"), 32), 0) }},
	{name: "altered session", bearer: func(w *world) string { return "x" + w.login("user-1") }},
	{name: "expired session", bearer: func(w *world) string { return w.token(sessionSecret, -25*time.Hour) }},
	{name: "revoked session", bearer: func(w *world) string {
		token := w.login("user-1")
		w.must(w.sessions.Revoke(w.t.Context(), token))
		return token
	}},
	{name: "a ticket for a session", bearer: func(w *world) string { return w.ticket("user-1", 1) }},
	{name: "buyer", bearer: func(w *world) string { return w.login("user-1") }, user: true},
	{name: "other buyer", bearer: func(w *world) string { return w.login("user-2") }, user: true},
	{name: "wrong admin token", bearer: func(*world) string { return adminToken[1:] + "x" }},
	{name: "operator", bearer: func(*world) string { return adminToken }, admin: true},
}

// everybodys are the operations without a security section. A new one has to be
// written here too: nothing is open to everybody by an oversight.
var everybodys = []string{"getDocument", "live", "login", "metrics", "paymentCallback", "ready"}

// token is a session token of user-1 that was issued so long ago.
func (w *world) token(secret []byte, ago time.Duration) string {
	w.t.Helper()
	s, err := session.New(new(session.Memory), session.Options{
		Keys: []session.Key{{ID: "k1", Secret: secret}}, Now: func() time.Time { return time.Now().Add(ago) },
	})
	w.must(err)
	token, _, err := s.Issue(w.t.Context(), "user-1")
	w.must(err)
	return token
}

// mayCall is the whole of who may call what.
func (r role) mayCall(t *testing.T, o operation) bool {
	switch o.secured {
	case "":
		if !slices.Contains(everybodys, o.id) {
			t.Errorf("%s is open to everybody", o.id)
		}
		return true
	case "session":
		return r.user
	case "admin":
		return r.admin
	}
	t.Fatalf("%s: nobody knows the security scheme %q", o.id, o.secured)
	return false
}

// Each operation of the document, which TestDocumentHasEveryRoute compares with the
// routes, asked by each role.
func TestEveryRouteKnowsWhoMayComeIn(t *testing.T) {
	d := readDocument(t)
	for _, o := range d.operations() {
		for _, r := range roles {
			w := newWorld(t, withToken)
			c := o.call(w, "")
			c.bearer = r.bearer(w)
			before := w.state()
			var a answer
			asked := w.asked(func() { a = w.do(c) })
			may := r.mayCall(t, o)
			if may == (a.status == http.StatusUnauthorized) || may && a.status == http.StatusForbidden && r.name != "other buyer" {
				t.Errorf("%s by %s: %d %s", o.id, r.name, a.status, a.raw)
			}
			if may {
				continue
			}
			if a.body["code"] != "unauthenticated" || a.header.Get("WWW-Authenticate") != `Bearer realm="seckill"` {
				t.Errorf("%s by %s: %v %s", o.id, r.name, a.header, a.raw)
			}
			if len(asked) > 0 && r.name != "revoked session" || len(asked) > 1 {
				t.Errorf("%s by %s asked the backends: %v", o.id, r.name, asked)
			}
			if after := w.state(); after != before {
				t.Errorf("%s by %s changed\n%s to\n%s", o.id, r.name, before, after)
			}
		}
	}
}

// state is what a request could have changed.
func (w *world) state() string {
	w.t.Helper()
	rows, err := w.engine.Audits(w.t.Context(), 0, 100)
	w.must(err)
	mine, err := w.engine.Orders(w.t.Context(), "user-1", "", 100)
	w.must(err)
	for i := range mine {
		mine[i].UpdatedAt = time.Time{}
	}
	settings, err := w.engine.Settings(w.t.Context())
	w.must(err)
	return fmt.Sprint(len(rows), " audit rows, ", mine, settings.Version)
}

// A shop's own way to authenticate operators may know one who only looks on.
func TestAnOperatorWhoMayOnlyReadChangesNothing(t *testing.T) {
	d := readDocument(t)
	for _, o := range d.operations() {
		if o.secured != "admin" {
			continue
		}
		w := newWorld(t, func(o *httpadapter.Options) {
			o.AuthenticateAdmin = func(r *http.Request) (string, error) {
				if r.Method != http.MethodGet && r.Method != http.MethodHead {
					return "", httpadapter.ErrForbidden
				}
				return "onlooker", nil
			}
		})
		c := o.call(w, "")
		before := w.state()
		if a := w.do(c); (o.method == http.MethodGet) != (a.status == http.StatusOK) || o.method != http.MethodGet && a.body["code"] != "forbidden" {
			t.Errorf("%s: %d %s", o.id, a.status, a.raw)
		}
		if after := w.state(); after != before {
			t.Errorf("%s changed\n%s to\n%s", o.id, before, after)
		}
	}
}

// What the audit log shows is somebody.
func TestAnOperatorHasAName(t *testing.T) {
	actor := ""
	w := newWorld(t, func(o *httpadapter.Options) {
		o.AuthenticateAdmin = func(*http.Request) (string, error) { return actor, nil }
	})
	enable := call{method: "POST", path: "/api/admin/config/seckill/enable?enabled=1"}
	before := w.state()
	for _, actor = range []string{"", " ", "a\nb", "a\x00", "a\xff", strings.Repeat("a", 257)} {
		w.want(enable, 500, "fault")
	}
	if after := w.state(); after != before {
		t.Errorf("nobody changed %s to %s", before, after)
	}
	for _, actor = range []string{"Li Lei (李雷)", "someone@shop.example", strings.Repeat("a", 256)} {
		w.want(enable, 200, "")
	}
}

package httpadapter_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
)

func TestRefusesEveryOtherAuthorization(t *testing.T) {
	w := newWorld(t, withToken)
	u1 := w.login("u1")
	for _, header := range [][]string{
		{""}, {"Bearer"}, {"Bearer "}, {"Basic " + u1}, {u1}, {"Bearer " + u1 + "x"}, {"Bearer  " + u1}, {"Bearer " + u1, "Bearer " + u1},
		{"Bearer " + adminToken}, {"Bearer " + adminToken[:len(adminToken)-1]},
	} {
		w.want(call{method: "GET", path: "/api/orders", header: http.Header{"Authorization": header}}, 401, "unauthenticated")
		if header[0] != "Bearer "+adminToken {
			w.want(call{method: "GET", path: "/api/admin/config", header: http.Header{"Authorization": header}}, 401, "unauthenticated")
		}
	}
	elsewhere := http.Header{"Cookie": {"token=" + u1 + "; Authorization=Bearer " + u1}, "X-Authorization": {"Bearer " + u1}, "Proxy-Authorization": {"Bearer " + u1}}
	w.want(call{method: "GET", path: "/api/orders?access_token=" + u1 + "&token=" + u1 + "&Authorization=Bearer%20" + u1, header: elsewhere}, 401, "unauthenticated")
	w.want(call{method: "GET", path: "/api/orders", header: http.Header{"Authorization": {"bearer " + u1}}}, 200, "")
	w.want(call{method: "GET", path: "/api/admin/config?admin=1", bearer: u1}, 401, "unauthenticated")
	if err := w.sessions.Revoke(t.Context(), u1); err != nil {
		t.Fatal(err)
	}
	w.want(call{method: "GET", path: "/api/orders", bearer: u1}, 401, "unauthenticated")
}

// So many that one would pass if less than the whole was compared.
func TestNoOtherTokenIsTheOperators(t *testing.T) {
	w := newWorld(t, withToken)
	for range 2000 {
		if a := w.do(call{method: "GET", path: "/api/admin/config", bearer: rand.Text()}); a.status != 401 {
			t.Fatal("a token of chance passed")
		}
	}
}

func TestAdminNeedsAuthentication(t *testing.T) {
	w := newWorld(t)
	sum := sha256.Sum256([]byte(adminToken))
	hash := hex.EncodeToString(sum[:])
	for name, c := range map[string]struct {
		o     httpadapter.Options
		fault string
	}{
		"none":       {httpadapter.Options{}, "AdminToken, AdminTokenSHA256, AuthenticateAdmin: want exactly one"},
		"two":        {httpadapter.Options{AdminToken: adminToken, AdminTokenSHA256: hash}, "want exactly one"},
		"weak":       {httpadapter.Options{AdminToken: strings.Repeat("x", 21)}, "AdminToken: want 128 random bits"},
		"no hash":    {httpadapter.Options{AdminTokenSHA256: "secret-that-is-not-hex"}, "AdminTokenSHA256: want 64"},
		"short hash": {httpadapter.Options{AdminTokenSHA256: hash[2:]}, "AdminTokenSHA256: want 64"},
	} {
		_, err := httpadapter.Admin(w.engine, c.o)
		if err == nil || !strings.Contains(err.Error(), c.fault) || strings.Contains(err.Error(), "xxx") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, o := range []httpadapter.Options{{AdminToken: adminToken}, {AdminTokenSHA256: hash}, {AuthenticateAdmin: operator}} {
		h, err := httpadapter.Admin(w.engine, o)
		w.must(err)
		w.handler = h
		w.want(call{method: "GET", path: "/api/admin/config", bearer: adminToken}, 200, "")
		w.want(call{method: "GET", path: "/api/admin/config", bearer: hash}, 401, "unauthenticated")
	}
	if _, err := httpadapter.New(w.engine, httpadapter.Options{}); err == nil || !strings.Contains(err.Error(), "AdminToken") || !strings.Contains(err.Error(), "Authenticate: want") {
		t.Errorf("New names both: %v", err)
	}
	if _, err := httpadapter.User(w.engine, httpadapter.Options{AdminToken: adminToken}); err == nil {
		t.Error("a user API without authentication was built")
	}
}

func TestPartsServeNothingOfEachOther(t *testing.T) {
	w := newWorld(t)
	user, err := httpadapter.User(w.engine, httpadapter.Options{Authenticate: httpadapter.Sessions(w.sessions)})
	w.must(err)
	admin, err := httpadapter.Admin(w.engine, httpadapter.Options{AdminToken: adminToken})
	w.must(err)
	own := map[string]http.Handler{
		"/api/admin/status": admin, "/api/admin/config": admin, "/api/orders": user, "/api/openapi.yaml": user,
		"/livez": httpadapter.Operations(w.engine, httpadapter.Options{}),
	}
	for path, owner := range own {
		for _, h := range own {
			w.handler = h
			if a := w.do(call{method: "GET", path: path, bearer: adminToken}); (a.status == 404) == (h == owner) {
				t.Errorf("%s: %d", path, a.status)
			}
		}
	}
	w.handler = user
	for _, path := range []string{"/api/payment/callback", "/api/auth/token"} {
		w.want(call{method: "POST", path: path, body: "{}"}, 404, "not_found")
	}
}

func TestActorIsInTheAuditLog(t *testing.T) {
	w := newWorld(t)
	w.want(call{method: "POST", path: "/api/admin/config/seckill/enable?enabled=0", bearer: adminToken}, 200, "")
	h, err := httpadapter.Admin(w.engine, httpadapter.Options{AdminToken: adminToken})
	w.must(err)
	w.handler = h
	w.want(call{method: "DELETE", path: "/api/admin/blacklist/u9", bearer: adminToken}, 204, "")
	rows, err := w.engine.Audits(t.Context(), 0, 2)
	w.must(err)
	sum := sha256.Sum256([]byte(adminToken))
	if want := "token " + hex.EncodeToString(sum[:4]); rows[0].Actor != want || rows[1].Actor != "operator" {
		t.Errorf("actors are %q and %q", rows[0].Actor, rows[1].Actor)
	}
}

func TestNoOtherOriginsPageReachesAdmin(t *testing.T) {
	w := newWorld(t)
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}},
	} {
		w.want(call{method: "POST", path: "/api/admin/preload/1001", bearer: adminToken, header: header}, 403, "forbidden")
		a := w.want(call{method: "GET", path: "/api/admin/config", bearer: adminToken, header: header}, 200, "")
		if a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("another origin may read it")
		}
	}
	w.want(call{method: "POST", path: "/api/admin/preload/1001", bearer: adminToken, header: http.Header{"Sec-Fetch-Site": {"same-origin"}}}, 200, "")
}

func TestAuthenticatorsErrorsAreAnswered(t *testing.T) {
	var failure error
	user := ""
	w := newWorld(t, func(o *httpadapter.Options) {
		o.Authenticate = func(*http.Request) (string, error) { return user, failure }
	})
	orders := call{method: "GET", path: "/api/orders"}
	failure = httpadapter.ErrForbidden
	w.want(orders, 403, "forbidden")
	failure = errors.Join(httpadapter.ErrUnauthenticated, errDown)
	w.want(orders, 401, "unauthenticated")
	failure = &seckill.Refusal{Code: seckill.Busy}
	w.want(orders, 503, "busy")
	failure = errDown
	w.want(orders, 500, "fault")
	failure = nil
	for _, user = range []string{"", "someone@example.org", strings.Repeat("u", 65)} {
		w.want(orders, 500, "fault")
	}
}

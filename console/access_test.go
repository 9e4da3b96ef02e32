package console_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
)

// reads and actions are all that needs a login.
var (
	reads   = []string{"api/state", "api/stream", "api/orders?user=alice", "api/orders/1", "api/audits", "api/blacklist"}
	actions = [][3]string{
		{"POST", "api/switch", `{"enabled":true}`},
		{"POST", "api/rate", `{"limit":5,"window":"1m"}`},
		{"POST", "api/goods/1001/preload", `{}`},
		{"POST", "api/goods/1001/total", `{"from":10,"to":11}`},
		{"POST", "api/goods/1001/end", `{}`},
		{"POST", "api/goods/1001/reconcile", `{"dry_run":true}`},
		{"POST", "api/blacklist", `{"user_id":"mallory"}`},
		{"DELETE", "api/blacklist/mallory", ``},
	}
)

func TestNobodyGetsInWithoutALogin(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	wrong := w.client()
	for _, token := range []string{"", adminToken + "x", adminToken[1:], strings.ToUpper(adminToken)} {
		if a := wrong.call("POST", "api/login", `{"token":"`+token+`"}`); !a.is(401, "unauthenticated", "token: ") {
			t.Errorf("%q: %d %s", token, a.status, a.text)
		}
	}
	for _, c := range []*client{w.client(), wrong} {
		for _, path := range reads {
			if a := c.call("GET", path, ""); !a.is(401, "unauthenticated", "log in") {
				t.Errorf("%s: %d %s", path, a.status, a.text)
			}
		}
		for _, action := range actions {
			if a := c.call(action[0], action[1], action[2]); !a.is(401, "unauthenticated", "log in") {
				t.Errorf("%s: %d %s", action[1], a.status, a.text)
			}
		}
	}
	invented := w.client().call("GET", "api/state", "", "Cookie", "seckill_console=AAAAAAAAAAAAAAAAAAAAAAAAAA")
	if !invented.is(401, "unauthenticated", "log in") {
		t.Errorf("an invented cookie: %d", invented.status)
	}
}

func TestAnObserverSeesEverythingAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	order := w.buy("alice")
	before, err := w.engine.Audits(t.Context(), 0, 100)
	must(t, err)
	c := w.login(readToken)
	if me := c.ok("GET", "api/me", ""); me.body["role"] != "observer" {
		t.Error(me.text)
	}
	for _, path := range []string{"api/state", "api/orders?user=alice", "api/orders/" + order, "api/audits", "api/blacklist"} {
		c.ok("GET", path, "")
	}
	for _, action := range actions {
		if a := c.call(action[0], action[1], action[2]); !a.is(403, "forbidden", "change nothing") {
			t.Errorf("%s: %d %s", action[1], a.status, a.text)
		}
	}
	if after, err := w.engine.Audits(t.Context(), 0, 100); err != nil || len(after) != len(before) {
		t.Errorf("an observer left %d rows in the audit log, %v", len(after)-len(before), err)
	}
}

func TestAnOperatorsTokenMayBeKnownByItsHashOnly(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(adminToken))
	w := open(t, seckill.Options{}, func(o *console.Options) {
		o.AdminToken, o.AdminTokenSHA256 = "", hex.EncodeToString(sum[:])
	})
	if me := w.login(adminToken).ok("GET", "api/me", ""); me.body["role"] != "operator" {
		t.Error(me.text)
	}
}

// A page of another origin may have the browser send requests; SameSite keeps the
// cookie out of them, and what the browser says of their origin the rest.
func TestPagesOfOtherOriginsAreRefused(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.login(adminToken)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		for _, action := range append(actions, [3]string{"POST", "api/login", `{"token":"` + adminToken + `"}`}, [3]string{"POST", "api/logout", `{}`}) {
			if a := c.call(action[0], action[1], action[2], header...); !a.is(403, "forbidden", "another origin") {
				t.Errorf("%v %s: %d %s", header, action[1], a.status, a.text)
			}
		}
	}
	c.ok("GET", "api/state", "") // nor was anybody logged out
	if a := c.call("POST", "api/switch", `{"enabled":false}`, "Content-Type", "text/plain"); !a.is(400, "invalid_request", "Content-Type") {
		t.Errorf("a form's content type: %d %s", a.status, a.text)
	}
}

func TestTheCookieIsOutOfReach(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	cookie := func(host string) *http.Cookie {
		t.Helper()
		a := w.client().call("POST", "api/login", `{"token":"`+adminToken+`"}`, "Host", host)
		all := (&http.Response{Header: a.header}).Cookies()
		if a.status != 200 || len(all) != 1 {
			t.Fatalf("login as %s: %d %s", host, a.status, a.text)
		}
		return all[0]
	}
	for host, secure := range map[string]bool{"127.0.0.1:8000": false, "localhost": false, "[::1]:80": false, "shop.example": true, "10.0.0.7:8000": true, "127.0.0.1.evil.example": true} {
		c := cookie(host)
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "" || c.Domain != "" || c.MaxAge != 8*3600 || len(c.Value) < 22 {
			t.Errorf("%s: %v", host, c)
		}
		if c.Secure != secure {
			t.Errorf("%s: Secure is %v", host, c.Secure)
		}
	}
	if first, second := cookie("localhost"), cookie("localhost"); first.Value == second.Value {
		t.Error("two logins got one cookie")
	}
}

func TestALogoutEndsTheSessionOnTheServer(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.login(adminToken)
	thief := w.client()
	thief.http.Jar = nil
	var stolen string
	for _, one := range c.http.Jar.Cookies(address(t, w.url+"api/state")) {
		stolen = one.Name + "=" + one.Value
	}
	if a := thief.call("GET", "api/state", "", "Cookie", stolen); a.status != 200 {
		t.Fatalf("the cookie does not work: %d", a.status)
	}
	c.ok("POST", "api/logout", `{}`)
	if a := thief.call("GET", "api/state", "", "Cookie", stolen); a.status != 401 {
		t.Errorf("the session is over, and its cookie gets %d", a.status)
	}
	if a := c.call("GET", "api/state", ""); a.status != 401 {
		t.Errorf("after the logout: %d", a.status)
	}
}

func TestASecondLoginEndsTheFirst(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.login(adminToken)
	first := c.http.Jar.Cookies(address(t, w.url+"api/state"))[0]
	c.ok("POST", "api/login", `{"token":"`+readToken+`"}`)
	if a := w.client().call("GET", "api/state", "", "Cookie", first.Name+"="+first.Value); a.status != 401 {
		t.Errorf("the first session: %d", a.status)
	}
}

func address(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	must(t, err)
	return u
}

// The console stands behind the same guard where a shop mounts it alone.
func TestNoRequestHidesBehindAnother(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	at, prefix, _ := strings.Cut(strings.TrimPrefix(w.url, "http://"), "/")
	c, err := net.Dial("tcp", at)
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(c, "POST /"+prefix+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"+
		"GET /"+prefix+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
	must(t, err)
	said, err := io.ReadAll(c)
	if n := strings.Count(string(said), "HTTP/1.1 "); n != 1 || err != nil {
		t.Errorf("%d answers, %v: %.300s", n, err, said)
	}
}

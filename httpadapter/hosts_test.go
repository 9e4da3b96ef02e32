package httpadapter_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/seckill-go/seckill/httpadapter"
)

func named(hosts ...string) func(*httpadapter.Options) {
	return func(o *httpadapter.Options) { o.Hosts = hosts }
}

// under returns the answer's status and code for a Host header.
func (w *world) under(host string, c call) (int, any) {
	w.t.Helper()
	a := w.doAs(host, c)
	return a.status, a.body["code"]
}

// Each operation under a name that leads here and is none of ours, as a page has it
// that makes a browser believe so.
func TestNoOtherHostIsServed(t *testing.T) {
	for _, o := range readDocument(t).operations() {
		w := newWorld(t, withToken, named("shop.example", "10.0.0.7", "::1"))
		c := o.call(w, "")
		before := w.state()
		probe := strings.HasPrefix(o.path, "/livez") || strings.HasPrefix(o.path, "/readyz") || strings.HasPrefix(o.path, "/metrics")
		for _, host := range []string{"evil.example", "evil.example:8000", "shop.example.evil.example", "xshop.example", "localhost", "127.0.0.1", "10.0.0.70", "", "shop.example@evil.example", "[::2]"} {
			var status int
			var code any
			asked := w.asked(func() { status, code = w.under(host, c) })
			if probe && status != 200 || !probe && (status != 421 || code != "misdirected" || len(asked) > 0) {
				t.Errorf("%s under %q: %d %v, asked %v", o.id, host, status, code, asked)
			}
		}
		if after := w.state(); after != before {
			t.Errorf("%s changed\n%s to\n%s", o.id, before, after)
		}
		for _, host := range []string{"shop.example", "SHOP.example:8443", "shop.example.", "10.0.0.7:80", "[::1]", "[::1]:8000"} {
			// Nothing is parked here: that one is served, too.
			if status, code := w.under(host, c); status >= 400 && code != "parked_not_found" {
				t.Errorf("%s under %q: %d", o.id, host, status)
			}
		}
	}
}

func TestWithoutHostsEveryNameIsServedButForDevLogin(t *testing.T) {
	w := newWorld(t)
	orders := call{method: "GET", path: "/api/orders", bearer: w.login("user-1")}
	login := call{method: "POST", path: "/api/auth/token?user_id=user-1"}
	verify := call{method: "GET", path: "/api/auth/verify", bearer: w.login("user-1")}
	for _, host := range []string{"shop.example", "10.0.0.7:8000", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", ""} {
		if status, _ := w.under(host, orders); status != 200 {
			t.Errorf("orders under %q: %d", host, status)
		}
		for _, c := range []call{login, verify} {
			if status, code := w.under(host, c); status != 421 || code != "misdirected" {
				t.Errorf("%s under %q: %d %v", c.path, host, status, code)
			}
		}
	}
	for _, host := range []string{"localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.9.9.9", "[::1]:8000"} {
		for _, c := range []call{login, verify} {
			if status, _ := w.under(host, c); status != 200 {
				t.Errorf("%s under %q: %d", c.path, host, status)
			}
		}
	}
}

func TestHostsAreNamesWithoutPorts(t *testing.T) {
	w := newWorld(t)
	for _, bad := range []string{"", "shop.example:443", "https://shop.example", "*.shop.example", "shop.example/", "a b", "[::1]", "shop.example."} {
		o := w.options
		o.Hosts = []string{"shop.example", bad}
		for _, build := range []func() error{
			func() error { _, err := httpadapter.New(w.engine, o); return err },
			func() error { _, err := httpadapter.User(w.engine, o); return err },
			func() error { _, err := httpadapter.Admin(w.engine, o); return err },
		} {
			if err := build(); err == nil || strings.Count(err.Error(), "Hosts[1]: want a name or an address without a port") != 1 {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
}

// A page whose name was made to lead here is of the same origin as its requests, so
// that the check of origins does not see it. The list of hosts does.
func TestAReboundPageDoesNotReachAdmin(t *testing.T) {
	rebound := call{method: "POST", path: "/api/admin/config/seckill/enable?enabled=0", bearer: adminToken, header: http.Header{
		"Origin": {"http://evil.example:8000"}, "Sec-Fetch-Site": {"same-origin"},
	}}
	w := newWorld(t, withToken, named("127.0.0.1"))
	if status, code := w.under("evil.example:8000", rebound); status != 421 || code != "misdirected" {
		t.Errorf("got %d %v", status, code)
	}
}

package httpadapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// wherefrom are headers in which proxies tell of clients, and clients lie: another
// address with each request.
var wherefrom = []func(address string) http.Header{
	func(string) http.Header { return nil },
	func(a string) http.Header { return http.Header{"X-Forwarded-For": {a}} },
	func(a string) http.Header {
		return http.Header{"X-Forwarded-For": {a + ", 127.0.0.1"}, "X-Real-Ip": {a}}
	},
	func(a string) http.Header {
		return http.Header{"Forwarded": {"for=" + a + ";proto=https;host=shop.example"}, "X-Forwarded-Host": {"shop.example"}, "X-Forwarded-Proto": {"https"}}
	},
	func(a string) http.Header {
		return http.Header{"True-Client-Ip": {a}, "Cf-Connecting-Ip": {a}, "X-Client-Ip": {a}, "X-Original-Url": {"/api/admin/status"}}
	},
}

// Nothing here looks at a client's address, so nobody gains by a false one: users
// are limited and banned by their id, operators are known by their token.
func TestAClientsAddressChangesNothing(t *testing.T) {
	var first string
	for _, header := range wherefrom {
		for _, remote := range []string{"203.0.113.%d:1234", "127.0.0.%d:1", "[::%d]:1"} {
			w := newWorld(t, withToken)
			w.rate(2)
			w.ban("user-7")
			seen, sent := "", 0
			send := func(method, path, bearer string) {
				sent++
				from := header(fmt.Sprintf("203.0.113.%d", sent))
				r := call{method: method, path: path, bearer: bearer, header: from}.request(t)
				r.RemoteAddr = fmt.Sprintf(remote, sent)
				rec := httptest.NewRecorder()
				w.handler.ServeHTTP(rec, r)
				seen += fmt.Sprintln(method, path, rec.Code)
			}
			for range 4 { // two are allowed
				send("POST", "/api/seckill/token?goods_id=1001", w.login("user-1"))
			}
			send("POST", "/api/seckill/token?goods_id=1001", w.login("user-7"))
			send("GET", "/api/admin/status", "")
			send("POST", "/api/admin/config/seckill/enable?enabled=0", w.login("user-1"))
			send("POST", "/api/admin/config/seckill/enable?enabled=0", adminToken)
			rows, err := w.engine.Audits(t.Context(), 0, 100)
			w.must(err)
			seen += fmt.Sprintln(len(rows), rows[0].Actor, rows[0].Action, rows[0].Target, rows[0].Error)
			if first == "" {
				first = seen
			}
			if seen != first {
				t.Errorf("from %s with %v:\n%s\nbut first\n%s", remote, header("203.0.113.1"), seen, first)
			}
		}
	}
}

package console_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
)

func TestEveryActionIsDoneAndAudited(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.login(adminToken)
	for _, step := range []struct{ method, path, body, action, target string }{
		{"POST", "api/switch", `{"enabled":false}`, "switch", "settings"},
		{"POST", "api/rate", `{"limit":3,"window":"90s"}`, "rate limit", "settings"},
		{"POST", "api/goods/1001/preload", `{}`, "preload", "1001"},
		{"POST", "api/goods/1001/total", `{"from":10,"to":25}`, "put goods", "1001"},
		{"POST", "api/goods/1001/reconcile", `{"dry_run":false}`, "reconcile", "1001"},
		{"POST", "api/blacklist", `{"user_id":"mallory","reason":"bot","duration":"1h"}`, "blacklist add", "mallory"},
		{"DELETE", "api/blacklist/mallory", ``, "blacklist remove", "mallory"},
		{"POST", "api/goods/1001/end", `{}`, "put goods", "1001"},
	} {
		c.ok(step.method, step.path, step.body)
		rows, err := w.engine.Audits(t.Context(), 0, 1)
		must(t, err)
		if a := rows[0]; a.Action != step.action || a.Target != step.target || !strings.HasPrefix(a.Actor, "console, token ") || !a.Done || a.Error != "" {
			t.Errorf("%s %s: %+v", step.method, step.path, a)
		}
	}
	live, err := w.engine.Settings(t.Context())
	must(t, err)
	if live.Enabled || live.RateLimit.Limit != 3 || live.RateLimit.Window != 90*time.Second {
		t.Errorf("%+v", live)
	}
	s, err := w.engine.Status(t.Context())
	must(t, err)
	if g := s.Goods[0]; g.Gate.Total != 25 || g.Goods.Total != 25 || g.Goods.EndsAt.After(time.Now()) || g.Goods.Title != "Cup" {
		t.Errorf("%+v", g)
	}
}

func TestADryRunIsNotAnAction(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	before, err := w.engine.Audits(t.Context(), 0, 100)
	must(t, err)
	a := w.login(adminToken).ok("POST", "api/goods/1001/reconcile", `{"dry_run":true}`)
	if a.body["dry_run"] != true || len(a.body["differences"].([]any)) != 0 {
		t.Error(a.text)
	}
	if after, err := w.engine.Audits(t.Context(), 0, 100); err != nil || len(after) != len(before) {
		t.Errorf("%d rows more, %v", len(after)-len(before), err)
	}
}

func TestBadInputIsRefusedByTheNameOfItsField(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	c := w.login(adminToken)
	long := strings.Repeat("x", 5000)
	for _, bad := range []struct{ path, body, detail string }{
		{"api/login", `{}`, "token: missing"},
		{"api/login", `{"token":7}`, "token: want a string"},
		{"api/switch", `{}`, "enabled: missing"},
		{"api/switch", `{"enabled":"yes"}`, "enabled: want true or false"},
		{"api/switch", `{"enabled":true,"colour":"red"}`, "colour: there is no such field"},
		{"api/switch", `{"enabled":true} {}`, "body: want one JSON object"},
		{"api/switch", `no`, "body: want a JSON object"},
		{"api/switch", `{"enabled":"` + long + `"}`, "body: want at most 4096 bytes"},
		{"api/rate", `{"window":"1m"}`, "limit: missing"},
		{"api/rate", `{"limit":5}`, "window: missing"},
		{"api/rate", `{"limit":1.5,"window":"1m"}`, "limit: want a whole number"},
		{"api/rate", `{"limit":0,"window":"1m"}`, "rate_limit.limit: want 1 to 1000000"},
		{"api/rate", `{"limit":5,"window":"soon"}`, "window: want a duration"},
		{"api/rate", `{"limit":5,"window":"100h"}`, "rate_limit.window: want 1ms to 24h"},
		{"api/goods/1001/total", `{"to":5}`, "from: missing"},
		{"api/goods/1001/total", `{"from":10}`, "to: missing"},
		{"api/goods/1001/total", `{"from":10,"to":"many"}`, "to: want a whole number"},
		{"api/goods/1001/total", `{"from":10,"to":0}`, "to: want 1 to 100000000, got 0"},
		{"api/goods/1001/reconcile", `{}`, "dry_run: missing"},
		{"api/blacklist", `{}`, "user_id: missing"},
		{"api/blacklist", `{"user_id":"a b"}`, "user_id: want 1 to 64"},
		{"api/blacklist", `{"user_id":"a","duration":"long"}`, "duration: want one such as"},
		{"api/blacklist", `{"user_id":"a","duration":"-1h"}`, "duration: want 0"},
		{"api/blacklist", `{"user_id":"a","reason":"` + long[:501] + `"}`, "reason: want at most 500"},
	} {
		if a := c.call("POST", bad.path, bad.body); !a.is(400, "invalid_request", bad.detail) {
			t.Errorf("%s %.60s: %d %s", bad.path, bad.body, a.status, a.text)
		}
	}
	for path, detail := range map[string]string{
		"api/orders": "user, goods: want one", "api/orders?goods=a%20b": "goods_id: want", "api/audits?before=x": "before: want", "api/audits?before=-1": "before: want",
		"api/orders/" + url.PathEscape("no order"): "order_id: want",
	} {
		if a := c.call("GET", path, ""); !a.is(400, "invalid_request", detail) {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
}

func TestRefusalsOfTheEngineComeThrough(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	w.buy("alice")
	w.buy("bob")
	c := w.login(adminToken)
	for _, no := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "api/goods/nothing/preload", `{}`, 404, "goods_not_found"},
		{"POST", "api/goods/nothing/end", `{}`, 404, "goods_not_found"},
		{"POST", "api/goods/nothing/total", `{"from":1,"to":2}`, 404, "goods_not_found"},
		{"POST", "api/goods/nothing/reconcile", `{"dry_run":true}`, 404, "goods_not_found"},
		{"POST", "api/goods/1001/total", `{"from":10,"to":1}`, 409, "total_too_small"},
		{"POST", "api/goods/1001/total", `{"from":9,"to":20}`, 409, "changed"},
		{"GET", "api/orders/01890000-0000-7000-8000-000000000000", ``, 404, "order_not_found"},
	} {
		if a := c.call(no.method, no.path, no.body); !a.is(no.status, no.code, "") {
			t.Errorf("%s: %d %s", no.path, a.status, a.text)
		}
	}
}

package httpadapter_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/seckill-go/seckill/goods"
)

// goodsBody is a goods definition with one field as it is given, in JSON.
func goodsBody(field, value string) string {
	fields := map[string]string{
		"goods_id": `"1003"`, "title": `"Pen"`, "price": `{"amount":5,"currency":"CNY"}`, "total": "2",
		"starts_at": `"2026-11-11T00:00:00Z"`, "ends_at": `"2026-11-12T00:00:00Z"`,
	}
	fields[field] = value
	var parts []string
	for name, value := range fields {
		parts = append(parts, fmt.Sprintf("%q:%s", name, value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func TestWhatTheDocumentDoesNotDescribeIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ field, value, detail string }{
		{"price.amount", "5", `"price.amount": no such field`},
		{"original_price.currency", `"CNY"`, `"original_price.currency": no such field`},
		{"price", `{"amount":5,"currency":"CNY","a.b":1}`, `"price.a.b": no such field`},
		{"original_price", "{}", "original_price.amount: missing"},
		{"original_price", `{"amount":9}`, "original_price.currency: missing"},
		{"original_price", `{"currency":"CNY"}`, "original_price.amount: missing"},
		{"original_price", `{"amount":9,"currency":""}`, "original_price.currency: want that of price"},
		{"starts_at", `"2026-11-11T2:00:00Z"`, "starts_at: want a time"},
		{"starts_at", `"2026-11-11T02:00:00,5Z"`, "starts_at: want a time"},
		{"starts_at", `"2026-11-11T02:00:00+24:00"`, "starts_at: want a time"},
		{"starts_at", `"1970-12-31T00:00:00Z"`, "starts_at: want a time"},
		{"ends_at", `"9999-01-01T00:00:00Z"`, "ends_at: want a time"},
		{"title", `"   "`, "title: want 1 to 200 characters, not blank"},
		{"title", `"\u3000\u00a0"`, "title: want 1 to 200 characters, not blank"},
		{"title", `"Pen\u0000"`, "title: want 1 to 200 characters, not blank, none of control"},
		{"subtitle", `"a\nb"`, "subtitle: want at most 500 characters, none of control"},
	} {
		a := w.want(call{method: "POST", path: "/api/admin/goods", bearer: adminToken, body: goodsBody(c.field, c.value)}, 400, "invalid_request")
		if detail, _ := a.body["detail"].(string); !strings.Contains(detail, c.detail) {
			t.Errorf("%s %s: want %q, got %q", c.field, c.value, c.detail, detail)
		}
	}
	for _, reason := range []string{strings.Repeat("x", 501), `a\u0000`, `a\nb`} {
		w.want(call{method: "POST", path: "/api/admin/blacklist/add", bearer: adminToken, body: `{"user_id":"u9","reason":"` + reason + `"}`}, 400, "invalid_request")
	}
}

// Encoders that keep to ASCII write a character as 6 or 12 bytes.
func TestTextsOfTheLongestKindFitAsEscapes(t *testing.T) {
	w := newWorld(t)
	tea, smile := `\u8336`, `\ud83d\ude00`
	body := strings.Replace(goodsBody("title", `"`+strings.Repeat(smile, 200)+`"`), "{", `{"subtitle":"`+strings.Repeat(smile, 500)+`",`, 1)
	a := w.want(call{method: "POST", path: "/api/admin/goods", bearer: adminToken, body: body}, 201, "")
	if got, _ := a.body["subtitle"].(string); got != strings.Repeat("😀", 500) {
		t.Errorf("got %.80q", got)
	}
	w.want(call{method: "POST", path: "/api/admin/blacklist/add", bearer: adminToken, body: `{"user_id":"u9","reason":"` + strings.Repeat(tea, 500) + `"}`}, 201, "")
	large := w.want(call{method: "POST", path: "/api/admin/goods", bearer: adminToken, body: body + strings.Repeat(" ", 16<<10)}, 413, "too_large")
	if large.body["detail"] != "The body is larger than 16384 bytes." {
		t.Error(large.raw)
	}
}

func TestTheLastPageSaysThatItIs(t *testing.T) {
	w := newWorld(t)
	w.put(func(g *goods.Goods) { g.LimitPerUser = 0 })
	var made []string
	for range 4 {
		made = append(made, w.buy("user-1", 1).ID)
	}
	token := w.login("user-1")
	page := func(after string, limit int) (got []any, next any) {
		query := url.Values{"limit": {fmt.Sprint(limit)}}
		if after != "" {
			query.Set("after", after)
		}
		a := w.want(call{method: "GET", path: "/api/orders?" + query.Encode(), bearer: token}, 200, "")
		return a.body["orders"].([]any), a.body["next"]
	}
	for limit, next := range map[int]any{1: made[3], 3: made[1], 4: nil, 5: nil, 100: nil} {
		if got, more := page("", limit); len(got) != min(limit, 4) || more != next {
			t.Errorf("limit %d: %d orders, next %v, want %v", limit, len(got), more, next)
		}
	}
	if got, more := page(made[2], 2); len(got) != 2 || more != nil {
		t.Errorf("the second page of two: %d orders, next %v", len(got), more)
	}
	for _, limit := range []int{0, -1, 101} {
		w.want(call{method: "GET", path: fmt.Sprint("/api/orders?limit=", limit), bearer: token}, 400, "invalid_request")
	}
}

// What tools for load tests send unless they are set up: a form, or no type at all.
func TestARefusalOfABodySaysWhatToSend(t *testing.T) {
	w := newWorld(t)
	user := w.login("user-1")
	for _, kind := range []string{"text/plain", "multipart/form-data; boundary=b"} {
		c := call{method: "POST", path: "/api/seckill/token", bearer: user, body: "goods_id=1001"}
		c.header = map[string][]string{"Content-Type": {kind}}
		a := w.want(c, 415, "unsupported_media_type")
		for _, part := range []string{"application/json", `{"goods_id":"1001"}`, "application/x-www-form-urlencoded", "goods_id=1001"} {
			if detail, _ := a.body["detail"].(string); !strings.Contains(detail, part) {
				t.Errorf("%s: %q is not in %q", kind, part, detail)
			}
		}
	}
	body := `order_id=1&payment_id=p&status=succeeded&amount=1&currency=CNY`
	c := call{method: "POST", path: "/api/payment/callback", body: body, header: map[string][]string{}}
	w.webhook.Sign(c.header, "evt_1", []byte(body))
	c.header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
	w.want(c, 415, "unsupported_media_type")
}

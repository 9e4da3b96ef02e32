package httpadapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestRefusesBadInputAndNamesIt(t *testing.T) {
	w := newWorld(t)
	u1 := w.login("u1")
	id := `want a string of 1 to 64 letters, digits, _ or -, such as "1001", or a number from 0 to 2^53-1`
	for _, c := range []struct{ body, query, detail string }{
		{"", "", "goods_id: missing, " + id},
		{"{}", "", "goods_id: missing, " + id},
		{"null", "", "body: want a JSON object"},
		{"[]", "", "body: want a JSON object"},
		{`"1001"`, "", "body: want a JSON object"},
		{"1001", "", "body: want a JSON object"},
		{"{", "", "body: want one JSON object in UTF-8"},
		{" ", "", "body: want one JSON object in UTF-8"},
		{`{"goods_id":"1001"} x`, "", "body: want one JSON object in UTF-8"},
		{`{"goods_id":"1001"}{}`, "", "body: want one JSON object in UTF-8"},
		{`{"goods_id":"1001",}`, "", "body: want one JSON object in UTF-8"},
		{`{"goods_id":'1001'}`, "", "body: want one JSON object in UTF-8"},
		{"{\"goods_id\":\"\xff\"}", "", "body: want one JSON object in UTF-8"},
		{strings.Repeat("[", 4000), "", "body: want one JSON object in UTF-8"},
		{strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "", "body: want a JSON object"},
		{`{"goods_id":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`, "", "goods_id: " + id},
		{`{"goods_id":{"a":{"b":1}}}`, "", "goods_id: " + id},
		{`{"x":{"a":{"b":1}}}`, "", `"x": no such field`},
		{`{"goods_id":"1001","admin":1}`, "", `"admin": no such field`},
		{`{"goods_id":"1001","user_id":"u2"}`, "", `"user_id": no such field`},
		{`{"Goods_ID":"1001"}`, "", `"Goods_ID": no such field`},
		{`{"` + strings.Repeat("k", 3000) + `":1}`, "", `k": no such field`},
		{`{"goods_id":"1001","goods_id":"1001"}`, "", "goods_id: given twice"},
		{`{"goods_id":"1001","gid":"1001"}`, "", "goods_id: given twice"},
		{`{"goods_id":-1001}`, "", "goods_id: " + id},
		{`{"goods_id":10e2}`, "", "goods_id: " + id},
		{`{"goods_id":1001.5}`, "", "goods_id: " + id},
		{`{"goods_id":9007199254740992}`, "", "goods_id: " + id},
		{`{"goods_id":null}`, "", "goods_id: " + id},
		{`{"goods_id":""}`, "", "goods_id: " + id},
		{`{"goods_id":"a b"}`, "", "goods_id: " + id},
		{`{"goods_id":"../a"}`, "", "goods_id: " + id},
		{`{"goods_id":"{1001}"}`, "", "goods_id: " + id},
		{`{"goods_id":"秒"}`, "", "goods_id: " + id},
		{`{"goods_id":"` + strings.Repeat("a", 65) + `"}`, "", "goods_id: " + id},
		{`{"goods_id":"1001","quantity":1.5}`, "", "quantity: want a whole number"},
		{`{"goods_id":"1001","quantity":1.05}`, "", "quantity: want a whole number"},
		{`{"goods_id":"1001","quantity":1e0}`, "", "quantity: want a whole number"},
		{`{"goods_id":"1001","quantity":"1"}`, "", "quantity: want a whole number"},
		{`{"goods_id":"1001","quantity":true}`, "", "quantity: want a whole number"},
		{`{"goods_id":"1001","quantity":null}`, "", "quantity: want a whole number"},
		{`{"goods_id":"1001","quantity":99999999999999999999}`, "", "quantity: want a whole number"},
		{`{"goods_id":"1001","quantity":0}`, "", "quantity: want 1 to 2, got 0"},
		{`{"goods_id":"1001","quantity":-1}`, "", "quantity: want 1 to 2, got -1"},
		{`{"goods_id":"1001","quantity":3}`, "", "quantity: want 1 to 2, got 3"},
		{"", "goods_id=", "goods_id: " + id},
		{"", "goods_id=a%20b", "goods_id: " + id},
		{"", "goods_id=1001&goods_id=1001", "goods_id: given twice"},
		{"", "goods_id=1001&gid=1001", "goods_id: given twice"},
		{"", "goods_id=1001&quantity=1.5", "quantity: want a whole number"},
		{"", "goods_id=1001&quantity=", "quantity: want a whole number"},
		{"", "goods_id=%zz", "query: want name=value pairs, percent-encoded"},
		{"", "goods_id=1001;quantity=1", "query: want name=value pairs, percent-encoded"},
		{`{"x":1}`, "goods_id=1001", `"x": no such field`},
	} {
		a := w.want(call{method: "POST", path: "/api/seckill/token?" + c.query, bearer: u1, body: c.body}, 400, "invalid_request")
		if detail, _ := a.body["detail"].(string); !strings.HasSuffix(detail, c.detail) || len(detail) > 200 {
			t.Errorf("%.60s ?%s: want %q, got %q", c.body, c.query, c.detail, detail)
		}
	}
}

func TestTakesBodyOrQueryAndTheBodyWins(t *testing.T) {
	w := newWorld(t)
	for i, c := range []struct{ body, query string }{
		{`{"goods_id":"1001","quantity":2}`, ""},
		{`{"goods_id":1001,"quantity":2.0}`, ""},
		{`{"gid":"1001","quantity":2}`, ""},
		{" \n{ \"goods_id\" : \"1001\" , \"quantity\" : 2 }\n", ""},
		{"", "goods_id=1001&quantity=2"},
		{"", "gid=1001&quantity=2&utm_source=mail&admin=1&user_id=u2"},
		{`{"goods_id":"1001"}`, "quantity=2"},
		{`{"quantity":2}`, "gid=1001"},
		{`{"goods_id":"1001","quantity":2}`, "goods_id=9999&quantity=1"},
		{`{"gid":"1001","quantity":2}`, "goods_id=a%20b&goods_id=9&quantity=x"},
	} {
		user := w.login(fmt.Sprint("buyer-", i))
		a := w.want(call{method: "POST", path: "/api/seckill/token?" + c.query, bearer: user, body: c.body}, 200, "")
		use := url.Values{"gid": {"1001"}, "token": {fmt.Sprint(a.body["token"])}}
		if bought := w.want(call{method: "POST", path: "/api/seckill?" + use.Encode(), bearer: user}, 201, ""); bought.body["quantity"] != 2.0 {
			t.Errorf("%s ?%s: %s", c.body, c.query, bought.raw)
		}
	}
}

// post sends what an operator sends.
func (w *world) post(path, query, body string) answer {
	w.t.Helper()
	return w.do(call{method: "POST", path: "/api/admin/" + path + "?" + query, bearer: adminToken, body: body})
}

func TestReadsDurations(t *testing.T) {
	w := newWorld(t)
	window := func(a answer) any { limit, _ := a.body["rate_limit"].(map[string]any); return limit["window"] }
	for value, want := range map[string]any{
		`"90s"`: "1m30s", `"1m30s"`: "1m30s", "90": "1m30s", `"90"`: "1m30s", `"250ms"`: "250ms", "1.5": nil, `"-1s"`: nil, "-1": nil,
		"1e2": nil, "true": nil, "null": nil, `""`: nil, `"1 day"`: nil, "0": nil, "99999999999": nil, `"9999999h"`: nil,
	} {
		a := w.post("config/rate_limit", "", `{"limit":5,"window":`+value+`}`)
		if window(a) != want || want == nil && a.status != 400 {
			t.Errorf("window %s: %s", value, a.raw)
		}
		text := url.QueryEscape(strings.Trim(value, `"`))
		if a := w.post("config/rate_limit", "limit=5&window="+text, ""); window(a) != want {
			t.Errorf("window=%s: %s", text, a.raw)
		}
	}
	if a := w.post("config/rate_limit", "limit=5", `{"window":"-1s"}`); a.body["detail"] != `window: want a duration such as "90s" or "24h", or whole seconds` {
		t.Errorf("window -1s: %s", a.raw)
	}
}

func TestBansForeverWithZero(t *testing.T) {
	w := newWorld(t)
	for value, forever := range map[string]bool{`0`: true, `"0"`: true, `"0s"`: true, `"24h"`: false} {
		if a := w.post("blacklist/add", "user_id=u9", `{"duration":`+value+`}`); a.status != 201 || forever != (a.body["expires_at"] == nil) {
			t.Errorf("duration %s: %s", value, a.raw)
		}
	}
	for _, value := range []string{`"100ms"`, `"-24h"`, `"99999999h"`} {
		if a := w.post("blacklist/add", "user_id=u9", `{"duration":`+value+`}`); a.status != 400 {
			t.Errorf("duration %s: %s", value, a.raw)
		}
	}
}

func TestReadsBooleans(t *testing.T) {
	w := newWorld(t)
	for value, want := range map[string]any{
		"true": true, "false": false, "1": true, "0": false, "2": nil, `"true"`: nil, "null": nil, "[]": nil, "1.0": nil,
	} {
		inJSON := want
		if value == "1" || value == "0" { // JSON has words for them
			inJSON = nil
		}
		if a := w.post("config/seckill/enable", "", `{"enabled":`+value+`}`); a.body["enabled"] != inJSON {
			t.Errorf("enabled %s: %s", value, a.raw)
		}
		if a := w.post("config/seckill/enable", "enabled="+value, ""); a.body["enabled"] != want {
			t.Errorf("enabled=%s: %s", value, a.raw)
		}
	}
}

func TestReadsInnerFieldsFromTheQuery(t *testing.T) {
	w := newWorld(t)
	a := w.post("goods", url.Values{
		"goods_id": {"1003"}, "title": {"Pen 秒"}, "price.amount": {"5"}, "price.currency": {"CNY"}, "original_price.amount": {"9"},
		"total": {"2"}, "starts_at": {"2026-11-11T08:00:00+08:00"}, "ends_at": {"2026-11-12T00:00:00Z"},
	}.Encode(), "")
	if a.status != 201 || a.body["starts_at"] != "2026-11-11T00:00:00Z" || a.body["title"] != "Pen 秒" || a.header.Get("Location") != "/api/goods/1003" {
		t.Errorf("got %d %s", a.status, a.raw)
	}
}

func TestRefusesBadGoods(t *testing.T) {
	w := newWorld(t)
	good := `"goods_id":"1003","title":"Pen","total":2,"starts_at":"2026-11-11T00:00:00Z","ends_at":"2026-11-12T00:00:00Z"`
	for body, detail := range map[string]string{
		`{` + good + `}`:                 "price.amount: missing, want a whole number",
		`{` + good + `,"price":5}`:       `price: want an object`,
		`{` + good + `,"price":{}}`:      "price.amount: missing, want a whole number",
		`{` + good + `,"price":[5]}`:     `price: want an object`,
		`{` + good + `,"price":{"x":1}}`: `"price.x": no such field`,
		`{` + good + `,"price":{"amount":{"amount":5},"currency":"CNY"}}`:                                                           "price.amount: want a whole number",
		`{` + good + `,"price":{"amount":5,"amount":6,"currency":"CNY"}}`:                                                           "price.amount: given twice",
		`{` + good + `,"price":{"amount":5,"currency":"yuan"}}`:                                                                     `currency: want three capital letters, got "yuan"`,
		`{` + good + `,"price":{"amount":5,"currency":"CNY"},"original_price":{"amount":9,"currency":"USD"}}`:                       `original_price.currency: want that of price, "CNY"`,
		strings.Replace(`{`+good+`,"price":{"amount":5,"currency":"CNY"}}`, "2026-11-12T00:00:00Z", "tomorrow", 1):                  `ends_at: want a time such as "2026-11-11T20:00:00Z"`,
		strings.Replace(`{`+good+`,"price":{"amount":5,"currency":"CNY"}}`, "2026-11-12T00:00:00Z", "9999-12-31T23:59:59-01:00", 1): `ends_at: want a time such as "2026-11-11T20:00:00Z"`,
	} {
		a := w.want(call{method: "POST", path: "/api/admin/goods", bearer: adminToken, body: body}, 400, "invalid_request")
		if got, _ := a.body["detail"].(string); !strings.HasSuffix(got, detail) {
			t.Errorf("%s: want %q, got %q", body, detail, got)
		}
	}
}

func TestTakesOnlyJSONAndFormsOfFourKilobytes(t *testing.T) {
	w := newWorld(t)
	u1 := w.login("u1")
	body := `{"goods_id":"1001"}`
	for _, c := range []struct {
		kind, encoding, body string
		chunked              bool
		status               int
	}{
		{"application/json", "", body, false, 200},
		{"application/json", "", body, true, 200},
		{"Application/JSON; charset=UTF-8", "", body, false, 200},
		{"application/json", "", body + strings.Repeat(" ", 4096-len(body)), false, 200},
		{"application/json", "", body + strings.Repeat(" ", 4096-len(body)), true, 200},
		{"application/json", "", body + strings.Repeat(" ", 4097-len(body)), false, 413},
		{"application/json", "", body + strings.Repeat(" ", 4097-len(body)), true, 413},
		{"application/json", "", strings.Repeat(" ", 1<<20), true, 413},
		{"", "", body, false, 415},
		{"text/plain", "", body, false, 415},
		{"application/x-www-form-urlencoded", "", "goods_id=1001", false, 200},
		{"application/x-www-form-urlencoded; charset=UTF-8", "", "gid=1001&quantity=1", true, 200},
		{"application/x-www-form-urlencoded", "", "goods_id=1001&admin=1", false, 400},
		{"application/x-www-form-urlencoded", "", "goods_id=1001&goods_id=1002", false, 400},
		{"application/x-www-form-urlencoded", "", "goods_id=%zz", false, 400},
		{"application/x-www-form-urlencoded", "", body, false, 400},
		{"application/x-www-form-urlencoded; charset=GBK", "", "goods_id=1001", false, 415},
		{"application/x-www-form-urlencoded", "gzip", "goods_id=1001", false, 415},
		{"multipart/form-data; boundary=b", "", "goods_id=1001", false, 415},
		{"application/json; charset=latin1", "", body, false, 415},
		{"application/json;;", "", body, false, 415},
		{"application/problem+json", "", body, false, 415},
		{"application/json", "gzip", body, false, 415},
		{"text/plain", "", "", false, 400},
		{"text/plain", "", "", true, 400},
	} {
		r := call{method: "POST", path: "/api/seckill/token", bearer: u1, body: c.body}.request(t)
		r.Header.Set("Content-Type", c.kind)
		if c.kind == "" {
			r.Header.Del("Content-Type")
		}
		if c.encoding != "" {
			r.Header.Set("Content-Encoding", c.encoding)
		}
		if c.chunked {
			r.ContentLength = -1
		}
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != c.status || (c.status == 413) != (rec.Header().Get("Connection") == "close") {
			t.Errorf("%q %q %d bytes, chunked %v: want %d, got %d %v %s", c.kind, c.encoding, len(c.body), c.chunked, c.status, rec.Code, rec.Header(), rec.Body)
		}
	}
}

func TestRefusesAHalfBody(t *testing.T) {
	w := newWorld(t)
	r := call{method: "POST", path: "/api/seckill/token", bearer: w.login("u1"), body: `{"goods_id":"1001"}`}.request(t)
	r.ContentLength = 100
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusBadRequest {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
}

func TestTheUserIsTheAuthenticatorsAlone(t *testing.T) {
	w := newWorld(t)
	header := http.Header{"X-User-Id": {"victim"}, "X-Forwarded-User": {"victim"}}
	a := w.want(call{method: "POST", path: "/api/seckill/token?goods_id=1001&user_id=victim", bearer: w.login("u1"), header: header}, 200, "")
	if _, err := w.engine.Purchase(t.Context(), "u1", "1001", a.body["token"].(string)); err != nil {
		t.Error("the ticket is not u1's:", err)
	}
}

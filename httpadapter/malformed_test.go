package httpadapter_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// malformed are bodies that no operation takes, whatever its fields.
func malformed() map[string]string {
	nine := strings.Repeat("9", 400)
	return map[string]string{
		"100,000 brackets":          strings.Repeat("[", 100_000),
		"100,000 pairs of brackets": strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"2,000 pairs of brackets":   strings.Repeat("[", 2000) + strings.Repeat("]", 2000),
		"500 objects in each other": strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500),
		"a megabyte":                strings.Repeat("a", 1<<20),
		"a megabyte of spaces":      strings.Repeat(" ", 1<<20),
		"4,097 bytes of JSON":       `{"a":"` + strings.Repeat("a", 4097-8) + `"}`,
		"null bytes":                "\x00\x00\x00\x00",
		"a null byte behind":        "{}\x00",
		"no UTF-8":                  "{\"\xff\xfe\":1}",
		"UTF-16":                    "\xff\xfe{\x00}\x00",
		"a byte order mark":         "\xef\xbb\xbf{}",
		"half a string":             `{"a`,
		"half an escape":            `{"a\u00`,
		"two objects":               `{}{}`,
		"a number of 400 digits":    `{"a":` + nine + `}`,
		"a fraction of a fraction":  `{"a":1e-` + nine + `}`,
		"no number":                 `{"a":NaN}`,
		"__proto__":                 `{"__proto__":{"admin":true}}`,
		"no object":                 `"text"`,
		"XML":                       `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`,
		"a form":                    `goods_id=1001`,
	}
}

// wrongValues are ones that no field wants, as JSON.
func wrongValues() []string {
	return []string{
		"[]", "{}", "null", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), `"` + strings.Repeat("a", 3000) + `/"`, "1e400", "-1e400",
		"9223372036854775808", "-9223372036854775809", strings.Repeat("9", 3000), "0.1", `"\u0000"`, `"\ud800"`, `"../../etc/passwd"`, `"{1001}"`, `"' OR 1=1 --"`,
	}
}

// withBody are the operations that read a body, with a request that would succeed.
func (d *document) withBody(w *world) map[string]call {
	calls := make(map[string]call)
	for _, o := range d.operations() {
		if o.requests != nil {
			calls[o.id] = o.call(w, "")
		}
	}
	return calls
}

func TestNoOperationTakesAMalformedBody(t *testing.T) {
	w := newWorld(t, withToken)
	w.rate(1_000_000)
	calls := readDocument(t).withBody(w)
	before := w.state()
	for id, c := range calls {
		for name, body := range malformed() {
			c.body = body
			if c.path == "/api/payment/callback" {
				c.header = make(http.Header)
				w.webhook.Sign(c.header, "evt_1", []byte(body))
			}
			w.refuses(id+": "+name, c)
		}
	}
	if after := w.state(); after != before {
		t.Errorf("it changed\n%s to\n%s", before, after)
	}
}

// Each field of each operation in turn, with the others as they should be.
func TestNoValueBreaksAnOperation(t *testing.T) {
	for _, o := range readDocument(t).operations() {
		if o.requests == nil {
			continue
		}
		w := newWorld(t, withToken)
		w.rate(1_000_000)
		c := o.call(w, "")
		good := o.body("").(map[string]any)
		send := func(body string) call {
			c.body = body
			if o.id == "paymentCallback" {
				c.header = make(http.Header)
				w.webhook.Sign(c.header, "evt_1", []byte(body))
			}
			return c
		}
		for _, field := range o.fields {
			for _, wrong := range wrongValues() {
				body := maps.Clone(good)
				body[field] = json.RawMessage(wrong)
				content, err := json.Marshal(body)
				w.must(err)
				if a := w.do(send(string(content))); a.status >= 500 || !utf8.ValidString(a.raw) || strings.Contains(a.raw, "\x00") {
					t.Errorf("%s: %s %.60s: %d %s", o.id, field, wrong, a.status, a.raw)
				}
				w.refuses(o.id+": "+field+" twice", send(fmt.Sprintf(`{%q:%s,%[1]q:%[2]s}`, field, wrong)))
			}
		}
	}
}

// refuses wants a problem of the caller's making.
func (w *world) refuses(what string, c call) {
	w.t.Helper()
	a := w.do(c)
	code, _ := a.body["code"].(string)
	if a.status < 400 || a.status >= 500 || code == "" || len(a.raw) > 1000 || !utf8.ValidString(a.raw) {
		w.t.Errorf("%s: %d %.300s", what, a.status, a.raw)
	}
}

// Ids in paths and in the query, as long and as strange as the server lets them in.
func TestNoOperationTakesAStrangeID(t *testing.T) {
	for _, o := range readDocument(t).operations() {
		w := newWorld(t, withToken)
		w.rate(1_000_000)
		as := o.call(w, "")
		for _, strange := range []string{
			strings.Repeat("a", 65), strings.Repeat("a", 12_000), "\x00", "a\x00", "\xff", "秒杀", "a b", "a\nb", "{1001}", "*", "%", "1001;", "1001'--", "a/b",
		} {
			c := as
			if len(o.params) > 0 {
				c.path, c.body = o.path, nil
				for param := range o.params {
					c.path = strings.Replace(c.path, "{"+param+"}", url.PathEscape(strange), 1)
				}
				w.refuses(o.id, c)
				continue
			}
			c.path += "?goods_id=" + url.QueryEscape(strange) + "&order_id=" + url.QueryEscape(strange) + "&user_id=" + url.QueryEscape(strange) + "&after=" + url.QueryEscape(strange)
			if a := w.do(c); a.status >= 500 || !utf8.ValidString(a.raw) {
				t.Errorf("%s: %q: %d %s", o.id, strange, a.status, a.raw)
			}
		}
	}
}

package jsonflat_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/seckill-go/seckill/internal/jsonflat"
)

var flat = []string{
	`{"a":"b"}`, `{"":""}`, `{"goods_id":"1001","token":"st1.k1.x.y"}`, `{"n":0}`, `{"n":12,"m":"x","k":7}`, `{"a":"~ {}[]:,"}`,
}

func TestTheSimplestObjectsAreKnown(t *testing.T) {
	for _, s := range flat {
		if !jsonflat.Is([]byte(s)) {
			t.Errorf("%s is not known", s)
		}
	}
}

func TestOthersAreNot(t *testing.T) {
	for _, s := range []string{
		``, `{`, `{}`, `{}}`, `[]`, `"a"`, ` {"a":"b"}`, `{"a":"b"} `, `{"a":"b"}}`, `{"a":"b"},`, `{"a" :"b"}`, `{"a": "b"}`, `{"a":"b", "c":"d"}`,
		`{"}`, `{""}`, `{"a":"b","}`, `{"a":"b",""}`, `{"a":"b","c"}`, `{"a":"b":"c"}`, `{"a\":"b"}`, "{\"a\":\"\xff\"}",
		`{"a"}`, `{"a":}`, `{"a":"b",}`, `{,"a":"b"}`, `{"a":"b""c":"d"}`, `{"a":"b}`, `{a":"b"}`, `{"a":01}`, `{"a":-1}`, `{"a":1.5}`, `{"a":1e5}`, `{"a":1x}`,
		`{"a":true}`, `{"a":null}`, `{"a":{"b":"c"}}`, `{"a":["b"]}`, `{"a":"\n"}`, `{"a":"b\\"}`, "{\"a\":\"\n\"}", "{\"a\":\"\x7f\"}", `{"a":"秒杀"}`, `{1:"a"}`,
	} {
		if jsonflat.Is([]byte(s)) {
			t.Errorf("%s is taken for one", s)
		}
	}
}

func FuzzWhatIsFlatIsJSON(f *testing.F) {
	for _, s := range flat {
		f.Add([]byte(s))
		f.Add([]byte(s + s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var fields map[string]any
		if jsonflat.Is(b) && (json.Unmarshal(b, &fields) != nil || !utf8.Valid(b)) {
			t.Errorf("%q is no object in UTF-8", b)
		}
	})
}

func BenchmarkIs(b *testing.B) {
	text := []byte(`{"order_id":"AaIJ4U9esFtjelqQyXEgow","goods_id":"1001","user_id":"user-1","quantity":1,"amount":1999,"currency":"CNY",` +
		`"state":"pending","version":1,"created_at":"2026-11-23T10:38:06.12345Z","updated_at":"2026-11-23T10:38:06.12345Z","pay_by":"2026-11-23T10:53:06.12345Z"}`)
	b.Run("flat", func(b *testing.B) {
		for b.Loop() {
			jsonflat.Is(text)
		}
	})
	b.Run("valid", func(b *testing.B) {
		for b.Loop() {
			json.Valid(text)
		}
	})
}

package jsonappend_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/seckill-go/seckill/internal/jsonappend"
)

func FuzzStringIsAsEncodingJSONWritesIt(f *testing.F) {
	for _, s := range []string{"", "plain", "秒杀", "a\u2028b\u2029", "<&>", "\xff\xfe", "\xe7\xa7", "\U0001f600", "\"\\/", "\ufffd"} {
		f.Add(s)
	}
	for c := range 256 {
		f.Add("x" + string([]byte{byte(c)}))
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		if got := jsonappend.String([]byte("before"), s); err != nil || string(got) != "before"+string(want) {
			t.Errorf("want before%s, got %s", want, got)
		}
	})
}

// Both fail for the same times.
func FuzzTimeIsAsEncodingJSONWritesIt(f *testing.F) {
	for _, seconds := range []int64{0, 1795430286, -1, -62167219201, -62167219200, 253402300799, 253402300800, math.MaxInt64, math.MinInt64} {
		f.Add(seconds, int64(0), 0)
		f.Add(seconds, int64(123_450_000), 8*3600)
		f.Add(seconds, int64(1), -(9*3600 + 30*60 + 1))
		f.Add(seconds, int64(999_999_999), 24*3600)
	}
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64, zone int) {
		at := time.Unix(seconds, nanoseconds).In(time.FixedZone("", zone))
		want, wantErr := json.Marshal(at)
		got, err := jsonappend.Time([]byte("before"), at)
		if (err == nil) != (wantErr == nil) || err == nil && string(got) != "before"+string(want) {
			t.Errorf("want before%s, %v, got %s, %v", want, wantErr, got, err)
		}
	})
}

package httpadapter_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Whatever is sent is refused with a short sentence, or read as encoding/json reads
// it.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		"", "{}", `{"goods_id":"1001","text":"秒","int":1,"bool":true,"duration":"1m","time":"2026-11-11T20:00:00Z","outer":{"inner":2}}`,
		`{"gid":"1001"}`, `{"int":1.5}`, `{"goods_id":"1","goods_id":"2"}`, `{"outer":{"outer":{}}}`, `{"outer.inner":3}`, `[[[[`, `{"int":1}{`, "{\"text\":\"\xff\"}",
		`{"text":"\ud800"}`, `{"duration":18446744073}`, `{"time":"9999-12-31T23:59:59-01:00"}`,
	} {
		f.Add([]byte(body), "goods_id=1001&int=2&outer.inner=3")
	}
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		in, err := httpadapter.Parse(body, query)
		if err != nil {
			r, ok := errors.AsType[*seckill.Refusal](err)
			if !ok || r.Code != seckill.InvalidRequest || len(r.Detail) > 400 || !utf8.ValidString(r.Detail) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if in.ID != "" && !idPattern.MatchString(string(in.ID)) {
			t.Errorf("took the id %q", in.ID)
		}
		if _, err := json.Marshal(in); err != nil || in.Duration < 0 {
			t.Errorf("took %+v: %v", in, err)
		}
		agrees(t, in, body, query)
	})
}

func agrees(t *testing.T, in httpadapter.Inputs, body []byte, query string) {
	var reference struct {
		Text  *string
		Int   *int
		Outer struct{ Inner *int }
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &reference); err != nil {
			t.Fatalf("took %q: %v", body, err)
		}
	}
	values, _ := url.ParseQuery(query)
	if reference.Text != nil && in.Text != *reference.Text || reference.Text == nil && in.Text != values.Get("text") {
		t.Errorf("text is %q", in.Text)
	}
	if reference.Int != nil && in.Int != *reference.Int {
		t.Errorf("int is %d", in.Int)
	}
	if reference.Outer.Inner != nil && in.Inner != *reference.Outer.Inner {
		t.Errorf("inner is %d", in.Inner)
	}
}

func TestTextEndsAtTheQuoteThatIsNotEscaped(t *testing.T) {
	for _, text := range []string{`a"b`, `"`, `\`, `\"`, `"\`, `",:"`, `\\"" `, "\n\t\u2028"} {
		quoted, _ := json.Marshal(text)
		in, err := httpadapter.Parse([]byte(`{"text" : `+string(quoted)+`,"int":7}`), "")
		if err != nil || in.Text != text || in.Int != 7 {
			t.Errorf("%s: %+v, %v", quoted, in, err)
		}
	}
}

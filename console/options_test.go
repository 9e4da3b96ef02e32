package console_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
)

func TestEachWrongOptionIsNamed(t *testing.T) {
	t.Parallel()
	engine, err := seckill.New(seckill.Options{})
	must(t, err)
	hash := strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		o    console.Options
		want []string
	}{
		"no token":    {console.Options{}, []string{"AdminToken, AdminTokenSHA256: want exactly one"}},
		"two tokens":  {console.Options{AdminToken: adminToken, AdminTokenSHA256: hash}, []string{"AdminToken, AdminTokenSHA256: want exactly one"}},
		"short token": {console.Options{AdminToken: "short"}, []string{"AdminToken: want 128 random bits"}},
		"no hash":     {console.Options{AdminTokenSHA256: "abc"}, []string{"AdminTokenSHA256: want 64 hexadecimal digits"}},
		"two readers": {console.Options{AdminTokenSHA256: hash, ReadToken: readToken, ReadTokenSHA256: hash}, []string{"ReadToken, ReadTokenSHA256: want at most one"}},
		"same token":  {console.Options{AdminToken: adminToken, ReadToken: adminToken}, []string{"ReadToken: want another token than AdminToken"}},
		"short, and numbers": {
			console.Options{AdminToken: adminToken, ReadToken: "short", SessionTTL: time.Second, MaxWatchers: -1},
			[]string{"ReadToken: want 128", "SessionTTL: want 1m to 7 days, got 1s", "MaxWatchers: want 1 to 10000, got -1"},
		},
	} {
		_, err := console.New(engine, c.o)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: want %q, got %v", name, want, err)
			}
		}
	}
}

func TestOptionsDoNotShowTheirTokens(t *testing.T) {
	t.Parallel()
	o := console.Options{AdminToken: adminToken, ReadTokenSHA256: strings.Repeat("ab", 32)}
	text, err := json.Marshal(o)
	must(t, err)
	for _, shown := range []string{string(text), fmt.Sprint(o), fmt.Sprintf("%+v %#v %s", o, o, o)} {
		if strings.Contains(shown, "token-of") || strings.Contains(shown, "abab") || !strings.Contains(shown, "[redacted]") {
			t.Error(shown)
		}
	}
}

package seckill_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/seckill-go/seckill"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// FuzzIDs holds the engine's own check of ids, which is written out for speed,
// against the pattern that every document gives.
func FuzzIDs(f *testing.F) {
	for _, id := range []string{"user-1", "", "a b", "a\n", "秒", "A_z-0", strings.Repeat("x", 64), strings.Repeat("x", 65), "{1001}", "a\x00"} {
		f.Add(id)
	}
	s := open(f, 1, 0)
	f.Fuzz(func(t *testing.T, id string) {
		want := idPattern.MatchString(id)
		_, asUser := s.Ticket(t.Context(), id, "1001", 1)
		if got := !errors.Is(asUser, seckill.InvalidRequest); got != want {
			t.Errorf("user %q: %v", id, asUser)
		}
		_, asGoods := s.Purchase(t.Context(), "user-1", id, "a token")
		if got := !errors.Is(asGoods, seckill.InvalidRequest); got != want {
			t.Errorf("goods %q: %v", id, asGoods)
		}
	})
}

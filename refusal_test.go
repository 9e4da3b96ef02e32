package seckill_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/seckill-go/seckill"
)

// Who walks a tree of errors calls a method of each, so none may be nil.
func TestARefusalWrapsNoNilError(t *testing.T) {
	cause := errors.New("down")
	for _, r := range []*seckill.Refusal{{Code: seckill.SoldOut}, {Code: seckill.Busy, Cause: cause}} {
		wrapped := r.Unwrap()
		if slices.Contains(wrapped, nil) || !errors.Is(r, r.Code) || errors.Is(r, cause) != (r.Cause != nil) {
			t.Errorf("%v wraps %v", r, wrapped)
		}
	}
}

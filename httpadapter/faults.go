package httpadapter

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/seckill-go/seckill/internal/door"
)

// faults logs what the answers do not say: at most one line of a kind a second, as
// a crowd gets the same answer at once.
type faults struct {
	log                         *slog.Logger
	failures, panics, strangers door.Sparse
}

// note logs what is behind an answer of 500 or 503.
func (f *faults) note(r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client left; nothing failed
	}
	if unheard, ok := f.failures.Due(); ok {
		f.log.Error("request failed", "route", r.Pattern, "error", err, "not_logged_before", unheard)
	}
}

// panicked logs where it happened. Of a value that is not the runtime's own only the
// type is logged, as it may hold anything.
func (f *faults) panicked(r *http.Request, v any, stack []byte) {
	if unheard, ok := f.panics.Due(); ok {
		f.log.Error("request panicked", "route", r.Pattern, "panic", nature(v), "stack", string(stack), "not_logged_before", unheard)
	}
}

// stranger logs that somebody wanted to be an operator and was not.
func (f *faults) stranger(r *http.Request) {
	if unheard, ok := f.strangers.Due(); ok {
		f.log.Warn("operator not authenticated", "route", r.Pattern, "not_logged_before", unheard)
	}
}

func nature(v any) string {
	if err, ok := v.(interface{ RuntimeError() }); ok {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("a value of type %T", v)
}

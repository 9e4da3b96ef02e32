// Package limiter is the contract for rate limits per key, a key being a user in
// most cases.
//
// [Memory] serves one process; package redislimiter serves many. Backends prove
// themselves with package limitertest.
package limiter

import (
	"context"
	"errors"
	"time"
)

// ErrInvalidRate says that a rate has a negative limit or a window that is not
// positive.
var ErrInvalidRate = errors.New("limiter: invalid rate: limit must be 0 or more and window positive")

// Rate allows Limit calls in any span of Window. A Limit of 0 allows none.
type Rate struct {
	Limit  int
	Window time.Duration
}

// Validate returns [ErrInvalidRate] or nil.
func (r Rate) Validate() error {
	if r.Limit < 0 || r.Window <= 0 {
		return ErrInvalidRate
	}
	return nil
}

// Decision is the answer to one call.
type Decision struct {
	// Allowed says whether the call may go on; only allowed calls count.
	Allowed bool
	// RetryAfter is, for a refused call, how long the key must wait until a call
	// can be allowed under the same rate, or, under a Limit of 0, the Window; it is
	// positive then and zero otherwise.
	RetryAfter time.Duration
}

// Limiter counts calls. Implementations are safe for concurrent use and decide
// each call in one atomic step.
type Limiter interface {
	// Allow decides one call of key. In no span of rate.Window are more than
	// rate.Limit calls of one key allowed. The rate may differ from call to call
	// and applies at once, to calls already counted too: whoever lowers or raises a
	// limit waits for nothing. Only a Window longer than the last call's may miss
	// calls, as those too old for the shorter one need not be remembered. Keys do
	// not affect each other.
	//
	// Errors: [ErrInvalidRate], or a fault, after which the call may have counted.
	Allow(ctx context.Context, key string, rate Rate) (Decision, error)
}

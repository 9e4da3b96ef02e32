package payment

import (
	"context"
	"fmt"
	"sync"
)

// MethodFail is the [Request.Method] that makes a payment to the [Sandbox] fail.
const MethodFail = "fail"

var _ Gateway = (*Sandbox)(nil)

// Sandbox is a [Gateway] without money, for tests and demonstrations. A payment
// fails at once if its method is [MethodFail] and succeeds at once otherwise. The
// zero value is ready. It is safe for concurrent use, and remembers every request
// for as long as it lives.
type Sandbox struct {
	mu      sync.Mutex
	results map[string]Result // by Request.ID
	taken   map[string]int64  // by currency
}

// Pay implements [Gateway].
func (s *Sandbox) Pay(ctx context.Context, r Request) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("payment: pay %s: %w", r.ID, err)
	}
	if result, ok := s.results[r.ID]; ok {
		return result, nil
	}
	if s.results == nil {
		s.results, s.taken = make(map[string]Result), make(map[string]int64)
	}
	result := Result{PaymentID: "sandbox-" + r.ID, Status: Succeeded}
	if r.Method == MethodFail {
		result.Status, result.Reason = Failed, "the sandbox was told to fail"
	} else {
		s.taken[r.Currency] += r.Amount
	}
	s.results[r.ID] = result
	return result, nil
}

// Taken returns how much would have been taken in a currency since the sandbox
// was made, in minor units.
func (s *Sandbox) Taken(currency string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken[currency]
}

// Package paymenttest proves that an implementation keeps the promises of package
// payment. Whoever writes a [payment.Gateway] calls [Run] from a test of it,
// against the provider's sandbox.
package paymenttest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/payment"
)

// patience bounds one law; only a broken promise takes that long.
const patience = 30 * time.Second

// Fixture is what the laws are tried on.
type Fixture struct {
	// Gateway is the implementation under test. Others may use its backend.
	Gateway payment.Gateway
	// Succeeds and Fails are methods with which a payment goes through, or does not.
	Succeeds, Fails string
	// Taken returns how much was taken from all requests of the fixture in a
	// currency, in minor units. Nil if nobody can tell.
	Taken func(currency string) int64
}

// Law is one promise.
type Law struct {
	// Name is a claim in one word, Sentence what the contract says.
	Name, Sentence string
	// Holds returns what it saw that breaks the law, or nil.
	Holds func(ctx context.Context, f Fixture) error
}

// Run tries every law on a fixture of its own.
func Run(t *testing.T, newFixture func(t *testing.T) Fixture) {
	for _, law := range Laws() {
		t.Run(law.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := law.Holds(ctx, newFixture(t)); err != nil {
				t.Errorf("%s\nbut %v", law.Sentence, err)
			}
		})
	}
}

// Violation is a law that a gateway broke, and how.
type Violation struct {
	Law Law
	Err error
}

// Check tries every law outside of a test, and returns those that were broken.
func Check(ctx context.Context, newFixture func() Fixture) []Violation {
	var broken []Violation
	for _, law := range Laws() {
		if err := law.Holds(ctx, newFixture()); err != nil {
			broken = append(broken, Violation{law, err})
		}
	}
	return broken
}

// Laws are the promises in the order of the contract's comments.
func Laws() []Law {
	return []Law{
		{"TakesTheAmount", "A payment that goes through takes the amount, in the currency.", takesTheAmount},
		{"FailureTakesNothing", "A payment that fails takes nothing and says why.", failureTakesNothing},
		{"SameIDSameResult", "The same ID gets the same result and takes the money once.", sameIDSameResult},
		{"FirstMethodCounts", "The same ID gets the same result, also with another method.", firstMethodCounts},
		{"CrowdPaysOnce", "However many callers use one ID at once, the money is taken once.", crowdPaysOnce},
		{"PaymentsAreIndependent", "Each ID is a payment of its own.", paymentsAreIndependent},
		{"EndedContextIsAFault", "A call whose ctx has ended is a fault that matches ctx.Err(); calling again tells.", endedContextIsAFault},
	}
}

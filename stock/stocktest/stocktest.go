// Package stocktest is the conformance suite of package stock: whoever writes a
// [stock.Store] runs it to learn whether every sentence of the contract holds.
//
//	func TestConformance(t *testing.T) {
//		stocktest.Run(t, func(t *testing.T) stocktest.Fixture {
//			return stocktest.Fixture{Store: newStore(t), Advance: clock.Advance}
//		})
//	}
package stocktest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/seckill-go/seckill/stock"
)

// Fixture is what one law works with.
type Fixture struct {
	// Store has no goods yet, and nobody else uses it.
	Store stock.Store
	// Advance lets the store's clock go on by at least d: it moves a clock of the
	// fixture's own, or waits.
	Advance func(d time.Duration)
}

// Law is one sentence of the contract and the test of it.
type Law struct {
	Name, Sentence string
	Test           func(ctx context.Context, f Fixture) error
}

// Laws are all laws, in the contract's order.
func Laws() []Law {
	return slices.Concat(reserveLaws, settleLaws, confirmLaws, loadLaws, readLaws, knownLaws, crowdLaws)
}

// Run tests every law, each with a fixture of its own.
func Run(t *testing.T, newFixture func(t *testing.T) Fixture) {
	for _, law := range Laws() {
		t.Run(law.Name, func(t *testing.T) {
			if err := law.Test(t.Context(), newFixture(t)); err != nil {
				t.Errorf("%s\n%v", law.Sentence, err)
			}
		})
	}
}

// Violation is a law that a store broke, and how.
type Violation struct {
	Law Law
	Err error
}

// Check tests every law outside of a test, and returns those that were broken.
func Check(ctx context.Context, newFixture func() Fixture) []Violation {
	var broken []Violation
	for _, law := range Laws() {
		if err := law.Test(ctx, newFixture()); err != nil {
			broken = append(broken, Violation{law, err})
		}
	}
	return broken
}

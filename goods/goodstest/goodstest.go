// Package goodstest proves implementations of goods.Catalog.
//
// A backend's own test is one call:
//
//	func TestCatalog(t *testing.T) { goodstest.Run(t, newCatalog) }
package goodstest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/goods"
)

// Run proves that a catalog keeps every law of [goods.Catalog]. newCatalog returns
// an empty catalog; it is called once for each law.
func Run(t *testing.T, newCatalog func(t *testing.T) goods.Catalog) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			if err := law.check(t.Context(), newCatalog(t)); err != nil {
				t.Errorf("%s\n%v", law.sentence, err)
			}
		})
	}
}

// Violation is a law that an implementation broke, and how.
type Violation struct {
	Law, Sentence string
	Err           error
}

// Check returns the laws that a catalog breaks. newCatalog returns an empty
// catalog; it is called once for each law.
func Check(ctx context.Context, newCatalog func() goods.Catalog) []Violation {
	var broken []Violation
	for _, law := range laws {
		if err := law.check(ctx, newCatalog()); err != nil {
			broken = append(broken, Violation{law.name, law.sentence, err})
		}
	}
	return broken
}

// law is one sentence of the contract and the proof that a catalog keeps it.
type law struct {
	name, sentence string
	prove          func(context.Context, goods.Catalog) error
}

func (l law) check(ctx context.Context, c goods.Catalog) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return l.prove(ctx, c)
}

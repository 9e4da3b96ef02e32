package ordertest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/order"
)

// SinkFixture is a sink and the source at its other end, with nothing in
// between yet.
type SinkFixture struct {
	Sink   order.Sink
	Source order.Source
}

// RunSink proves that the pairs that newFixture makes keep the contract of
// [order.Sink] and [order.Source]. Each law gets a pair of its own.
func RunSink(t *testing.T, newFixture func(t *testing.T) SinkFixture) {
	for _, law := range sinkLaws {
		t.Run(law.name, func(t *testing.T) {
			t.Parallel()
			if err := law.check(t.Context(), newFixture(t)); err != nil {
				t.Errorf("%s\n%v", law.sentence, err)
			}
		})
	}
}

// CheckSink returns the laws that the pairs that newFixture makes break.
func CheckSink(ctx context.Context, newFixture func() SinkFixture) []Violation {
	var broken []Violation
	for _, law := range sinkLaws {
		if err := law.check(ctx, newFixture()); err != nil {
			broken = append(broken, Violation{law.name, law.sentence, err})
		}
	}
	return broken
}

type sinkLaw struct {
	name, sentence string
	prove          func(context.Context, *wire) error
}

// check runs one law and gives it enough time for a slow backend. What the law
// left running has ended when check returns.
func (l sinkLaw) check(ctx context.Context, f SinkFixture) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	w := &wire{SinkFixture: f}
	defer w.publishers.Wait()
	defer cancel()
	return l.prove(ctx, w)
}

// patience is how long a law may take. Only a broken pair needs it all.
const patience = 20 * time.Second

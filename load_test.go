package seckill_test

import (
	"context"
	"iter"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// telltale calls read once when all sales of a goods were read.
type telltale struct {
	*order.Memory
	read func()
}

func (l *telltale) Sales(ctx context.Context, goodsID string) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for o, err := range l.Memory.Sales(ctx, goodsID) {
			if !yield(o, err) {
				return
			}
		}
		if f := l.read; f != nil {
			l.read = nil
			f()
		}
	}
}

// eager is a gate that reads the whole snapshot before it touches what it has, as a
// gate may: the engine stops it before.
type eager struct{ *stock.Memory }

func (g eager) Load(ctx context.Context, goodsID string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	var all []stock.Sale
	for sale, err := range s.Sales {
		if err != nil {
			return stock.Counts{}, err
		}
		all = append(all, sale)
	}
	s.Sales = func(yield func(stock.Sale, error) bool) {
		for _, sale := range all {
			if !yield(sale, nil) {
				return
			}
		}
	}
	return g.Memory.Load(ctx, goodsID, fence, s)
}

// The snapshot was read before the cancel, and the gate is filled from it after
// the cancel was told to the gate: the units may not be lost in between.
func TestACancelBetweenReadingAndFillingLosesNoUnit(t *testing.T) {
	ledger := &telltale{Memory: new(order.Memory)}
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders, o.Stock = ledger, eager{new(stock.Memory)} })
	o := s.buy("user-1")
	s.buy("user-2")
	s.sound(2)
	ctx := t.Context()
	cancelled := false
	ledger.read = func() {
		cancelled = true
		if err := s.Cancel(ctx, o.ID); err != nil {
			t.Error(err)
		}
	}
	s.preload()
	if !cancelled {
		t.Fatal("the preload did not read the sales")
	}
	if err := s.RestoreCancelled(ctx); err != nil {
		t.Error(err)
	}
	s.sound(1)
}

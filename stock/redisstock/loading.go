package redisstock

import (
	"context"
	"iter"

	"github.com/seckill-go/seckill/stock"
)

// chunkSize is in sales.
const chunkSize = 500

// loading is one Load on its way.
type loading struct {
	store   *Store
	goodsID string
	fence   int64
	id      string
	chunks  int
}

func (l *loading) begin(ctx context.Context, snapshot stock.Snapshot) error {
	answer, err := l.store.run(ctx, loadBeginScript, l.goodsID, l.fence, l.id, snapshot.Total, snapshot.Epoch)
	if err != nil {
		return err
	}
	return nothing(answer)
}

func (l *loading) add(ctx context.Context, sales iter.Seq2[stock.Sale, error]) error {
	if sales == nil {
		return nil
	}
	chunk := make([]stock.Sale, 0, chunkSize)
	for sale, err := range sales {
		if err != nil {
			return err
		}
		if err := sale.Validate(); err != nil {
			return err
		}
		if chunk = append(chunk, sale); len(chunk) < chunkSize {
			continue
		}
		if err := l.send(ctx, chunk); err != nil {
			return err
		}
		chunk = chunk[:0]
	}
	return l.send(ctx, chunk)
}

func (l *loading) send(ctx context.Context, chunk []stock.Sale) error {
	l.chunks++
	args := make([]any, 0, 3+3*len(chunk))
	args = append(args, l.fence, l.id, l.chunks)
	for _, sale := range chunk {
		units := sale.Quantity
		if sale.Released {
			units = 0
		}
		args = append(args, sale.Attempt, sale.User, units)
	}
	answer, err := l.store.run(ctx, loadAddScript, l.goodsID, args...)
	if err != nil {
		return err
	}
	return nothing(answer)
}

func (l *loading) finish(ctx context.Context) (stock.Counts, error) {
	answer, err := l.store.run(ctx, loadFinishScript, l.goodsID, l.fence, l.id, l.chunks)
	if err != nil {
		return stock.Counts{}, err
	}
	return counts(answer)
}

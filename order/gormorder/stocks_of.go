package gormorder

import (
	"context"
	"slices"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// StocksOf implements [order.Stocks], in one statement for each 512 goods.
func (s *Store) StocksOf(ctx context.Context, goodsIDs []string) (map[string]order.Stock, error) {
	all := make(map[string]order.Stock, len(goodsIDs))
	for ids := range slices.Chunk(goodsIDs, chunk) {
		rows, err := gormdb.Query(s.db.WithContext(ctx), scanRow, stockRow+" WHERE goods_id IN ?", ids)
		if err != nil {
			return nil, fault(ctx, err, "read the stock of %d goods", len(goodsIDs))
		}
		for _, r := range rows {
			all[r.GoodsID] = r
		}
	}
	return all, ctx.Err()
}

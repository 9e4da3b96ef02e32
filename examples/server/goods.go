package main

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
)

// demo is what an empty shop offers.
func demo(now time.Time) []goods.Goods {
	all := []goods.Goods{
		{ID: "1001", Title: "Celadon tea cup · 青瓷茶杯", Subtitle: "Longquan kiln, 120 ml · 龙泉窑，120 毫升", Price: 1999, OriginalPrice: 5900, Total: 100},
		{ID: "1002", Title: "Wireless earbuds · 无线耳机", Subtitle: "One for each buyer · 每人限购一件", Price: 9900, OriginalPrice: 39900, Total: 50, LimitPerUser: 1},
		{ID: "1003", Title: "Dragon Well tea, 50 g · 西湖龙井 50 克", Subtitle: "Picked before Qingming · 明前采摘", Price: 6800, OriginalPrice: 12800, Total: 200, LimitPerUser: 5},
		{ID: "1004", Title: "Rabbit lamp · 玉兔小夜灯", Subtitle: "Ten in all: be quick · 仅此十盏", Price: 2900, OriginalPrice: 8900, Total: 10},
	}
	for i := range all {
		all[i].Currency = "CNY"
		all[i].StartsAt, all[i].EndsAt = now.Add(-time.Minute), now.AddDate(0, 0, 30)
	}
	return all
}

// stockUp fills the gate for every goods that was on sale before: Redis may have
// started empty. Into an empty catalog it puts the demo's goods, if wanted, and
// never touches what an operator has made of them.
func stockUp(ctx context.Context, e *seckill.Engine, withDemo bool) error {
	admin := e.Admin("start")
	status, err := e.Status(ctx)
	if err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	if len(status.Goods) == 0 && withDemo {
		return putDemo(ctx, admin)
	}
	for _, g := range status.Goods {
		if g.Loaded || g.Ledger.GoodsID == "" {
			continue
		}
		if _, err := admin.Preload(ctx, g.Goods.ID); err != nil {
			return fmt.Errorf("preload goods %s: %w", g.Goods.ID, err)
		}
	}
	return nil
}

func putDemo(ctx context.Context, admin seckill.Admin) error {
	for _, g := range demo(time.Now()) {
		if _, err := admin.PutGoods(ctx, g); err != nil {
			return fmt.Errorf("put goods %s: %w", g.ID, err)
		}
		if _, err := admin.Preload(ctx, g.ID); err != nil {
			return fmt.Errorf("preload goods %s: %w", g.ID, err)
		}
	}
	return nil
}

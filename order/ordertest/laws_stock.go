package ordertest

import (
	"context"
	"fmt"

	"github.com/seckill-go/seckill/order"
)

var stockLaws = []storeLaw{
	{"ResizeChangesTheTotalAlone", "Resize changes the total, up or down to what is sold, and neither fence nor epoch.", func(l *lab) {
		l.openFenced(5, 4)
		l.commit(group(3)...)
		want := order.Stock{GoodsID: goods, Total: 9, Sold: 3, Fence: 5, Epoch: 1}
		expect(l, "row with a larger total", l.resize(9), want)
		expect(l, "row read again", l.stock(), want)
		want.Total = 3
		expect(l, "row with a smaller total", l.resize(3), want)
		expect(l, "row with the same total", l.resize(3), want)
		l.statuses(l.commit(group(1)...), order.SoldOut)
	}},
	{"ResizeRefuses", "Resize below what is sold changes nothing, and it needs a row.", func(l *lab) {
		l.open(4)
		l.commit(group(3)...)
		before := l.stock()
		_, err := l.Resize(l.ctx, goods, 2)
		l.is(err, order.ErrTotalTooSmall)
		expect(l, "row", l.stock(), before)
		_, err = l.Resize(l.ctx, "nothing", 2)
		l.is(err, order.ErrNotFound)
	}},
	{"OpenKeepsTheTotal", "Open with a total below 0 leaves the total as it is, and makes no row.", func(l *lab) {
		_, err := l.Open(l.ctx, goods, 3, -1)
		l.is(err, order.ErrNotFound)
		l.openFenced(3, 4)
		l.commit(group(3)...)
		l.resize(7)
		row, err := l.Open(l.ctx, goods, 5, -1)
		l.must("Open", err)
		expect(l, "row", row, order.Stock{GoodsID: goods, Total: 7, Sold: 3, Fence: 5, Epoch: 2})
		_, err = l.Open(l.ctx, goods, 4, -1)
		l.is(err, order.ErrFenced)
		expect(l, "row read again", l.stock(), row)
	}},
	{"StocksOfMany", "StocksOf returns what Stock does for each goods that has a row, and nothing for the others.", func(l *lab) {
		var ids []string
		want := map[string]order.Stock{}
		for i := range 600 {
			ids = append(ids, fmt.Sprint("goods-", i))
			if i%200 == 0 {
				row, err := l.Open(l.ctx, ids[i], 3, i+1)
				l.must("Open", err)
				want[ids[i]] = row
			}
		}
		rows, err := l.StocksOf(l.ctx, ids)
		l.must("StocksOf", err)
		expect(l, "rows", fmt.Sprint(rows), fmt.Sprint(want))
		none, err := l.StocksOf(l.ctx, nil)
		l.must("StocksOf nothing", err)
		expect(l, "rows of no goods", len(none), 0)
		_, err = l.StocksOf(ended(l.ctx), ids)
		l.is(err, context.Canceled)
	}},
	{"ResizeWhileOthersBuy", "A total that shrinks while others buy is never below what is sold.", func(l *lab) {
		l.open(300)
		l.together(8, func(i int) {
			for n := range 20 {
				if i > 0 {
					l.commit(group(2)...)
				} else if _, err := l.Resize(l.ctx, goods, 280-10*n); err != nil {
					l.is(err, order.ErrTotalTooSmall)
				}
			}
		})
		r := l.recount()
		l.sold(r.Sold)
	}},
	{"OrdersKnowTheirFences", "An order has the fence under which it was booked, and the row's fence of when its units went back.", func(l *lab) {
		l.openFenced(3, 10)
		early := l.fencedOrder(4)
		l.openFenced(7, 10)
		late := l.fencedOrder(7)
		expect(l, "fence of the order booked first", l.get(early.ID).Fence, 4)
		expect(l, "fence of the order booked last", l.get(late.ID).Fence, 7)
		gone := l.move(cancel(early))[0].Order
		expect(l, "fence of the release", gone.Released, 7)
		expect(l, "order read again", l.get(early.ID), gone)
		paid := l.move(pay(late))[0].Order
		expect(l, "fence of no release", paid.Released, 0)
		l.openFenced(9, 10)
		expect(l, "fence of the release, later", l.move(pay(gone))[0].Order.Released, 7)
	}},
	{"ReleasesAreBeforeOrAfterOpen", "The row that Open returns counts an order exactly if it was not released, or will be under Open's fence or a higher one.", func(l *lab) {
		for round := range 10 {
			l.releaseWhileOpening(int64(10 * (round + 1)))
		}
	}},
	{"AmendLeavesASoundGoodsAsItIs", "Amend of a row that agrees with its orders changes nothing but the fence.", func(l *lab) {
		l.open(5)
		out := l.commit(draft("ada"), draft("bob"))
		l.move(cancel(out[0].Order))
		before := l.stock()
		after, err := l.Amend(l.ctx, goods, before.Fence+7)
		l.must("Amend", err)
		before.Fence += 7
		expect(l, "row", after, before)
		expect(l, "row afterwards", l.stock(), before)
	}},
	{"AmendIsFenced", "Amend keeps older fences out, its own included, and needs a row.", func(l *lab) {
		l.open(5)
		_, err := l.Amend(l.ctx, goods, 7)
		l.must("Amend", err)
		_, err = l.Amend(l.ctx, goods, 6)
		l.is(err, order.ErrFenced)
		_, err = l.Commit(l.ctx, goods, 6, []order.Draft{draft("ada")})
		l.is(err, order.ErrFenced)
		expect(l, "fence", l.stock().Fence, 7)
		_, err = l.Amend(l.ctx, "nothing", 7)
		l.is(err, order.ErrNotFound)
	}},
	{"RecountIsOfOneMoment", "The row and the sums of its orders and entries agree also while others buy and cancel.", func(l *lab) {
		l.open(10_000)
		l.together(4, func(i int) {
			for range 15 {
				if i == 0 {
					expect(l, "all sums agree", l.recount().Sound(), true)
					continue
				}
				out := l.commit(group(3)...)
				l.move(cancel(out[0].Order), pay(out[1].Order))
			}
		})
		l.sold(3 * 15 * 2)
	}},
}

func (l *lab) resize(total int) order.Stock {
	row, err := l.Resize(l.ctx, goods, total)
	l.must("Resize", err)
	return row
}

func (l *lab) fencedOrder(fence int64) order.Order {
	out, err := l.Commit(l.ctx, goods, fence, group(1))
	l.must("Commit", err)
	l.statuses(out, order.Committed)
	expect(l, "fence in the answer", out[0].Order.Fence, fence)
	return out[0].Order
}

func (l *lab) releaseWhileOpening(fence int64) {
	l.openFenced(fence, 1000)
	before := l.stock().Sold
	out, err := l.Commit(l.ctx, goods, fence, group(12))
	l.must("Commit", err)
	var row order.Stock
	l.together(7, func(i int) {
		if i == 6 {
			row = l.openFenced(fence+5, 1000)
			return
		}
		l.move(cancel(out[2*i].Order), cancel(out[2*i+1].Order))
	})
	counted := 0
	for _, o := range out {
		if l.get(o.Order.ID).Released >= fence+5 {
			counted++
		}
	}
	expect(l, "units that Open counted", row.Sold, before+counted)
}

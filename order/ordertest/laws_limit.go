package ordertest

import (
	"context"

	"github.com/seckill-go/seckill/order"
)

var limitLaws = []storeLaw{
	{"LimitCountsThisOrder", "Limit is how many units the user may have, this order included; zero means no limit.", func(l *lab) {
		l.open(100)
		l.statuses(l.commit(of(draft("ada"), 3, 2)), order.LimitReached)
		l.statuses(l.commit(of(draft("ada"), 2, 2)), order.Committed)
		l.statuses(l.commit(of(draft("ada"), 1, 2)), order.LimitReached)
		l.statuses(l.commit(of(draft("bob"), 50, 0)), order.Committed)
		l.sold(52)
	}},
	{"LimitCountsTheGroup", "Drafts earlier in the same group count, with a limit or without.", func(l *lab) {
		l.open(100)
		l.statuses(l.commit(draft("ada"), of(draft("ada"), 1, 2), of(draft("bob"), 1, 2), of(draft("ada"), 1, 2)),
			order.Committed, order.Committed, order.Committed, order.LimitReached)
	}},
	{"LimitCountsLiveOrders", "Pending and paid orders count, cancelled ones and those of other goods do not.", func(l *lab) {
		l.open(100)
		_, err := l.Open(l.ctx, "goods-2", 0, 100)
		l.must("Open", err)
		paid, gone := l.order(of(draft("ada"), 1, 2)), l.order(of(draft("ada"), 1, 2))
		l.move(pay(paid), cancel(gone))
		l.statuses(l.commit(of(draft("ada"), 1, 2), of(draft("ada"), 1, 2)), order.Committed, order.LimitReached)
		l.statuses(l.commitOf("goods-2", of(draft("ada"), 2, 2)), order.Committed)
	}},
	{"LimitBeforeStock", "A user over the limit is told so, also when all is sold.", func(l *lab) {
		l.open(1)
		l.order(of(draft("ada"), 1, 1))
		l.statuses(l.commit(of(draft("ada"), 1, 1), draft("bob")), order.LimitReached, order.SoldOut)
	}},
	{"LimitHoldsAtOnce", "A user who buys 50 times at once gets no more than the limit.", func(l *lab) {
		l.open(100)
		l.together(50, func(int) { l.commit(of(draft("ada"), 1, 3), draft("bob")) })
		l.sold(53)
	}},
}

var fenceLaws = []storeLaw{
	{"OlderFenceChangesNothing", "A fence older than the row's is refused and nothing is changed; an equal one and a newer one are taken.", func(l *lab) {
		l.openFenced(5, 10)
		expect(l, "fence", l.stock().Fence, 5)
		_, err := l.Commit(l.ctx, goods, 4, group(1))
		l.is(err, order.ErrFenced)
		l.sold(0)
		expect(l, "events", len(l.events()), 0)
		l.fenced(5, group(1)...)
		l.fenced(7, group(1)...)
		expect(l, "fence", l.stock().Fence, 7)
		_, err = l.Commit(l.ctx, goods, 6, group(1))
		l.is(err, order.ErrFenced)
		l.sold(2)
	}},
	{"FenceOfARefusedGroup", "The fence is tested and raised by a group of which nothing fits, too.", func(l *lab) {
		l.openFenced(5, 0)
		_, err := l.Commit(l.ctx, goods, 4, group(1))
		l.is(err, order.ErrFenced)
		l.fenced(8, group(1)...)
		expect(l, "fence", l.stock().Fence, 8)
	}},
	{"ZeroIsNotFenced", "A caller with fence 0 is not fenced and does not lower the row's fence.", func(l *lab) {
		l.openFenced(5, 10)
		l.fenced(0, group(1)...)
		l.sold(1)
		expect(l, "fence", l.stock().Fence, 5)
	}},
	{"OpenCountsEpochs", "Open makes the row or changes its total, sets its fence and raises its epoch by one.", func(l *lab) {
		expect(l, "row", l.openFenced(3, 10), order.Stock{GoodsID: goods, Total: 10, Fence: 3, Epoch: 1})
		l.commit(group(4)...)
		want := order.Stock{GoodsID: goods, Total: 6, Sold: 4, Fence: 9, Epoch: 2}
		expect(l, "row", l.openFenced(9, 6), want)
		expect(l, "row read again", l.stock(), want)
		want.Total, want.Epoch = 4, 3
		expect(l, "row of the same fence", l.openFenced(9, 4), want)
		l.statuses(l.commit(group(1)...), order.SoldOut)
	}},
	{"OpenRefuses", "Open changes nothing if the row's fence is higher or more is sold than the total.", func(l *lab) {
		l.openFenced(3, 10)
		l.commit(group(4)...)
		before := l.stock()
		_, err := l.Open(l.ctx, goods, 2, 20)
		l.is(err, order.ErrFenced)
		_, err = l.Open(l.ctx, goods, 4, 3)
		l.is(err, order.ErrTotalTooSmall)
		expect(l, "row", l.stock(), before)
	}},
	{"OpenStopsStragglers", "From the return of Open on no Commit with a lower fence changes anything.", func(l *lab) {
		l.openFenced(1, 10_000)
		stop, stopped := context.WithCancel(l.ctx)
		l.together(9, func(i int) {
			if i == 8 {
				l.openFenced(2, 10_000)
				stopped()
				return
			}
			l.sellUntilFenced(stop)
		})
	}},
}

func (l *lab) openFenced(fence int64, total int) order.Stock {
	row, err := l.Open(l.ctx, goods, fence, total)
	l.must("Open", err)
	return row
}

func (l *lab) fenced(fence int64, drafts ...order.Draft) {
	_, err := l.Commit(l.ctx, goods, fence, drafts)
	l.must("Commit", err)
}

// sellUntilFenced commits with fence 1, which has to fail once the context is
// stopped, and may before.
func (l *lab) sellUntilFenced(stop context.Context) {
	for range 10_000 {
		late := stop.Err() != nil
		_, err := l.Commit(l.ctx, goods, 1, group(1))
		if err != nil {
			l.is(err, order.ErrFenced)
			return
		}
		if late {
			l.fail("a commit with fence 1 was taken after Open with fence 2 had returned")
		}
	}
}

// ended returns a context that has ended.
func ended(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

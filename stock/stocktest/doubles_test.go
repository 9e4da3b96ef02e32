package stocktest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/stock"
)

// doubles are stores with one fault each, and the law that has to notice it.
var doubles = []struct {
	name     string
	caughtBy string
	of       func(*stock.Memory) stock.Store
}{
	{"DropsTheDedupe", "KnownAttemptTakesNothing", func(m *stock.Memory) stock.Store { return &forgetful{Memory: m} }},
	{"StockBeforeDuplicate", "KnownAttemptBeforeStock", func(m *stock.Memory) stock.Store { return stockFirst{m} }},
	{"LimitBeforeDuplicate", "KnownAttemptBeforeLimit", func(m *stock.Memory) stock.Store { return limitFirst{m} }},
	{"IgnoresTheLimit", "LimitCountsHeldAndSold", func(m *stock.Memory) stock.Store { return limitless{m} }},
	{"TakesAPart", "AllOrNone", func(m *stock.Memory) stock.Store { return partial{m} }},
	{"RefusesTheWholeGroup", "RefusalStaysAlone", func(m *stock.Memory) stock.Store { return allOrNobody{m} }},
	{"RestoresTwice", "Transitions", func(m *stock.Memory) stock.Store { return &restoresTwice{Memory: m} }},
	{"ReleasesTheSold", "Transitions", func(m *stock.Memory) stock.Store { return releasesSold{m} }},
	{"ForgetsTheReleased", "Transitions", func(m *stock.Memory) stock.Store { return releasesRestored{m} }},
	{"IgnoresUnknownConfirms", "ConfirmOfForgottenGoesBelowZero", func(m *stock.Memory) stock.Store { return onlyKnown{m} }},
	{"IsDeafToConfirm", "ConfirmsTheGroup", func(m *stock.Memory) stock.Store { return deafToConfirm{m} }},
	{"ConfirmsTheReleased", "ConfirmsWhatIsHeldStill", func(m *stock.Memory) stock.Store { return &remembersGroups{Memory: m} }},
	{"KnowsAllGroups", "UnknownGroupChangesNothing", func(m *stock.Memory) stock.Store { return knowsAllGroups{m} }},
	{"NamesNothing", "GroupOfNothingHasNoName", func(m *stock.Memory) stock.Store { return namesNothing{m} }},
	{"ConfirmsAfterALoad", "LoadForgetsGroups", func(m *stock.Memory) stock.Store { return &remembersGroups{Memory: m, after: true} }},
	{"IgnoresFences", "FencedReserve", func(m *stock.Memory) stock.Store { return fenceless{m} }},
	{"IgnoresFencesOfLoaders", "FencedLoader", func(m *stock.Memory) stock.Store { return fencelessLoader{m} }},
	{"ForgetsToStop", "StopCloses", func(m *stock.Memory) stock.Store { return unstoppable{m} }},
	{"LoadsBlindly", "LoadFromTheLedger", func(m *stock.Memory) stock.Store { return loadsTotalOnly{m} }},
	{"TakesTheCountedAgain", "TransitionsOfCounted", func(m *stock.Memory) stock.Store { return takesAgain{m} }},
	{"GivesBackThePast", "TransitionsOfPast", func(m *stock.Memory) stock.Store { return givesThePast{m} }},
	{"KeepsTheHoldOfTheCounted", "CountedBesideItsHold", func(m *stock.Memory) stock.Store { return keepsTheHold{m} }},
	{"NeverSaysItWasRefilled", "SaysWhenItWasRefilled", func(m *stock.Memory) stock.Store { return neverRefilled{m} }},
	{"AlwaysSaysItWasRefilled", "SaysWhenItWasRefilled", func(m *stock.Memory) stock.Store { return alwaysRefilled{m} }},
	{"NeverShrinks", "Resizes", func(m *stock.Memory) stock.Store { return sizesLeft{m} }},
	{"ShrinksQuietly", "ResizeNotBelowZero", func(m *stock.Memory) stock.Store { return sizesTotalOnly{m} }},
	{"KeepsTheRetired", "RetiredIsForgotten", func(m *stock.Memory) stock.Store { return retiresInName{m} }},
	{"IgnoresFencesOfRetirers", "FencedLoader", func(m *stock.Memory) stock.Store { return fencelessRetirer{m} }},
	{"CountsTheClosed", "CountsOfMany", func(m *stock.Memory) stock.Store { return countsClosed{m} }},
	{"MixesTheGoods", "GoodsAreIndependent", func(m *stock.Memory) stock.Store { return oneGoods{m} }},
	{"CountsInTwoSteps", "NeverOversells", func(m *stock.Memory) stock.Store { return &twoSteps{Memory: m, between: make(chan struct{})} }},
	{"ListsYoungHolds", "HoldsOldestFirst", func(m *stock.Memory) stock.Store { return ageless{m} }},
	{"KnowsHoldsOnly", "KnownSaysWhatBecameOfAnAttempt", func(m *stock.Memory) stock.Store { return knowsHolds{m} }},
	{"KnowsByReserving", "KnownTakesNothing", func(m *stock.Memory) stock.Store { return knowsByReserving{m} }},
	{"ListsHoldsBackwards", "HoldsOldestFirst", func(m *stock.Memory) stock.Store { return backwards{m} }},
	{"IgnoresTheContext", "EndedContext", func(m *stock.Memory) stock.Store { return contextless{m} }},
}

type (
	stockFirst       struct{ *stock.Memory }
	limitFirst       struct{ *stock.Memory }
	limitless        struct{ *stock.Memory }
	partial          struct{ *stock.Memory }
	allOrNobody      struct{ *stock.Memory }
	releasesSold     struct{ *stock.Memory }
	releasesRestored struct{ *stock.Memory }
	onlyKnown        struct{ *stock.Memory }
	fenceless        struct{ *stock.Memory }
	fencelessLoader  struct{ *stock.Memory }
	unstoppable      struct{ *stock.Memory }
	loadsTotalOnly   struct{ *stock.Memory }
	takesAgain       struct{ *stock.Memory }
	givesThePast     struct{ *stock.Memory }
	keepsTheHold     struct{ *stock.Memory }
	neverRefilled    struct{ *stock.Memory }
	alwaysRefilled   struct{ *stock.Memory }
	sizesLeft        struct{ *stock.Memory }
	sizesTotalOnly   struct{ *stock.Memory }
	retiresInName    struct{ *stock.Memory }
	fencelessRetirer struct{ *stock.Memory }
	countsClosed     struct{ *stock.Memory }
	oneGoods         struct{ *stock.Memory }
	ageless          struct{ *stock.Memory }
	backwards        struct{ *stock.Memory }
	contextless      struct{ *stock.Memory }
)

// forgetful takes every request for a new one.
type forgetful struct {
	*stock.Memory
	n atomic.Int64
}

func (d *forgetful) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	requests = slices.Clone(requests)
	for i := range requests {
		if requests[i].Attempt != "" {
			requests[i].Attempt = fmt.Sprint("again-", d.n.Add(1))
		}
	}
	return d.Memory.Reserve(ctx, goodsID, fence, requests)
}

func (d stockFirst) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	c, _ := d.Counts(ctx, goodsID)
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	for i := range r.Statuses {
		if requests[i].Quantity > c.Left {
			r.Statuses[i] = stock.SoldOut
		}
	}
	return r, err
}

func (d limitFirst) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	for i := range r.Statuses {
		if limit := requests[i].Limit; r.Statuses[i] == stock.Held && limit > 0 && 2*requests[i].Quantity > limit {
			r.Statuses[i] = stock.LimitReached
		}
	}
	return r, err
}

func (d limitless) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	requests = slices.Clone(requests)
	for i := range requests {
		requests[i].Limit = min(requests[i].Limit, 0)
	}
	return d.Memory.Reserve(ctx, goodsID, fence, requests)
}

func (d partial) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	var all stock.Reservation
	for _, one := range requests {
		if c, err := d.Counts(ctx, goodsID); err == nil && c.Left > 0 && one.Quantity > 0 {
			one.Quantity = min(one.Quantity, c.Left)
		}
		r, err := d.Memory.Reserve(ctx, goodsID, fence, []stock.Request{one})
		if err != nil {
			return r, err
		}
		all = stock.Reservation{Statuses: append(all.Statuses, r.Statuses...), Fence: r.Fence, Left: r.Left}
	}
	return all, nil
}

func (d allOrNobody) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	if !slices.Contains(r.Statuses, stock.SoldOut) {
		return r, err
	}
	for i, one := range requests {
		if r.Statuses[i] == stock.Reserved {
			r.Statuses[i] = stock.SoldOut
			undo := stock.Settlement{Attempt: one.Attempt, User: one.User, Quantity: one.Quantity, Verdict: stock.Release}
			err = errors.Join(err, d.Settle(ctx, goodsID, []stock.Settlement{undo}))
		}
	}
	return r, err
}

func (d fenceless) Reserve(ctx context.Context, goodsID string, _ int64, requests []stock.Request) (stock.Reservation, error) {
	return d.Memory.Reserve(ctx, goodsID, 0, requests)
}

func (d oneGoods) Reserve(ctx context.Context, _ string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	return d.Memory.Reserve(ctx, "1001", fence, requests)
}

func (d contextless) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	return d.Memory.Reserve(context.WithoutCancel(ctx), goodsID, fence, requests)
}

// twoSteps reads one half of the counts after the other. The crowd, which is known
// by its fence, waits for a reader to be in between, so chance plays no part.
type twoSteps struct {
	*stock.Memory
	running atomic.Int64
	between chan struct{}
	once    sync.Once
}

func (d *twoSteps) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	if fence == 1 {
		d.running.Add(1)
		defer d.running.Add(-1)
		select {
		case <-d.between:
		case <-time.After(5 * time.Second):
		}
	}
	return d.Memory.Reserve(ctx, goodsID, fence, requests)
}

func (d *twoSteps) Counts(ctx context.Context, goodsID string) (stock.Counts, error) {
	first, err := d.Memory.Counts(ctx, goodsID)
	if err != nil {
		return first, err
	}
	for d.running.Load() > 0 {
		d.once.Do(func() { close(d.between) })
		runtime.Gosched()
	}
	second, err := d.Memory.Counts(ctx, goodsID)
	first.Held = second.Held
	return first, err
}

func (d ageless) Holds(ctx context.Context, goodsID string, _ time.Duration, limit int) ([]stock.Hold, error) {
	return d.Memory.Holds(ctx, goodsID, 0, limit)
}

func (d backwards) Holds(ctx context.Context, goodsID string, minAge time.Duration, limit int) ([]stock.Hold, error) {
	list, err := d.Memory.Holds(ctx, goodsID, minAge, limit)
	slices.Reverse(list)
	return list, err
}

// restoresTwice gives units each time that it is told to restore.
type restoresTwice struct {
	*stock.Memory
	mu    sync.Mutex
	again map[string]int
}

func (d *restoresTwice) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, one := range settlements {
		if one.Verdict == stock.Restore && status(ctx, d.Memory, goodsID, one) == stock.Released {
			d.again = map[string]int{goodsID: d.again[goodsID] + one.Quantity}
		}
	}
	return d.Memory.Settle(ctx, goodsID, settlements)
}

func (d *restoresTwice) Counts(ctx context.Context, goodsID string) (stock.Counts, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, err := d.Memory.Counts(ctx, goodsID)
	c.Left += d.again[goodsID]
	return c, err
}

// status looks an attempt up by asking for more than there ever is.
func status(ctx context.Context, m *stock.Memory, goodsID string, one stock.Settlement) stock.Status {
	r, err := m.Reserve(ctx, goodsID, 0, []stock.Request{{Attempt: one.Attempt, User: one.User, Quantity: stock.MaxUnits}})
	if err != nil {
		return 0
	}
	return r.Statuses[0]
}

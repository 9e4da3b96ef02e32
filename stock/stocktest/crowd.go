package stocktest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/seckill-go/seckill/stock"
)

var crowdLaws = []Law{
	{"NeverOversells", "However many ask at once, no more units are taken than there are, none is left behind, and the numbers add up at every moment.", neverOversells},
	{"OneAttemptOnce", "An attempt that is asked for by many at once takes its units once.", oneAttemptOnce},
	{"LimitUnderConcurrency", "The limit holds over concurrent attempts of one user.", limitUnderConcurrency},
	{"SettledOnceUnderConcurrency", "Verdicts that many give at once count once.", settledOnceUnderConcurrency},
}

// crowd is how many callers there are at once.
const crowd = 200

// together lets n callers loose and joins their errors.
func together(n int, call func(i int) error) error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = call(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// watched reads the counts without a pause while do runs; they have to add up.
func (s *sale) watched(do func() error) {
	if s.err != nil {
		return
	}
	var wg sync.WaitGroup
	var done atomic.Bool
	wg.Go(func() {
		for first := true; (first || !done.Load()) && s.err == nil; first = false {
			if c := s.counts(); c.Left < 0 {
				s.fail("counts in between: got %+v", c)
			}
		}
	})
	err := do()
	done.Store(true)
	wg.Wait()
	s.wants("among the callers", err, nil)
}

func neverOversells(ctx context.Context, f Fixture) error {
	const total, groups = 1001, 2
	s := begin(ctx, f, total)
	var taken atomic.Int64
	s.watched(func() error {
		return together(crowd, func(i int) error {
			for g := range groups {
				requests := many(fmt.Sprintf("%d-%d", i, g), 4)
				requests[0].Quantity = 2
				r, err := f.Store.Reserve(ctx, s.goods, 1, requests)
				if err != nil {
					return err
				}
				taken.Add(int64(units(requests, r.Statuses)))
			}
			return nil
		})
	})
	if taken.Load() != total {
		s.fail("units taken: got %d, want %d", taken.Load(), total)
	}
	s.numbers(0, total, 0)
	return s.err
}

// units adds up what was reserved.
func units(requests []stock.Request, statuses []stock.Status) int {
	sum := 0
	for i, status := range statuses {
		if status == stock.Reserved {
			sum += requests[i].Quantity
		}
	}
	return sum
}

func oneAttemptOnce(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	var reserved, held atomic.Int64
	err := together(crowd, func(int) error {
		r, err := f.Store.Reserve(ctx, s.goods, 0, group(some("a", 2)))
		if err != nil {
			return err
		}
		switch r.Statuses[0] {
		case stock.Reserved:
			reserved.Add(1)
		case stock.Held:
			held.Add(1)
		}
		return nil
	})
	s.wants("Reserve", err, nil)
	if reserved.Load() != 1 || held.Load() != crowd-1 {
		s.fail("answers: got %d reserved, %d held; want 1, %d", reserved.Load(), held.Load(), crowd-1)
	}
	s.numbers(8, 2, 0)
	return s.err
}

func limitUnderConcurrency(ctx context.Context, f Fixture) error {
	const users, limit = 5, 3
	s := begin(ctx, f, 10*crowd)
	err := together(crowd, func(i int) error {
		request := of(fmt.Sprint("user-", i%users), fmt.Sprint("attempt-", i), 1, limit)
		r, err := f.Store.Reserve(ctx, s.goods, 0, group(request))
		if err != nil || r.Statuses[0] != stock.Reserved {
			return err
		}
		return f.Store.Settle(ctx, s.goods, settlements(stock.Confirm, request))
	})
	s.wants("Reserve and Settle", err, nil)
	s.numbers(10*crowd-users*limit, 0, users*limit)
	return s.err
}

func settledOnceUnderConcurrency(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 100)
	requests := many("a", 60)
	s.reserve(requests, all(60, stock.Reserved)...)
	s.watched(func() error {
		return together(crowd, func(i int) error {
			part, verdict := requests[:20], stock.Release
			switch i % 3 {
			case 1:
				part, verdict = requests[20:40], stock.Confirm
			case 2:
				part, verdict = requests[40:], stock.Restore
			}
			return f.Store.Settle(ctx, s.goods, settlements(verdict, part...))
		})
	})
	s.numbers(80, 0, 20)
	return s.err
}

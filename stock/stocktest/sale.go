package stocktest

import (
	"context"
	"errors"
	"fmt"

	"github.com/seckill-go/seckill/stock"
)

// sale drives one goods through a law, step by step. The first step that goes
// wrong stays in err, and the steps after it do nothing.
type sale struct {
	ctx   context.Context
	f     Fixture
	goods string
	fence int64
	err   error
}

// begin opens goods 1001 for the first time, with the total and under fence 1.
func begin(ctx context.Context, f Fixture, total int) *sale {
	s := &sale{ctx: ctx, f: f, goods: "1001", fence: 1}
	s.load(total, 0)
	return s
}

func (s *sale) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

func (s *sale) load(total, sold int) {
	if s.err != nil {
		return
	}
	if _, err := s.f.Store.Load(s.ctx, s.goods, s.fence, snapshot(total, sold)); err != nil {
		s.fail("Load of total %d with %d sold: %v", total, sold, err)
	}
}

// reserve asks for the group and wants these answers.
func (s *sale) reserve(group []stock.Request, want ...stock.Status) stock.Reservation {
	if s.err != nil {
		return stock.Reservation{}
	}
	r, err := s.f.Store.Reserve(s.ctx, s.goods, 0, group)
	if err != nil || len(r.Statuses) != len(want) {
		s.fail("Reserve for %d attempts: got %d answers, error %v", len(group), len(r.Statuses), err)
		return r
	}
	for i, status := range r.Statuses {
		if status != want[i] {
			s.fail("Reserve(%+v): got %v, want %v", group[i], status, want[i])
		}
	}
	return r
}

// ask reserves for one attempt.
func (s *sale) ask(r stock.Request, want stock.Status) { s.reserve(group(r), want) }

// settle gives one verdict about all of the requests.
func (s *sale) settle(v stock.Verdict, requests ...stock.Request) {
	if s.err != nil {
		return
	}
	if err := s.f.Store.Settle(s.ctx, s.goods, settlements(v, requests...)); err != nil {
		s.fail("Settle of %d attempts with verdict %d: %v", len(requests), v, err)
	}
}

// numbers wants these counts, and that they add up.
func (s *sale) numbers(left, held, sold int) {
	c := s.counts()
	if c.Left != left || c.Held != held || c.Sold != sold {
		s.fail("counts: got left %d, held %d, sold %d; want %d, %d, %d", c.Left, c.Held, c.Sold, left, held, sold)
	}
}

func (s *sale) counts() stock.Counts {
	if s.err != nil {
		return stock.Counts{}
	}
	c, err := s.f.Store.Counts(s.ctx, s.goods)
	if err != nil || !c.Conserved() {
		s.fail("Counts: got %+v, %v; want numbers that add up", c, err)
	}
	return c
}

// has wants the user to have n units, held and sold together.
func (s *sale) has(user string, n int) {
	probe := stock.Request{Attempt: "probe", User: user, Quantity: 1, Limit: n}
	if n > 0 {
		s.ask(probe, stock.LimitReached)
	}
	probe.Limit++
	s.ask(probe, stock.Reserved)
	s.settle(stock.Release, probe)
}

// wants fails the sale unless err is the wanted one.
func (s *sale) wants(what string, err, want error) {
	if !errors.Is(err, want) {
		s.fail("%s: got error %v, want %v", what, err, want)
	}
}

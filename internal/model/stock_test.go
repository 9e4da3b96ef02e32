package model_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/seckill-go/seckill/stock"
)

// gate is the contract of package stock, written as a list of attempts whose units
// are added up whenever somebody asks.
type gate struct {
	open     bool
	total    int
	fence    int64
	loaded   int64 // the fence of the last load
	counted  int   // units of orders from before it
	attempts map[string]tried
}

type tried struct {
	status   stock.Status
	user     string
	quantity int // 0 for an order whose units the gate did not take
}

func (g *gate) units(of func(tried) bool) (n int) {
	for _, a := range g.attempts {
		if of(a) {
			n += a.quantity
		}
	}
	return n
}

func (g *gate) in(s stock.Status) int { return g.units(func(a tried) bool { return a.status == s }) }

func (g *gate) sold() int { return g.counted + g.in(stock.Sold) }

func (g *gate) left() int { return g.total - g.in(stock.Held) - g.sold() }

func (g *gate) reserve(q stock.Request) stock.Status {
	if known, ok := g.attempts[q.Attempt]; ok {
		return known.status
	}
	mine := g.units(func(a tried) bool { return a.user == q.User && a.status != stock.Released })
	switch {
	case q.Limit > 0 && mine+q.Quantity > q.Limit:
		return stock.LimitReached
	case q.Quantity > g.left():
		return stock.SoldOut
	}
	g.attempts[q.Attempt] = tried{stock.Held, q.User, q.Quantity}
	return stock.Reserved
}

func (g *gate) settle(s stock.Settlement) {
	old := func(fence int64) bool { return fence > 0 && fence < g.loaded }
	known := g.attempts[s.Attempt]
	switch {
	case known.status == stock.Released:
	case s.Verdict == stock.Release:
		if known.status == stock.Held {
			delete(g.attempts, s.Attempt)
		}
	case s.Verdict == stock.Restore:
		took := known.quantity > 0 && !(known.status == stock.Held && old(s.Booked))
		if !took && old(s.Booked) && !old(s.Released) {
			g.counted -= s.Quantity
		}
		g.attempts[s.Attempt] = tried{status: stock.Released}
	case known.status == stock.Sold:
	case old(s.Booked):
		g.attempts[s.Attempt] = tried{status: stock.Sold}
	case known.status == stock.Held:
		g.attempts[s.Attempt] = tried{stock.Sold, known.user, known.quantity}
	default:
		g.attempts[s.Attempt] = tried{stock.Sold, s.User, s.Quantity}
	}
}

// drawRequest is one of a few attempts, whose user and quantity are its own.
func drawRequest(r *rapid.T) stock.Request {
	n := rapid.IntRange(0, 9).Draw(r, "attempt")
	return stock.Request{Attempt: fmt.Sprint("a", n), User: fmt.Sprint("u", n%3), Quantity: 1 + n%2, Limit: rapid.IntRange(0, 4).Draw(r, "limit")}
}

func TestTheGateInMemoryAddsUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &gateMachine{t: t}
		r.Repeat(map[string]func(*rapid.T){"reserve": m.reserve, "settle": m.settle, "stop": m.stop, "load": m.load, "resize": m.resize, "retire": m.retire, "": m.agree})
	})
}

type gateMachine struct {
	t      *testing.T
	memory stock.Memory
	model  gate
}

// refusal is what the model answers a caller with this fence.
func (m *gateMachine) refusal(fence int64) error {
	switch {
	case !m.model.open:
		return stock.ErrNotLoaded
	case fence != 0 && fence < m.model.fence:
		return stock.ErrFenced
	}
	m.model.fence = max(m.model.fence, fence)
	return nil
}

func (m *gateMachine) reserve(r *rapid.T) {
	fence := rapid.Int64Range(0, 4).Draw(r, "fence")
	group := rapid.SliceOfN(rapid.Custom(drawRequest), 0, 4).Draw(r, "group")
	got, err := m.memory.Reserve(m.t.Context(), "1001", fence, group)
	if want := m.refusal(fence); !errors.Is(err, want) {
		r.Fatalf("reserve: got %v, want %v", err, want)
	} else if want != nil {
		return
	}
	var want []stock.Status
	for _, q := range group {
		want = append(want, m.model.reserve(q))
	}
	if !slices.Equal(got.Statuses, want) || got.Left != m.model.left() || got.Fence != m.model.fence {
		r.Fatalf("reserve: got %+v, want %v, left %d, fence %d", got, want, m.model.left(), m.model.fence)
	}
}

func (m *gateMachine) settle(r *rapid.T) {
	q := drawRequest(r)
	s := stock.Settlement{Attempt: q.Attempt, User: q.User, Quantity: q.Quantity,
		Verdict: rapid.SampledFrom([]stock.Verdict{stock.Confirm, stock.Release, stock.Restore}).Draw(r, "verdict"),
		Booked:  rapid.Int64Range(0, 4).Draw(r, "booked"), Released: rapid.Int64Range(0, 4).Draw(r, "released")}
	err := m.memory.Settle(m.t.Context(), "1001", []stock.Settlement{s})
	if want := m.refusal(0); !errors.Is(err, want) {
		r.Fatalf("settle: got %v, want %v", err, want)
	} else if want == nil {
		m.model.settle(s)
	}
}

// closes asks for what needs the goods for itself; the gate need not be open.
func (m *gateMachine) closes(r *rapid.T, f func(fence int64) error) bool {
	fence := rapid.Int64Range(1, 4).Draw(r, "fence")
	err := f(fence)
	if fence < m.model.fence {
		if !errors.Is(err, stock.ErrFenced) {
			r.Fatalf("fence %d below %d: %v", fence, m.model.fence, err)
		}
		return false
	}
	if err != nil {
		r.Fatal(err)
	}
	m.model.fence = fence
	return true
}

func (m *gateMachine) stop(r *rapid.T) {
	if m.closes(r, func(fence int64) error { return m.memory.Stop(m.t.Context(), "1001", fence) }) {
		m.model.open = false
	}
}

func (m *gateMachine) load(r *rapid.T) {
	s := stock.Snapshot{Total: rapid.IntRange(0, 10).Draw(r, "total"), Sold: rapid.IntRange(0, 4).Draw(r, "sold"), Epoch: 1}
	if !m.closes(r, func(fence int64) error {
		_, err := m.memory.Load(m.t.Context(), "1001", fence, s)
		return err
	}) {
		return
	}
	m.model = gate{open: true, total: s.Total, fence: m.model.fence, loaded: m.model.fence, counted: s.Sold, attempts: map[string]tried{}}
}

func (m *gateMachine) resize(r *rapid.T) {
	total := rapid.IntRange(0, 12).Draw(r, "total")
	_, err := m.memory.Resize(m.t.Context(), "1001", total)
	want := m.refusal(0)
	if less := m.model.total - total; want == nil && less > 0 && m.model.left() < less {
		want = stock.ErrTotalTooSmall
	}
	if !errors.Is(err, want) {
		r.Fatalf("resize to %d: got %v, want %v", total, err, want)
	} else if want == nil {
		m.model.total = total
	}
}

func (m *gateMachine) retire(r *rapid.T) {
	if m.closes(r, func(fence int64) error { return m.memory.Retire(m.t.Context(), "1001", fence) }) {
		m.model = gate{}
	}
}

func (m *gateMachine) agree(r *rapid.T) {
	got, err := m.memory.Counts(m.t.Context(), "1001")
	if !m.model.open {
		if !errors.Is(err, stock.ErrNotLoaded) {
			r.Fatalf("closed: %+v %v", got, err)
		}
		return
	}
	want := stock.Counts{Total: m.model.total, Left: m.model.left(), Held: m.model.in(stock.Held), Sold: m.model.sold(), Epoch: 1, Fence: m.model.fence}
	if err != nil || got != want || !got.Conserved() {
		r.Fatalf("got %+v %v, want %+v", got, err, want)
	}
	holds, err := m.memory.Holds(m.t.Context(), "1001", 0, 100)
	held := 0
	for _, h := range holds {
		held += h.Quantity
	}
	if err != nil || held != want.Held {
		r.Fatalf("holds of %d units, want %d: %v", held, want.Held, err)
	}
}

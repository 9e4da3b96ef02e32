package order

import (
	"context"
	"sync"
	"time"
)

var _ Store = (*Memory)(nil)

// Memory is a [Store] for one process. The zero value is an empty ledger, ready
// to use. It is safe for concurrent use. It keeps every order for as long as it
// lives.
type Memory struct {
	// Now tells when events are put in the outbox. Zero means time.Now.
	Now func() time.Time

	mu       sync.Mutex
	rows     map[string]*row
	orders   map[string]*record // by id
	byUser   map[string][]*record
	cancels  int
	buried   map[string]bool
	taken    map[string]bool // event ids of changes
	enqueued map[string]bool
	unsent   []queued
	batches  int64
	audits   []Audit
	parked   []Parked
	parkings int64
}

// row is one goods: what is sold, and the records that prove it.
type row struct {
	Stock
	entries int // the sum of what was entered
	sales   []*record
}

type record struct {
	Order
	number int // in the order of booking, from 1
	// owed numbers the cancelled orders until their units are back in the gate; zero
	// is for the others.
	owed int

	committed Step
	sent      time.Time // when its first event was
	moves     []Step
}

// queued is a batch that was not sent.
type queued struct {
	Batch
	at time.Time
}

// open locks the ledger and makes its maps on first use.
func (m *Memory) open(ctx context.Context) error {
	m.mu.Lock()
	if err := ctx.Err(); err != nil {
		m.mu.Unlock()
		return err
	}
	if m.rows == nil {
		m.rows = make(map[string]*row)
		m.orders = make(map[string]*record)
		m.byUser = make(map[string][]*record)
		m.buried = make(map[string]bool)
		m.taken = make(map[string]bool)
		m.enqueued = make(map[string]bool)
	}
	return nil
}

// Commit implements [Ledger].
func (m *Memory) Commit(ctx context.Context, goodsID string, fence int64, drafts []Draft) ([]Outcome, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	r, ok := m.rows[goodsID]
	if !ok {
		return nil, ErrNotFound
	}
	if fence != 0 && fence < r.Fence {
		return nil, ErrFenced
	}
	r.Fence = max(r.Fence, fence)

	outcomes := make([]Outcome, len(drafts))
	var events []Event
	for i, d := range drafts {
		outcomes[i] = m.book(r, fence, d)
		if outcomes[i].Status == Committed {
			events = append(events, Created(outcomes[i].Order).With(d.Trace))
		}
	}
	m.put(events)
	return outcomes, nil
}

// book answers one draft: a known attempt before the limit, the limit before the
// stock.
func (m *Memory) book(r *row, fence int64, d Draft) Outcome {
	switch known, ok := m.orders[d.ID]; {
	case ok:
		return Outcome{Replayed, known.Order}
	case m.buried[d.ID]:
		return Outcome{Status: Buried}
	case d.Limit > 0 && m.units(r.GoodsID, d.UserID)+d.Quantity > d.Limit:
		return Outcome{Status: LimitReached}
	case r.Sold+d.Quantity > r.Total:
		return Outcome{Status: SoldOut}
	}
	o := &record{Order: d.Order(r.GoodsID), number: len(m.orders) + 1, committed: Step{StepCommitted, m.now(), d.Node}}
	o.Fence = fence
	m.orders[o.ID] = o
	m.byUser[o.UserID] = append(m.byUser[o.UserID], o)
	r.sales = append(r.sales, o)
	r.Sold += o.Quantity
	r.entries += o.Quantity
	return Outcome{Committed, o.Order}
}

// units returns what the user has in live orders of the goods.
func (m *Memory) units(goodsID, userID string) (n int) {
	for _, o := range m.byUser[userID] {
		if o.GoodsID == goodsID && o.State.Live() {
			n += o.Quantity
		}
	}
	return n
}

// Bury implements [Ledger].
func (m *Memory) Bury(ctx context.Context, goodsID string, attempts []string) ([]Outcome, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if _, ok := m.rows[goodsID]; !ok {
		return nil, ErrNotFound
	}
	outcomes := make([]Outcome, len(attempts))
	for i, a := range attempts {
		if o, ok := m.orders[a]; ok {
			outcomes[i] = Outcome{Replayed, o.Order}
			continue
		}
		m.buried[a] = true
		outcomes[i] = Outcome{Status: Buried}
	}
	return outcomes, nil
}

// Move implements [Ledger].
func (m *Memory) Move(ctx context.Context, changes []Change) ([]Changed, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	changed := make([]Changed, len(changes))
	var events []Event
	for i, c := range changes {
		changed[i] = m.move(c)
		if changed[i].Moved {
			events = append(events, Moved(changed[i].Order).With(c.Trace))
		}
	}
	m.put(events)
	return changed, nil
}

func (m *Memory) move(c Change) Changed {
	o, ok := m.orders[c.OrderID]
	if !ok {
		return Changed{}
	}
	if m.taken[c.EventID] {
		return Changed{Order: o.Order, Known: true}
	}
	if c.EventID != "" {
		m.taken[c.EventID] = true
	}
	after, moved := c.Apply(o.Order)
	r := m.rows[o.GoodsID]
	if moved && after.State == Paid {
		r.Paid += o.Quantity
	}
	if o.State.Live() && !after.State.Live() {
		r.Sold -= o.Quantity
		r.entries -= o.Quantity
		after.Released = r.Fence
		m.cancels++
		o.owed = m.cancels
	}
	if moved {
		o.moves = append(o.moves, Step{Name: string(after.State), At: after.UpdatedAt})
	}
	o.Order = after
	return Changed{Order: after, Moved: moved}
}

// Open implements [Stocks].
func (m *Memory) Open(ctx context.Context, goodsID string, fence int64, total int) (Stock, error) {
	if err := m.open(ctx); err != nil {
		return Stock{}, err
	}
	defer m.mu.Unlock()
	r, ok := m.rows[goodsID]
	if !ok && total < 0 {
		return Stock{}, ErrNotFound
	}
	if !ok {
		r = &row{Stock: Stock{GoodsID: goodsID}}
	}
	if fence < r.Fence {
		return Stock{}, ErrFenced
	}
	if total < 0 {
		total = r.Total
	}
	if total < r.Sold {
		return Stock{}, ErrTotalTooSmall
	}
	r.Total, r.Fence = total, fence
	r.Epoch++
	m.rows[goodsID] = r
	return r.Stock, nil
}

// Resize implements [Stocks].
func (m *Memory) Resize(ctx context.Context, goodsID string, total int) (Stock, error) {
	if err := m.open(ctx); err != nil {
		return Stock{}, err
	}
	defer m.mu.Unlock()
	r, ok := m.rows[goodsID]
	switch {
	case !ok:
		return Stock{}, ErrNotFound
	case total < r.Sold:
		return Stock{}, ErrTotalTooSmall
	}
	r.Total = total
	return r.Stock, nil
}

// Stock implements [Stocks].
func (m *Memory) Stock(ctx context.Context, goodsID string) (Stock, error) {
	if err := m.open(ctx); err != nil {
		return Stock{}, err
	}
	defer m.mu.Unlock()
	r, ok := m.rows[goodsID]
	if !ok {
		return Stock{}, ErrNotFound
	}
	return r.Stock, nil
}

package goods

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

var _ Catalog = (*Memory)(nil)

// Memory is a [Catalog] for one process. The zero value is an empty catalog,
// ready to use. It is safe for concurrent use.
type Memory struct {
	mu    sync.RWMutex
	goods map[string]Goods
	open  map[string]bool // those that are not retired
}

// Get implements [Catalog].
func (m *Memory) Get(ctx context.Context, id string) (Goods, error) {
	if err := ctx.Err(); err != nil {
		return Goods{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	g, ok := m.goods[id]
	if !ok {
		return Goods{}, ErrNotFound
	}
	return g, nil
}

// Put implements [Catalog].
func (m *Memory) Put(ctx context.Context, g Goods) (created bool, err error) {
	g.StartsAt, g.EndsAt, g.RetiredAt = Moment(g.StartsAt), Moment(g.EndsAt), Moment(g.RetiredAt)
	if err := g.Validate(); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.goods == nil {
		m.goods, m.open = make(map[string]Goods), make(map[string]bool)
	}
	_, known := m.goods[g.ID]
	m.goods[g.ID] = g
	if m.open[g.ID] = true; g.Retired() {
		delete(m.open, g.ID)
	}
	return !known, nil
}

// List implements [Catalog].
func (m *Memory) List(ctx context.Context) ([]Goods, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]Goods, 0, len(m.open))
	for id := range m.open {
		all = append(all, m.goods[id])
	}
	slices.SortFunc(all, func(a, b Goods) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// Moment cuts a time to what a catalog keeps: UTC, to the microsecond.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

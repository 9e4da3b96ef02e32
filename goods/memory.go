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
	g.StartsAt, g.EndsAt = Moment(g.StartsAt), Moment(g.EndsAt)
	if err := g.Validate(); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.goods == nil {
		m.goods = make(map[string]Goods)
	}
	_, known := m.goods[g.ID]
	m.goods[g.ID] = g
	return !known, nil
}

// List implements [Catalog].
func (m *Memory) List(ctx context.Context) ([]Goods, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]Goods, 0, len(m.goods))
	for _, g := range m.goods {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b Goods) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// Moment cuts a time to what a catalog keeps: UTC, to the microsecond.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

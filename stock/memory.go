package stock

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] for one process. The zero value is ready, and safe for
// concurrent use. What is in it ends with the process.
type Memory struct {
	// Now is the clock that ages holds. Zero means time.Now.
	Now func() time.Time

	mu    sync.Mutex
	goods map[string]*shelf
}

var _ Store = (*Memory)(nil)

// Reserve implements [Gate].
func (m *Memory) Reserve(ctx context.Context, goodsID string, fence int64, requests []Request) (Reservation, error) {
	if err := validateAll(requests); err != nil {
		return Reservation{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.open(ctx, goodsID)
	if err != nil {
		return Reservation{}, err
	}
	if fence != 0 && fence < s.Fence {
		return Reservation{}, ErrFenced
	}
	s.Fence = max(s.Fence, fence)
	now := m.now()
	g, statuses := newGroup(now), make([]Status, len(requests))
	for i, r := range requests {
		statuses[i] = s.reserve(r, g)
	}
	return Reservation{
		Statuses: statuses, Fence: s.Fence, Left: s.Left, Held: s.Held, Group: s.enter(g), Refilled: s.refilled(now),
	}, nil
}

// Settle implements [Gate].
func (m *Memory) Settle(ctx context.Context, goodsID string, settlements []Settlement) error {
	if err := validateAll(settlements); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.open(ctx, goodsID)
	if err != nil {
		return err
	}
	for _, one := range settlements {
		s.settle(one)
	}
	return nil
}

// Confirm implements [Gate].
func (m *Memory) Confirm(ctx context.Context, goodsID string, groups []string) (unknown []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.open(ctx, goodsID)
	if err != nil {
		return nil, err
	}
	for _, name := range groups {
		if !s.confirm(name) {
			unknown = append(unknown, name)
		}
	}
	return unknown, nil
}

// Counts implements [Reader].
func (m *Memory) Counts(ctx context.Context, goodsID string) (Counts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.open(ctx, goodsID)
	if err != nil {
		return Counts{}, err
	}
	return s.Counts, nil
}

// CountsOf implements [Reader].
func (m *Memory) CountsOf(ctx context.Context, goodsIDs []string) (map[string]Counts, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[string]Counts, len(goodsIDs))
	for _, id := range goodsIDs {
		if s := m.goods[id]; s != nil && s.isOpen {
			all[id] = s.Counts
		}
	}
	return all, nil
}

// Holds implements [Reader].
func (m *Memory) Holds(ctx context.Context, goodsID string, minAge time.Duration, limit int) ([]Hold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.open(ctx, goodsID)
	if err != nil {
		return nil, err
	}
	var holds []Hold
	now := m.now()
	for _, g := range s.groups {
		age := now.Sub(g.since)
		for attempt, k := range g.held {
			if age >= minAge {
				holds = append(holds, Hold{Attempt: attempt, User: k.user, Quantity: k.quantity, Age: max(age, 0)})
			}
		}
	}
	slices.SortFunc(holds, func(a, b Hold) int { return cmp.Compare(b.Age, a.Age) })
	return holds[:min(len(holds), max(limit, 0))], nil
}

// open finds the numbers of a goods that is on sale. The caller holds the mutex.
func (m *Memory) open(ctx context.Context, goodsID string) (*shelf, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := m.goods[goodsID]
	if s == nil || !s.isOpen {
		return nil, ErrNotLoaded
	}
	return s, nil
}

func (m *Memory) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}

package lock

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Memory is a Locker for the callers of one process. The zero value is ready; it
// is safe for concurrent use and must not be copied.
//
// Its leases live as long as the process and have no use for a TTL: Lost is
// closed by Release, or when the lease is taken over. It remembers the last fence of each name ever asked
// for, and starts again when the process does, so storage that outlives the
// process needs a Locker that does too.
type Memory struct {
	mu     sync.Mutex
	queues map[string]*queue
}

var (
	_ Locker  = (*Memory)(nil)
	_ Holders = (*Memory)(nil)
)

// Acquire implements [Locker].
func (m *Memory) Acquire(ctx context.Context, name string, o Options) (Lease, error) {
	r, err := m.request(ctx, name, o, true)
	if err != nil {
		return nil, err
	}
	select {
	case <-r.granted:
		return r, nil
	case <-ctx.Done():
		r.leave()
		return nil, errors.Join(ErrNotObtained, ctx.Err())
	}
}

// TryAcquire implements [Locker].
func (m *Memory) TryAcquire(ctx context.Context, name string, o Options) (Lease, error) {
	r, err := m.request(ctx, name, o, false)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// request joins the name's queue, unless it would have to wait there and does not
// want to.
func (m *Memory) request(ctx context.Context, name string, o Options, wait bool) (*request, error) {
	if err := CheckRequest(name, o); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("lock: request %q: %w", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.queue(name)
	if !wait && excludes(o.Mode, q.requests) {
		return nil, ErrNotObtained
	}
	r := &request{
		queue: q, mode: o.Mode, yield: o.Yield, node: o.Node,
		granted: make(chan struct{}), lost: make(chan struct{}), wanted: make(chan struct{}),
	}
	q.requests = append(q.requests, r)
	q.settle()
	return r, nil
}

// Holders implements [Holders].
func (m *Memory) Holders(_ context.Context, names []string) ([][]Holder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([][]Holder, len(names))
	for i, name := range names {
		q := m.queues[name]
		if q == nil {
			continue
		}
		for _, r := range q.requests {
			if r.fence > 0 {
				all[i] = append(all[i], Holder{r.mode, r.node, r.fence})
			}
		}
	}
	return all, nil
}

func (m *Memory) queue(name string) *queue {
	if m.queues == nil {
		m.queues = map[string]*queue{}
	}
	q := m.queues[name]
	if q == nil {
		q = &queue{mu: &m.mu, fence: 1}
		m.queues[name] = q
	}
	return q
}

package order

import (
	"context"
	"slices"
)

// put puts events in the outbox, as one batch.
func (m *Memory) put(events []Event) {
	if len(events) == 0 {
		return
	}
	m.batches++
	m.unsent = append(m.unsent, queued{Batch{m.batches, events}, m.now()})
}

// Enqueue implements [Outbox].
func (m *Memory) Enqueue(ctx context.Context, events []Event) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	fresh := make(map[Lane][]Event)
	for _, e := range events {
		if !m.enqueued[e.ID] {
			m.enqueued[e.ID] = true
			fresh[e.Lane()] = append(fresh[e.Lane()], e)
		}
	}
	m.put(fresh[OrderLane])
	m.put(fresh[PaymentLane])
	return nil
}

// Pending implements [Outbox].
func (m *Memory) Pending(ctx context.Context, limit int) ([]Batch, Queue, error) {
	if err := m.open(ctx); err != nil {
		return nil, Queue{}, err
	}
	defer m.mu.Unlock()
	q := Queue{Pending: len(m.unsent)}
	if q.Pending > 0 {
		q.Oldest = m.unsent[0].at
	}
	var batches []Batch
	for _, p := range m.unsent[:min(max(limit, 0), q.Pending)] {
		batches = append(batches, Batch{p.ID, slices.Clone(p.Events)})
	}
	return batches, q, nil
}

// MarkSent implements [Outbox].
func (m *Memory) MarkSent(ctx context.Context, batchIDs []int64) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.noteSent(batchIDs)
	m.unsent = slices.DeleteFunc(m.unsent, func(p queued) bool { return slices.Contains(batchIDs, p.ID) })
	return nil
}

// BeginAudit implements [AuditLog].
func (m *Memory) BeginAudit(ctx context.Context, a Audit) (int64, error) {
	if err := m.open(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	a.ID, a.At = int64(len(m.audits))+1, Moment(a.At)
	a.After, a.Error, a.Done = "", "", false
	m.audits = append(m.audits, a)
	return a.ID, nil
}

// EndAudit implements [AuditLog].
func (m *Memory) EndAudit(ctx context.Context, id int64, after, failure string) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if 1 <= id && id <= int64(len(m.audits)) {
		a := &m.audits[id-1]
		a.After, a.Error, a.Done = after, failure, true
	}
	return nil
}

// Audits implements [AuditLog].
func (m *Memory) Audits(ctx context.Context, before int64, limit int) ([]Audit, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	end := int64(len(m.audits))
	if before > 0 {
		end = min(end, before-1)
	}
	start := max(0, end-int64(max(limit, 0)))
	page := slices.Clone(m.audits[start:end])
	slices.Reverse(page)
	return page, nil
}

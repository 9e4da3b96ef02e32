package etcdmirror

import (
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// item is what the mirror knows of one name.
type item[V any] struct {
	rev   int64 // of the write that made it so
	value V
	gone  bool  // removed by this node; kept until etcd confirms
	err   error // there, but never legible
}

func (it item[V]) there() bool { return it.rev > 0 && !it.gone && it.err == nil }

// Wrote notes this node's own write, which etcd made at revision rev and this node
// asked for at the given time, so that the node sees it at once.
func (m *Mirror[V]) Wrote(name string, value V, rev int64, asked time.Time) {
	m.own(name, item[V]{rev: rev, value: value}, asked)
}

// Removed notes this node's own removal.
func (m *Mirror[V]) Removed(name string, rev int64, asked time.Time) {
	m.own(name, item[V]{rev: rev, gone: true}, asked)
}

func (m *Mirror[V]) own(name string, it item[V], asked time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen = max(m.seen, it.rev)
	if it.rev <= m.revision || it.rev < m.items[name].rev {
		return // the watch, or a later write, was faster
	}
	m.items[name] = it
	if !m.readAt.IsZero() {
		m.current(asked)
	}
}

// apply takes over what the watch tells, in etcd's order.
func (m *Mirror[V]) apply(events []*clientv3.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	reached := m.revision
	for _, e := range events {
		name, rev := m.name(e.Kv), e.Kv.ModRevision
		reached = max(reached, rev)
		switch {
		case rev <= m.revision || rev < m.items[name].rev:
			// known from a read, or overtaken by an own write
		case e.Type == clientv3.EventTypeDelete:
			delete(m.items, name)
		default:
			m.items[name] = m.item(name, e.Kv)
		}
	}
	m.revision, m.seen = reached, max(m.seen, reached)
	m.current(time.Now())
}

// replace takes over a full read that was asked for when seen was the highest
// revision known.
func (m *Mirror[V]) replace(resp *clientv3.GetResponse, asked time.Time, seen int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rev := resp.Header.Revision
	if rev < seen {
		m.Logger.Error("etcd went back in time, as if restored from a snapshot without --bump-revision; starting again from what it has",
			"prefix", m.Prefix, "had", seen, "has", rev)
		m.items, m.revision, m.seen = nil, 0, 0
	}
	m.due = asked.Add(freshness)
	m.current(asked)
	if rev < m.revision {
		return // the watch was faster
	}
	items := make(map[string]item[V], len(resp.Kvs))
	for _, kv := range resp.Kvs {
		name := m.name(kv)
		items[name] = m.item(name, kv)
	}
	for name, it := range m.items {
		if it.rev > rev { // an own write since
			items[name] = it
		}
	}
	m.items, m.revision, m.seen = items, rev, max(m.seen, rev)
}

// item decodes what etcd holds under a name, if the mirror does not have it yet.
func (m *Mirror[V]) item(name string, kv *mvccpb.KeyValue) item[V] {
	old := m.items[name]
	if old.rev == kv.ModRevision {
		return old
	}
	value, err := m.Decode(name, kv.Value)
	if err == nil {
		return item[V]{rev: kv.ModRevision, value: value}
	}
	m.Logger.Error("etcd holds a value that cannot be used; the last good one stays",
		"key", string(kv.Key), "known", old.there(), "error", err)
	if old.there() {
		return item[V]{rev: kv.ModRevision, value: old.value}
	}
	return item[V]{rev: kv.ModRevision, err: err}
}

// current notes that the copy was etcd's own at the given time.
func (m *Mirror[V]) current(at time.Time) {
	if at.After(m.readAt) {
		m.readAt = at
	}
}

func (m *Mirror[V]) name(kv *mvccpb.KeyValue) string {
	return strings.TrimPrefix(string(kv.Key), m.Prefix)
}

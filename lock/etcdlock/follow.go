package etcdlock

import (
	"context"
	"slices"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// rewatch is how long a lease waits after its watch broke.
const rewatch = 100 * time.Millisecond

// follow follows the queue until the lease ends: it raises front and wanted, takes
// over what is overdue, and ends the lease when its key is gone.
func (l *lease) follow(ctx context.Context) {
	for ctx.Err() == nil {
		if broken := l.watch(ctx); broken {
			pause(ctx, rewatch)
		}
	}
}

// watch follows the queue for one TTL, or until the watch breaks. The watch is
// opened before the queue is read and has no start revision: etcd tells such a
// watch of each event at once, but lets one that starts in the past catch up on a
// 100 ms tick. The queue is read even if the watch does not open, and again after
// each TTL: a connection may be dead and not show it.
func (l *lease) watch(ctx context.Context) (broken bool) {
	watching, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), l.ttl)
	defer cancel()
	events := l.locker.client.Watch(watching, l.keys.name, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	<-events // created, or closed
	q, revision, err := l.read(ctx)
	if err != nil {
		return true
	}
	for {
		overdue, err := l.advance(watching, q.ahead)
		if err != nil {
			return watching.Err() == nil
		}
		select {
		case <-overdue:
			continue
		case r, open := <-events:
			if !open || r.Err() != nil {
				return watching.Err() == nil
			}
			for _, e := range r.Events {
				if e.Kv.ModRevision > revision {
					l.note(e, &q)
				}
			}
		}
	}
}

// line is the queue without the request itself.
type line struct{ ahead, behind []rival }

func (q line) next() *rival {
	if len(q.behind) == 0 {
		return nil
	}
	next := q.behind[0] // a copy: the slice is moved later
	return &next
}

// read returns the queue, and the revision at which it was so.
func (l *lease) read(ctx context.Context) (q line, revision int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.locker.timeout)
	defer cancel()
	r, err := l.locker.client.Get(ctx, l.keys.name, clientv3.WithPrefix(),
		clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend))
	if err != nil {
		return q, 0, err
	}
	reached := false
	for _, kv := range r.Kvs {
		switch {
		case string(kv.Key) == l.keys.fence:
			l.named(kv)
		case string(kv.Key) == l.keys.own:
			reached = true
		case !reached:
			q.ahead = append(q.ahead, rivalOf(kv))
		default:
			l.queued(kv, &q)
		}
	}
	if !reached {
		l.end()
	}
	l.next.Store(q.next())
	return q, r.Header.Revision, nil
}

// note applies an event to the queue.
func (l *lease) note(e *clientv3.Event, q *line) {
	gone := func(r rival) bool { return r.key == string(e.Kv.Key) }
	switch key := string(e.Kv.Key); {
	case key == l.keys.fence:
		l.named(e.Kv)
	case e.Type == clientv3.EventTypeDelete && key == l.keys.own:
		l.end()
	case e.Type == clientv3.EventTypeDelete:
		q.ahead, q.behind = slices.DeleteFunc(q.ahead, gone), slices.DeleteFunc(q.behind, gone)
		l.next.Store(q.next())
	case e.IsCreate() && key != l.keys.own:
		l.queued(e.Kv, q)
	}
}

// named takes the fence that the holder before left for a request that waits.
func (l *lease) named(fence *mvccpb.KeyValue) {
	if !l.front.raised() && l.fence == 0 && string(fence.Value) == hex(l.id) {
		l.fence = fence.ModRevision
	}
}

// queued notes a request behind this one.
func (l *lease) queued(kv *mvccpb.KeyValue, q *line) {
	q.behind = append(q.behind, rivalOf(kv))
	l.next.Store(q.next()) // before a polite holder asks for it
	if l.excludedBy(string(kv.Key)) {
		l.wanted.raise()
	}
}

// signal is a channel that one goroutine closes, once.
type signal chan struct{}

func (s signal) raise() {
	if !s.raised() {
		close(s)
	}
}

func (s signal) raised() bool {
	select {
	case <-s:
		return true
	default:
		return false
	}
}

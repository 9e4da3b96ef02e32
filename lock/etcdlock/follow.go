package etcdlock

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// rewatch is how long a lease waits after its watch broke.
const rewatch = 100 * time.Millisecond

// follow follows the queue until the lease ends: it raises front and wanted, and
// ends the lease when its key is gone.
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
	events := l.locker.client.Watch(watching, l.keys.queue, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	<-events // created, or closed
	ahead, revision, err := l.read(ctx)
	if err != nil {
		return true
	}
	for {
		if len(ahead) == 0 {
			l.front.raise()
		}
		r, open := <-events
		if !open || r.Err() != nil {
			return watching.Err() == nil
		}
		for _, e := range r.Events {
			if e.Kv.ModRevision > revision {
				l.note(e, ahead)
			}
		}
	}
}

// read returns the keys ahead that keep the request out, and the revision at which
// that was so.
func (l *lease) read(ctx context.Context) (ahead map[string]bool, revision int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.locker.timeout)
	defer cancel()
	r, err := l.locker.client.Get(ctx, l.keys.queue, clientv3.WithPrefix(), clientv3.WithKeysOnly(),
		clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend))
	if err != nil {
		return nil, 0, err
	}
	ahead, reached := map[string]bool{}, false
	for _, kv := range r.Kvs {
		switch key := string(kv.Key); {
		case key == l.keys.own:
			reached = true
		case !l.excludedBy(key):
		case reached:
			l.wanted.raise()
		default:
			ahead[key] = true
		}
	}
	if !reached {
		l.end()
	}
	return ahead, r.Header.Revision, nil
}

func (l *lease) note(e *clientv3.Event, ahead map[string]bool) {
	key := string(e.Kv.Key)
	switch {
	case e.Type == clientv3.EventTypeDelete && key == l.keys.own:
		l.end()
	case e.Type == clientv3.EventTypeDelete:
		delete(ahead, key)
	case e.IsCreate() && l.excludedBy(key):
		l.wanted.raise()
	}
}

// signal is a channel that one goroutine closes, once.
type signal chan struct{}

func (s signal) raise() {
	select {
	case <-s:
	default:
		close(s)
	}
}

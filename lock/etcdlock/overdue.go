package etcdlock

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"github.com/seckill-go/seckill/lock"
)

// rival is another request of the same name.
type rival struct {
	key      string
	revision int64         // that created the key
	yield    time.Duration // 0 or less: no promise
}

func rivalOf(kv *mvccpb.KeyValue) rival {
	yield, _ := readValue(kv.Value)
	return rival{string(kv.Key), kv.CreateRevision, yield}
}

// value is what a request's key says of its promise and its node.
func value(o lock.Options) string {
	promise := ""
	if o.Yield > 0 {
		promise = o.Yield.String()
	}
	if o.Node == "" {
		return promise
	}
	return promise + " " + o.Node
}

// readValue reads it again. What cannot be read is no promise.
func readValue(text []byte) (yield time.Duration, node string) {
	promise, node, _ := strings.Cut(string(text), " ")
	yield, _ = time.ParseDuration(promise)
	return yield, node
}

// advance raises front if nothing ahead keeps the request out. Otherwise it takes
// over the holders that are overdue and returns when to look again, or nil if none
// of them promised anything.
func (l *lease) advance(ctx context.Context, ahead []rival) (<-chan time.Time, error) {
	switch kept := slices.ContainsFunc(ahead, func(r rival) bool { return l.excludedBy(r.key) }); {
	case l.front.raised():
		return nil, nil
	case !kept:
		l.front.raise()
		l.locker.told.since(l.keys.queue, nil)
		return nil, nil
	}
	var next time.Duration
	holders := l.holders(ahead)
	for i, told := range l.locker.told.since(l.keys.queue, holders) {
		h := holders[i]
		left := time.Until(told.Add(h.yield))
		switch {
		case h.yield <= 0:
			continue
		case left <= 0:
			if err := l.takeOver(ctx, h); err != nil {
				return nil, err
			}
			left = h.yield // for the watch to tell that it is gone
		}
		if next == 0 || left < next {
			next = left
		}
	}
	if next == 0 {
		return nil, nil
	}
	return time.After(next), nil
}

// holders are the requests that are granted: the first, and if that is shared the
// shared ones behind it.
func (l *lease) holders(ahead []rival) []rival {
	exclusive := func(r rival) bool { return strings.HasPrefix(r.key, l.keys.exclusive) }
	n := slices.IndexFunc(ahead, exclusive)
	switch {
	case n < 0:
		n = len(ahead)
	case n == 0:
		n = 1
	}
	return ahead[:n]
}

// told remembers since when the holders that keep this node out know it. That
// outlives the request that told them: a holder stays told, and the next request
// need not be patient all over again.
type told struct {
	mu     sync.Mutex
	queues map[string]map[string]time.Time // by key
}

// since returns for each holder since when it is told, and forgets every other of
// the queue.
func (t *told) since(queue string, holders []rival) []time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(holders) == 0 {
		delete(t.queues, queue)
		return nil
	}
	known, now := make(map[string]time.Time, len(holders)), time.Now()
	times := make([]time.Time, len(holders))
	for i, h := range holders {
		times[i] = now
		if before, ok := t.queues[queue][h.key]; ok {
			times[i] = before
		}
		known[h.key] = times[i]
	}
	if t.queues == nil {
		t.queues = make(map[string]map[string]time.Time)
	}
	t.queues[queue] = known
	return times
}

package lock

import (
	"context"
	"slices"
	"sync"
	"time"
)

// queue is everybody who holds or waits for one name, in the order of arrival.
type queue struct {
	mu       *sync.Mutex // the memory's, which guards all of it
	requests []*request
	fence    int64 // of the last exclusive grant or take-over
}

// excludes reports whether a request of that mode and one of the others keep each
// other out.
func excludes(mode Mode, others []*request) bool {
	return slices.ContainsFunc(others, func(r *request) bool {
		return mode == Exclusive || r.mode == Exclusive
	})
}

// settle grants what nothing in front excludes, and tells each request whether
// somebody behind it is kept out.
func (q *queue) settle() {
	exclusive := false // one is in front
	for i, r := range q.requests {
		if exclusive || i > 0 && r.mode == Exclusive {
			break
		}
		exclusive = r.mode == Exclusive
		q.grant(r)
	}
	exclusive = false // one is behind
	for i, r := range slices.Backward(q.requests) {
		if exclusive || r.mode == Exclusive && i < len(q.requests)-1 {
			closeOnce(r.wanted)
			r.promise()
		}
		exclusive = exclusive || r.mode == Exclusive
	}
}

func (q *queue) grant(r *request) {
	if r.fence > 0 {
		return
	}
	if r.mode == Exclusive {
		q.fence++
	}
	r.fence = q.fence
	close(r.granted)
}

// takeOver ends the lease if it is still wanted.
func (q *queue) takeOver(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.requests, r)
	switch {
	case i < 0:
	case excludes(r.mode, q.requests[i+1:]):
		q.fence++
		q.remove(r)
	default:
		r.due = nil // whoever wanted it has left; the next one finds it overdue
	}
}

// remove takes the request out of the queue, if it is still there.
func (q *queue) remove(r *request) {
	closeOnce(r.lost)
	if i := slices.Index(q.requests, r); i >= 0 {
		q.requests = slices.Delete(q.requests, i, i+1)
		q.settle()
	}
}

// request waits for its grant, and is the lease from then on. The queue's mutex
// guards it.
type request struct {
	queue   *queue
	mode    Mode
	yield   time.Duration
	node    string
	told    time.Time   // when it was both granted and wanted
	due     *time.Timer // takes it over
	fence   int64       // 0 until granted
	granted chan struct{}
	lost    chan struct{}
	wanted  chan struct{}
}

func (r *request) Fence() int64            { return r.fence }
func (r *request) Lost() <-chan struct{}   { return r.lost }
func (r *request) Wanted() <-chan struct{} { return r.wanted }

func (r *request) Release(context.Context) error {
	r.leave()
	return nil
}

func (r *request) leave() {
	r.queue.mu.Lock()
	defer r.queue.mu.Unlock()
	if r.due != nil {
		r.due.Stop()
	}
	r.queue.remove(r)
}

// promise starts the time that the holder of a wanted lease has to let go.
func (r *request) promise() {
	if r.yield <= 0 || r.fence == 0 || r.due != nil {
		return
	}
	if r.told.IsZero() {
		r.told = time.Now()
	}
	r.due = time.AfterFunc(time.Until(r.told.Add(r.yield)), func() { r.queue.takeOver(r) })
}

// closeOnce closes c unless it is closed already. The caller holds the mutex.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

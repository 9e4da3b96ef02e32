package lock

import (
	"context"
	"slices"
)

// queue is everybody who holds or waits for one name, in the order of arrival.
type queue struct {
	requests []*request
	fence    int64 // of the last exclusive grant
}

// blocks reports whether a newcomer would have to wait.
func (q *queue) blocks(mode Mode) bool {
	return slices.ContainsFunc(q.requests, func(r *request) bool {
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

// request waits for its grant, and is the lease from then on. The memory's mutex
// guards it.
type request struct {
	memory  *Memory
	queue   *queue
	mode    Mode
	fence   int64 // 0 until granted
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
	r.memory.mu.Lock()
	defer r.memory.mu.Unlock()
	closeOnce(r.lost)
	if i := slices.Index(r.queue.requests, r); i >= 0 {
		r.queue.requests = slices.Delete(r.queue.requests, i, i+1)
		r.queue.settle()
	}
}

// closeOnce closes c unless it is closed already. The caller holds the mutex.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

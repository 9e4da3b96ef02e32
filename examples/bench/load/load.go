// Package load sends requests from a fixed number of buyers, each of whom sends
// the next one as soon as the last is answered.
package load

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Call sends one request and waits for its answer. It returns the id of the order
// that was made, or "" for none. An error is an answer that nobody expected.
type Call func(ctx context.Context) (orderID string, err error)

// Plan is how a load is applied.
type Plan struct {
	// Buyers are how many call at the same time.
	Buyers int
	// Warm is how long they do before anything is measured, Measured how long then.
	Warm, Measured time.Duration
	// Begun and Ended, if not nil, are called when the measured time begins and
	// ends; the load goes on meanwhile.
	Begun, Ended func()
}

// Result is what a load saw.
type Result struct {
	// Answers are how many calls ended in the measured time, which was Elapsed.
	Answers int
	Elapsed time.Duration
	// Orders are the ids of all orders, those of the warm-up included.
	Orders []string
	// Errors are how many answers nobody expected, and Err is one of them.
	Errors int
	Err    error

	latencies []time.Duration // of Answers, sorted
}

const (
	warming = iota
	measuring
	ended
)

// Run applies a load. It calls buyer once for each, to get what the buyer calls
// again and again, and returns when all calls have ended. A buyer whose call
// failed stops.
func Run(ctx context.Context, p Plan, buyer func(i int) Call) Result {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var phase atomic.Int32
	var group sync.WaitGroup
	seen, calls := make([]Result, p.Buyers), make([]Call, p.Buyers)
	for i := range calls {
		calls[i] = buyer(i)
	}
	for i := range calls {
		group.Go(func() { seen[i].fill(ctx, &phase, calls[i]) })
	}
	go func() {
		group.Wait()
		stop() // when nobody calls any more there is nothing to wait for
	}()
	sleep(ctx, p.Warm)
	phase.Store(measuring)
	p.notify(p.Begun)
	start := time.Now()
	sleep(ctx, p.Measured)
	phase.Store(ended)
	elapsed := time.Since(start)
	p.notify(p.Ended)
	group.Wait()
	return join(seen, elapsed)
}

func (p Plan) notify(f func()) {
	if f != nil {
		f()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (r *Result) fill(ctx context.Context, phase *atomic.Int32, call Call) {
	for phase.Load() != ended && ctx.Err() == nil {
		start := time.Now()
		id, err := call(ctx)
		if err != nil {
			r.Errors, r.Err = 1, err
			return
		}
		if id != "" {
			r.Orders = append(r.Orders, id)
		}
		if phase.Load() == measuring {
			r.latencies = append(r.latencies, time.Since(start))
		}
	}
}

func join(seen []Result, elapsed time.Duration) Result {
	all := Result{Elapsed: elapsed}
	for _, r := range seen {
		all.Orders = append(all.Orders, r.Orders...)
		all.latencies = append(all.latencies, r.latencies...)
		all.Errors += r.Errors
		if all.Err == nil {
			all.Err = r.Err
		}
	}
	slices.Sort(all.latencies)
	all.Answers = len(all.latencies)
	return all
}

// PerSecond is how many calls ended a second.
func (r Result) PerSecond() float64 { return float64(r.Answers) / r.Elapsed.Seconds() }

// Percentile is the latency that p percent of the calls did not exceed, or 0 if
// there was none.
func (r Result) Percentile(p float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[min(int(float64(len(r.latencies))*p/100), len(r.latencies)-1)]
}

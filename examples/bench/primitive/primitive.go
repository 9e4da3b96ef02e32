// Package primitive measures what the backends can do at most: the steps that a
// sale is made of, each alone, on the engine's own clients. The benchmark sets its
// figures beside them.
//
// Each measures for about the time it is given, counts what was done within it and
// answered, and clears up what it made in Redis, etcd and the database. An error
// of a backend ends the measurement.
package primitive

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/standard"
)

// All are the primitives, in the order of the report.
var All = []struct {
	Name string
	Run  func(ctx context.Context, c standard.Clients, d time.Duration) (perSecond float64, err error)
}{
	{"evalsha", Evalsha},
	{"batch_script", BatchScript},
	{"insert256", Insert256},
	{"hot_update", HotUpdate},
	{"commit", Commit},
	{"etcd_mutex16", EtcdMutex16},
}

// measure has so many workers call work again and again for d, and returns how
// many things a second they did. A call that began in time is waited for and
// counts, and so does its time.
func measure(ctx context.Context, d time.Duration, workers, things int, work func(ctx context.Context, worker, call int) error) (float64, error) {
	var calls atomic.Int64
	var wg sync.WaitGroup
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	start := time.Now()
	for worker := range workers {
		wg.Go(func() {
			for call := 0; time.Since(start) < d && ctx.Err() == nil; call++ {
				if err := work(ctx, worker, call); err != nil {
					fail(err)
					return
				}
				calls.Add(1)
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return float64(calls.Load()*int64(things)) / elapsed.Seconds(), nil
}

// clearUp runs what removes the traces of a measurement, even if that was cut off,
// and puts its error with the measurement's.
func clearUp(ctx context.Context, err *error, remove func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if failed := remove(ctx); failed != nil && *err == nil {
		*err = fmt.Errorf("primitive: clear up: %w", failed)
	}
}

// unique is a name that no other measurement has, for goods, keys and tables.
func unique() string { return "bench_" + strings.ToLower(rand.Text()[:12]) }

func prefix(c standard.Clients) string { return cmp.Or(c.Prefix, "seckill") }

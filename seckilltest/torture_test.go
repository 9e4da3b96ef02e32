package seckilltest_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/seckilltest"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
)

var (
	seed     = flag.Uint64("torture.seed", 0, "seed of the tortures; 0 chooses one")
	duration = flag.Duration("torture.for", 0, "how long the faults last; 0 means the kit's default")
)

func options() seckilltest.Options { return seckilltest.Options{Seed: *seed, For: *duration} }

// inMemory are adapters in memory that all nodes share.
func inMemory() (seckill.Options, seckilltest.Adapters) {
	listener := new(seckilltest.Listener)
	bus := &order.Bus{Orders: listener}
	o := seckill.Options{
		Locker: new(lock.Memory), Stock: new(stock.Memory), Settings: new(settings.Memory), Catalog: new(goods.Memory),
		Orders: new(order.Memory), Sink: bus, Source: bus,
	}
	return o, seckilltest.Adapters{
		Node:  func() (seckill.Options, error) { return o, nil },
		Heard: listener.Heard,
	}
}

func TestAdaptersInMemoryWithstandTorture(t *testing.T) {
	t.Parallel()
	_, adapters := inMemory()
	seckilltest.Torture(t, adapters, options())
}

// failing is a test that notes how it failed.
type failing struct {
	testing.TB
	said  strings.Builder
	fatal chan struct{}
}

func (f *failing) Errorf(format string, args ...any) { fmt.Fprintf(&f.said, format+"\n", args...) }

func (f *failing) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	close(f.fatal)
	runtime.Goexit()
}

func TestAFailedTortureLeavesWhatAPersonNeeds(t *testing.T) {
	t.Parallel()
	o, adapters := inMemory()
	o.Orders = unfencedLedger{o.Orders}
	adapters.Node = func() (seckill.Options, error) { return o, nil }
	f, dir := &failing{TB: t}, t.TempDir()
	seckilltest.Torture(f, adapters, seckilltest.Options{Seed: 7, Buyers: 3, Units: 10, For: 300 * time.Millisecond, Artifacts: dir})
	require.Regexp(t, `seed 7: violated: \[.*I9`, f.said.String())
	left, err := filepath.Glob(filepath.Join(dir, "torture-7-*", "*"))
	require.NoError(t, err)
	names := make([]string, len(left))
	for i, p := range left {
		names[i] = filepath.Base(p)
	}
	require.Subset(t, names, []string{"dump.json", "history.jsonl", "report.txt"})
}

func TestAdaptersThatAreNotSharedAreRefused(t *testing.T) {
	_, adapters := inMemory()
	adapters.Node = func() (seckill.Options, error) { return seckill.Options{}, nil }
	f := &failing{TB: t, fatal: make(chan struct{})}
	go seckilltest.Torture(f, adapters, seckilltest.Options{})
	<-f.fatal
	require.Contains(t, f.said.String(), "must be set")
}

package seckilltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
)

// Adapters are what is tortured.
type Adapters struct {
	// Node returns the parts of one more node. All nodes share one store of each
	// kind, as processes do that are given the same addresses; whether they share the
	// Go value is up to the adapter. It is called again for each node that takes the
	// place of a dead one. Locker, Stock, Settings, Catalog, Orders, Sink and Source
	// must be set; the kit sets the clock, the keys and the times.
	Node func() (seckill.Options, error)
	// Heard returns what a consumer of the order events was delivered until now,
	// usually [Listener.Heard]. Nil means that nobody listens; then it is not judged
	// whether events get lost.
	Heard func() []order.Event
}

// Options are the size of a torture. The zero value is a short one: a few seconds.
type Options struct {
	// Seed chooses buyers, faults and their times. Zero means a random one, which
	// is printed. The same seed plays the same plan, not the same schedule of
	// goroutines. With one of four the nodes sell one at a time, by lock mode
	// exclusive.
	Seed uint64
	// Nodes is how many engines sell, at least 2. Zero means 3.
	Nodes int
	// Buyers is how many buy at the same time. Zero means 12.
	Buyers int
	// Units is how many units are on sale, at least 10. Zero means 40.
	Units int
	// For is how long the faults last. Zero means 2 s; minutes are worth their time
	// before a release.
	For time.Duration
	// Recovery is how long the nodes may take to come to rest after the faults. Zero
	// means 30 s.
	Recovery time.Duration
	// Artifacts is the folder for history, dump, report and drawing of a torture that
	// failed, in a folder of its own. Zero means the system's folder for temporary
	// files.
	Artifacts string
}

func (o Options) withDefaults() Options {
	set := func(n *int, fallback int) {
		if *n == 0 {
			*n = fallback
		}
	}
	set(&o.Nodes, 3)
	set(&o.Buyers, 12)
	set(&o.Units, 40)
	if o.Seed == 0 {
		o.Seed = rand.Uint64N(1_000_000) + 1
	}
	if o.For == 0 {
		o.For = 2 * time.Second
	}
	if o.Recovery == 0 {
		o.Recovery = 30 * time.Second
	}
	if o.Artifacts == "" {
		o.Artifacts = os.TempDir()
	}
	return o
}

// Torture sells on the adapters while faults happen, lets the nodes recover, sells
// what is left, and fails the test if an invariant does not hold.
//
// The faults: nodes that die at any call, before or after its effect, and are
// replaced; nodes that stand still; calls to Stock, Orders, Sink and Locker that
// do not arrive, or whose reply is lost; events that come twice; the clock of a
// node that is an hour wrong; a gate that forgets all it knew, or believes that
// nothing was sold; buyers who click twice, leave, come back, or forge their
// ticket; totals and loads in the middle of it.
//
// Some invariants need more than adapters can show and are left out: I15 but for
// its refusals, and goroutines. The report is logged.
func Torture(t testing.TB, a Adapters, o Options) {
	t.Helper()
	o = o.withDefaults()
	t.Logf("torture: seed %d", o.Seed)
	out, err := torture(t.Context(), a, o)
	if err != nil {
		t.Fatalf("torture: seed %d: %v", o.Seed, err)
	}
	t.Logf("torture: %s\n%s", out.tally(), out.report)
	if out.report.Err() == nil {
		return
	}
	dir := filepath.Join(o.Artifacts, fmt.Sprintf("torture-%d-%d", o.Seed, time.Now().UnixNano()))
	if err := out.report.Write(dir, out.history, out.dump); err != nil {
		t.Error(err)
	}
	t.Errorf("torture: seed %d: violated: %v; history, dump and drawing are in %s", o.Seed, out.report.Violated(), dir)
}

// outcome is what a torture left.
type outcome struct {
	history []check.Op
	dump    check.Dump
	report  check.Report
}

// tally is the outcome in a line: how much happened.
func (o outcome) tally() string {
	var answers, marks int
	orders := map[order.State]int{}
	for _, op := range o.history {
		if op.Kind == check.Mark {
			marks++
		} else if !op.Pending() {
			answers++
		}
	}
	for _, one := range o.dump.Orders {
		orders[one.State]++
	}
	return fmt.Sprintf("%d operations, %d of them answered, %d events in the storm, at rest after %v, orders %v",
		len(o.history)-marks, answers, marks, o.dump.Recovery.Took.Round(time.Millisecond), orders)
}

// forgetful is longer than an engine answers from what it knew.
const forgetful = 1100 * time.Millisecond

// torture is the whole course.
func torture(ctx context.Context, a Adapters, o Options) (outcome, error) {
	r, err := newRun(a, o)
	if err != nil {
		return outcome{}, err
	}
	if err = r.open(ctx); err == nil {
		defer r.watch(ctx)()
		r.storm(ctx)
		r.calm()
		r.repeat(ctx)
		r.recover(ctx)
		time.Sleep(forgetful) // what nodes remember of before is forgotten
		r.stale(ctx)
		if err = r.relieve(ctx); err == nil {
			r.sellOut(ctx)
			r.repeat(ctx)
			r.recover(ctx)
		}
	}
	r.stop()
	if err != nil {
		return outcome{}, err
	}
	return r.judge(ctx)
}

func (r *run) judge(ctx context.Context) (outcome, error) {
	dump, err := check.ReadDump(ctx, check.Backends{Orders: r.look.Orders, Stock: r.look.Stock}, r.goods, r.closed)
	if err != nil {
		return outcome{}, err
	}
	dump.Recovery, dump.Fenced = &r.recovery, new(uint64)
	for _, n := range r.nodes {
		*dump.Fenced += n.Tally().Fenced
	}
	if r.a.Heard != nil {
		dump.Events = append([]order.Event{}, r.a.Heard()...)
	}
	out := outcome{history: r.history.Ops(), dump: dump}
	out.report = check.Check(out.history, dump, check.Rules{
		Recovered: true, Complete: true, SoldOut: r.soldOut, Rest: r.rest, Skew: r.skews,
		LateReplay: 250 * time.Millisecond, Leeway: time.Second, Staleness: 2 * time.Second, SearchFor: 10 * time.Second,
	})
	return out, nil
}

var errMissing = errors.New("seckilltest: Locker, Stock, Settings, Catalog, Orders, Sink and Source must be set, and shared by all nodes")

func complete(o seckill.Options) error {
	if o.Locker == nil || o.Stock == nil || o.Settings == nil || o.Catalog == nil || o.Orders == nil || o.Sink == nil || o.Source == nil {
		return errMissing
	}
	return nil
}

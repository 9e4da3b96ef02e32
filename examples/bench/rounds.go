package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seckill-go/seckill/examples/bench/primitive"
)

// key names a figure.
type key struct {
	path      string
	inprocess bool
	buyers    int
}

func (p path) with(buyers int) key { return key{p.name, p.inprocess, buyers} }

// round is one measurement of each path with the same number of buyers, one after
// the other.
type round map[key]run

// bench measures.
type bench struct {
	command command
	market  *market
	show    progress

	primitives map[string]float64
	rounds     map[int][]round    // by buyers
	voided     int                // rounds that do not count
	once       []run              // figures that are no part of a round
	more       map[string]float64 // ratios that are no part of a round
	losses     losses
}

// measureAll measures everything. Rounds of different numbers of buyers are
// interleaved, so that what slows the machine for a minute slows all of them.
func (b *bench) measureAll(ctx context.Context) error {
	if err := b.measurePrimitives(ctx); err != nil {
		return err
	}
	for range b.command.rounds {
		for _, buyers := range b.command.buyers {
			if err := b.measureRound(ctx, buyers); err != nil {
				return err
			}
		}
	}
	if b.command.only != "" {
		return nil
	}
	if err := b.measureSpread(ctx); err != nil {
		return err
	}
	if err := b.measureNodes(ctx); err != nil {
		return err
	}
	if err := b.measureWaiting(ctx); err != nil {
		return err
	}
	if b.command.orders == 0 {
		return nil
	}
	return b.measureGrowth(ctx)
}

// measureSpread measures many goods at the same time, once: for half a minute each
// of them keeps a lease, which would be in other figures of a round.
func (b *bench) measureSpread(ctx context.Context) error {
	buyers := b.command.refused()
	b.show.step(fmt.Sprintf("%s, %d buyers", hundred, buyers))
	r, l, err := b.market.measure(ctx, hundred, buyers, b.command.measure)
	b.losses.add(l)
	b.once = append(b.once, r)
	return err
}

func (b *bench) measurePrimitives(ctx context.Context) error {
	b.primitives = make(map[string]float64)
	if b.command.only != "" {
		return nil
	}
	for _, p := range primitive.All {
		b.show.step("primitive " + p.Name)
		rate, err := p.Run(ctx, b.market.clients, b.command.measure)
		if err != nil {
			return fmt.Errorf("primitive %s: %w", p.Name, err)
		}
		b.primitives[p.Name] = rate
	}
	b.show.step("hello without a body")
	r, _, err := b.market.measure(ctx, helloGet, b.command.refused(), b.command.measure)
	b.primitives[helloGet.name] = r.PerSecond
	return err
}

// tries is how often a round is measured until it counts.
const tries = 3

// measureRound measures one round. One during which the machine became faster or
// slower is measured again; if that never ends, there is none.
func (b *bench) measureRound(ctx context.Context, buyers int) error {
	for range tries {
		r := make(round)
		for _, p := range b.command.paths(buyers) {
			b.show.step(fmt.Sprintf("%s, %d buyers", p, buyers))
			one, l, err := b.market.measure(ctx, p, buyers, b.command.measure)
			if err != nil {
				return err
			}
			b.losses.add(l)
			r[p.with(buyers)] = one
		}
		b.show.step(fmt.Sprintf("hello again, %d buyers", buyers))
		again, _, err := b.market.measure(ctx, hello, buyers, b.command.measure)
		if err != nil {
			return err
		}
		first := r[hello.with(buyers)]
		moved := math.Abs(again.PerSecond-first.PerSecond) / first.PerSecond
		first.PerSecond = (first.PerSecond + again.PerSecond) / 2
		r[hello.with(buyers)] = first
		if moved <= b.command.steady {
			b.rounds[buyers] = append(b.rounds[buyers], r)
			return nil
		}
		b.voided++
		b.show.note(fmt.Sprintf("a round with %d buyers is void: hello moved by %.0f %%", buyers, 100*moved))
	}
	return nil
}

// paths are what is measured with so many buyers; hello is the first.
func (c command) paths(buyers int) []path {
	if c.only != "" {
		return []path{hello, named[c.only]}
	}
	all := []path{hello, full, p2}
	if buyers == 64 || buyers == 256 {
		all = append(all, p0)
	}
	if buyers == c.refused() {
		all = append(all, reserve, soldOut, forged, limited, blacklisted)
	}
	if buyers == c.most() {
		all = append(all, fullInprocess)
	}
	return all
}

// refused is with how many buyers refusals are measured: 256, or as many as there
// are.
func (c command) refused() int {
	if slices.Contains(c.buyers, 256) {
		return 256
	}
	return c.most()
}

func (c command) most() int { return slices.Max(c.buyers) }

// figures are the medians of all rounds.
func (b *bench) figures() []run {
	all := []run{} // which JSON writes as a list even when no round counts
	for _, buyers := range b.command.buyers {
		for _, p := range b.command.paths(buyers) {
			if r, ok := b.median(p.with(buyers)); ok && p.name != hello.name {
				all = append(all, r)
			}
		}
	}
	return append(all, b.once...)
}

// median is the round in the middle, by rate.
func (b *bench) median(k key) (run, bool) {
	var all []run
	for _, r := range b.rounds[k.buyers] {
		if one, ok := r[k]; ok {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return run{}, false
	}
	slices.SortFunc(all, func(x, y run) int { return int(x.PerSecond - y.PerSecond) })
	return all[len(all)/2], true
}

// idle waits until the machine has nothing else to do for a while, or patience is
// over, and returns what part of it was idle at last.
func idle(ctx context.Context, while, patience time.Duration) float64 {
	for end := time.Now().Add(patience); ; {
		before, start := worked(), time.Now()
		select {
		case <-ctx.Done():
			return 0
		case <-time.After(while):
		}
		free := max(0, 1-(worked()-before)/time.Since(start).Seconds()/cores())
		if free > 0.9 || time.Now().After(end) {
			return free
		}
	}
}

// steps is how many steps all of it has, if no round is void.
func (c command) steps() int {
	n := 1
	for _, buyers := range c.buyers {
		n += c.rounds * (1 + len(c.paths(buyers)))
	}
	if c.only == "" {
		n += len(primitive.All) + 4*c.rounds + 3
	}
	if c.orders > 0 {
		n += 10
	}
	return n
}

// String names the path for people.
func (p path) String() string {
	if p.inprocess {
		return p.name + " in process"
	}
	return p.name
}

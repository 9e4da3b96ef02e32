// Command bench measures the engine beside what a shop would do without it, all
// in one run on one machine, and looks into the books after each figure.
//
//	go run ./examples/bench                     # servers inside the process, under three minutes
//	go run ./examples/bench -backends real      # the servers of deploy/conf.yaml
//
// docs/performance.md says what the figures mean.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if c.help {
		fmt.Print(c.usage)
		return
	}
	if err := measure(ctx, c, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure opens the market, measures, and reports unless a check failed.
func measure(ctx context.Context, c command, out io.Writer, tell *os.File) (err error) {
	m, err := openMarket(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	show := newProgress(tell, c.steps())
	defer show.end()
	machine := look(ctx, c, m.clients)
	show.step(fmt.Sprintf("waiting for an idle machine, %v at most", c.wait))
	machine.Idle = idle(ctx, time.Second, c.wait)
	stop, err := profile(c.profile)
	if err != nil {
		return fmt.Errorf("-cpuprofile: %w", err)
	}
	b := &bench{command: c, market: m, show: show, rounds: make(map[int][]round), more: make(map[string]float64)}
	if err := b.measureAll(ctx); ctx.Err() != nil {
		return context.Cause(ctx) // what failed for it says nothing
	} else if err != nil {
		return err
	}
	stop()
	show.end()
	if b.losses != (losses{}) {
		return fmt.Errorf("the books do not agree, so there are no figures: %+v", b.losses)
	}
	r := b.report(machine)
	if err := r.print(out); err != nil || c.json == "" {
		return err
	}
	if err := r.save(c.json); err != nil {
		return fmt.Errorf("-json: %w", err)
	}
	return nil
}

// profile writes a CPU profile until stop is called; "" is none.
func profile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, pprof.StartCPUProfile(f)
}

package main

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"

	"github.com/seckill-go/seckill/examples/bench/load"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/internal/counting"
)

// calls are requests to the backends for each answer.
type calls struct {
	SQL     float64 `json:"sql"`
	Commit  float64 `json:"commit"`
	Redis   float64 `json:"redis"`
	Produce float64 `json:"produce"`
	Etcd    float64 `json:"etcd"`
}

// run is what was measured of one path with a number of buyers.
type run struct {
	Path      string  `json:"path"`
	Transport string  `json:"transport"`
	Buyers    int     `json:"buyers"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	// CPU is what the whole machine worked for one answer, in microseconds: buyers,
	// engine and servers together.
	CPU   float64 `json:"cpu_us"`
	Calls calls   `json:"calls"`
}

// measure opens a path, loads it and looks into the books.
func (m *market) measure(ctx context.Context, p path, buyers int, d time.Duration) (run, losses, error) {
	r, l, err := m.measureStage(ctx, p, buyers, d)
	if err != nil {
		err = fmt.Errorf("%s with %d buyers: %w", p.name, buyers, err)
	}
	return r, l, err
}

func (m *market) measureStage(ctx context.Context, p path, buyers int, d time.Duration) (run, losses, error) {
	if err := m.logIn(ctx, buyers); err != nil {
		return run{}, losses{}, err
	}
	m.ahead = min(int(50_000*d.Seconds()), 200_000) / buyers
	s, err := p.open(ctx, m, buyers)
	if err != nil {
		return run{}, losses{}, err
	}
	r := run{Path: p.name, Transport: "http", Buyers: buyers}
	call := s.call
	if p.inprocess {
		r.Transport = "inprocess"
	} else {
		var closing func()
		if call, closing, err = serve(s, buyers); err != nil {
			return run{}, losses{}, err
		}
		defer closing()
	}
	// The one before left work behind: the database writes its pages, Go collects.
	runtime.GC()
	idle(ctx, 200*time.Millisecond, 3*time.Second)
	result := m.load(ctx, &r, load.Plan{Buyers: buyers, Warm: max(d/4, 200*time.Millisecond), Measured: d}, call)
	if result.Err != nil {
		return run{}, losses{}, fmt.Errorf("%d answers that nobody expected, one of them: %w", result.Errors, result.Err)
	}
	if s.books == nil {
		return r, losses{}, m.settled(ctx)
	}
	l, err := s.books(ctx, result.Orders)
	return r, l, err
}

// serve starts a server for the stage and returns what its buyers call.
func serve(s stage, buyers int) (call func(int) load.Call, closing func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := httpadapter.Server("", s.handler)
	go server.Serve(listener) //nolint // it ends with Close
	client := load.NewClient(listener.Addr().String(), buyers)
	return func(i int) load.Call { return client.Call(s.status, s.next(i)) }, func() {
		client.Close()
		server.Close()
	}, nil
}

// load applies a load and fills in what was measured.
func (m *market) load(ctx context.Context, r *run, p load.Plan, call func(int) load.Call) load.Result {
	var before, after counting.Counts
	var idle, busy float64
	p.Begun = func() { before, idle = m.calls.Snapshot(), worked() }
	p.Ended = func() { after, busy = m.calls.Snapshot(), worked() }
	result := load.Run(ctx, p, call)
	n := float64(max(result.Answers, 1))
	made := after.Minus(before)
	r.PerSecond = result.PerSecond()
	r.P50, r.P99 = micros(result.Percentile(50)), micros(result.Percentile(99))
	r.CPU = (busy - idle) * 1e6 / n
	r.Calls = calls{
		SQL: float64(made.SQL) / n, Commit: float64(made.Commits) / n, Redis: float64(made.Redis) / n,
		Produce: float64(made.Produce) / n, Etcd: float64(made.Etcd) / n,
	}
	return result
}

// stopping calls stop when a call fails, for loads without an end of their own.
func stopping(stop func(), buyer func(int) load.Call) func(int) load.Call {
	return func(i int) load.Call {
		call := buyer(i)
		return func(ctx context.Context) (string, error) {
			id, err := call(ctx)
			if err != nil {
				stop()
			}
			return id, err
		}
	}
}

func micros(d time.Duration) float64 { return float64(d) / 1e3 }

// worked is how many seconds the machine's processors have worked, or 0 where that
// is not known.
func worked() float64 {
	t, err := cpu.Times(false)
	if err != nil || len(t) == 0 {
		return 0
	}
	return t[0].User + t[0].System + t[0].Nice + t[0].Irq + t[0].Softirq + t[0].Steal
}

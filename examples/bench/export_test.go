package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// Measured runs the program in this process, without its exit.
func Measured(ctx context.Context, tell *os.File, args ...string) (figures string, err error) {
	c, err := parse(args)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = measure(ctx, c, &out, tell)
	return out.String(), err
}

// Run, Report and Losses are what comes out.
type (
	Run    = run
	Report = report
	Losses = losses
)

// Asked are the parts of a command that have no effect on their own.
type Asked struct {
	Help, Real, GoKafka            bool
	Usage, Config, JSON, Only, CPU string
	Buyers                         []int
	Wait, Measured                 time.Duration
	Rounds, Orders, Steps          int
	Steady                         float64
}

// Ask parses a command line.
func Ask(line string) (Asked, error) {
	c, err := parse(strings.Fields(line))
	return Asked{
		Help: c.help, Usage: c.usage, Real: c.real, GoKafka: c.goKafka, Config: c.config, JSON: c.json, Only: c.only, CPU: c.profile,
		Buyers: c.buyers, Wait: c.wait, Measured: c.measure, Rounds: c.rounds, Orders: c.orders, Steady: c.steady,
		Steps: c.steps(),
	}, err
}

// Reported is the report of some rounds, each of the runs in it, which say
// themselves how many buyers they had.
func Reported(line string, primitives, more map[string]float64, rounds ...[]Run) (Report, error) {
	c, err := parse(strings.Fields(line))
	if more == nil {
		more = make(map[string]float64)
	}
	b := &bench{command: c, primitives: primitives, more: more, rounds: make(map[int][]round)}
	for _, runs := range rounds {
		r := make(round)
		for _, one := range runs {
			r[key{one.Path, one.Transport == "inprocess", one.Buyers}] = one
		}
		b.rounds[runs[0].Buyers] = append(b.rounds[runs[0].Buyers], r)
	}
	return b.report(machine{}), err
}

// Meets judges a ratio.
func Meets(must, goal float64, most bool, ratio float64) string {
	return target{must: must, goal: goal, most: most}.meets(ratio)
}

// Target is one of the targets.
type Target struct {
	ID         string
	Must, Goal float64
	Most       bool
}

// Targets are all targets.
func Targets() (all []Target) {
	for _, t := range targets {
		all = append(all, Target{t.id, t.must, t.goal, t.most})
	}
	return all
}

// Print returns the report for people.
func Print(r Report) (string, error) {
	var out strings.Builder
	err := r.print(&out)
	return out.String(), err
}

// Save writes the report as JSON.
func Save(r Report, file string) error { return r.save(file) }

// Sold is a run that has ended, before anybody looks into its books.
type Sold struct {
	*market
	GoodsID string
	Told    []string
}

// SQL changes the database.
func (s *Sold) SQL(ctx context.Context, query string, args ...any) error {
	return s.clients.DB.WithContext(ctx).Exec(query, args...).Error
}

// Gate adds to one of the gate's numbers.
func (s *Sold) Gate(ctx context.Context, field string, by int64) error {
	return s.clients.Redis.HIncrBy(ctx, cmp.Or(s.clients.Prefix, "seckill")+":{"+s.GoodsID+"}:sale", field, by).Err()
}

// Damage is what happens to a run of the engine's path: before it is loaded, and
// before its books are looked into.
type Damage struct {
	Before, After func(context.Context, *Sold) error
}

func (d Damage) path(name string) path {
	return path{name: name, open: func(ctx context.Context, m *market, buyers int) (stage, error) {
		s, err := openFull(ctx, m, buyers)
		sold := &Sold{market: m, GoodsID: fmt.Sprintf("bench-%d-%d", os.Getpid(), m.sales.Load())}
		if err == nil && d.Before != nil {
			err = d.Before(ctx, sold)
		}
		books := s.books
		s.books = func(ctx context.Context, told []string) (losses, error) {
			sold.Told = told
			if d.After != nil {
				if err := d.After(ctx, sold); err != nil {
					return losses{}, err
				}
			}
			return books(ctx, sold.Told)
		}
		return s, err
	}}
}

// Only makes a damaged path that -only can name.
func (d Damage) Only(name string) { named[name] = d.path(name) }

// Market is one that sells until the test ends.
type Market struct{ *market }

// Open opens a market on servers inside the process.
func Open(ctx context.Context) (Market, error) {
	m, err := openMarket(ctx, command{})
	return Market{m}, err
}

// Found is what the books say of a damaged run.
func (m Market) Found(ctx context.Context, name string, d Damage) (Losses, error) {
	_, l, err := m.measure(ctx, d.path(name), 1, 50*time.Millisecond)
	return l, err
}

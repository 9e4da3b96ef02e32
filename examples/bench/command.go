package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// command is what the command line asks for.
type command struct {
	help  bool
	usage string // to print for help

	real    bool
	goKafka bool // though the others are real
	config  string
	buyers  []int
	wait    time.Duration // for an idle machine
	measure time.Duration
	rounds  int
	steady  float64 // how far hello may move in a round, as a part of it
	only    string  // the path's name, or "" for all
	orders  int
	json    string
	profile string
}

func parse(args []string) (command, error) {
	c := command{buyers: []int{1, 16, 64, 256, 1000}}
	backends, kafka, seconds := "", "", 0.0
	var usage strings.Builder
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&backends, "backends", "embedded", "run on servers inside the process (embedded) or on those of -config (real)")
	f.StringVar(&kafka, "kafka", "", "with -backends real, run Kafka's part inside the process (embedded): it costs no Java machines of this one's processors")
	f.StringVar(&c.config, "config", "deploy/conf.yaml", "read the real backends' addresses from this YAML `file`")
	f.Func("buyers", "measure with these `numbers` of buyers at the same time (default 1,16,64,256,1000)", func(s string) (err error) {
		c.buyers, err = numbers(s)
		return err
	})
	f.DurationVar(&c.wait, "wait", 20*time.Second, "wait so `long` for an idle machine")
	f.Float64Var(&seconds, "seconds", 1, "measure each figure for so many `seconds`, 0.1 to 60")
	f.IntVar(&c.rounds, "rounds", 3, "measure each figure so many `times`, 1 to 20, and take the median")
	f.StringVar(&c.only, "only", "", "measure just this `path` and hello: full, p0, p2, reserve, sold_out, forged, limited, blacklisted or inprocess")
	f.Float64Var(&c.steady, "steady", 0.15, "measure a round again in which the machine's own speed moved by more than this `part`, 0.01 to 10")
	f.IntVar(&c.orders, "orders", 0, "also sell so many `units`, 10000 to 10000000, to see whether the last tenth takes longer than the first")
	f.StringVar(&c.json, "json", "", "also write the figures to this `file`, as JSON")
	f.StringVar(&c.profile, "cpuprofile", "", "write a CPU profile of this process to this `file`")
	f.Usage = func() {}
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(&usage, "Usage: bench [flags]")
		f.SetOutput(&usage)
		f.PrintDefaults()
		c.help, c.usage = true, usage.String()
		return c, nil
	case err != nil:
		return c, fmt.Errorf("%s; -h lists the flags", expecting(err))
	}
	c.real, c.measure = backends == "real", time.Duration(seconds*float64(time.Second))
	var faults []error
	check := func(ok bool, flag string, got any) {
		if !ok {
			faults = append(faults, fmt.Errorf("-%s: want %s, got %v", flag, wants[flag], got))
		}
	}
	check(c.real || backends == "embedded", "backends", backends)
	c.goKafka = kafka == "embedded"
	check(kafka == "" || c.goKafka && c.real, "kafka", kafka)
	check(0.1 <= seconds && seconds <= 60, "seconds", seconds)
	check(1 <= c.rounds && c.rounds <= 20, "rounds", c.rounds)
	check(0.01 <= c.steady && c.steady <= 10, "steady", c.steady)
	_, known := named[c.only]
	if !known && c.only != "" {
		faults = append(faults, fmt.Errorf("-only: want one of %s, got %s", strings.Join(slices.Sorted(maps.Keys(named)), ", "), c.only))
	}
	check(c.orders == 0 || 10_000 <= c.orders && c.orders <= 10_000_000 && c.only == "", "orders", c.orders)
	if f.NArg() > 0 {
		faults = append(faults, fmt.Errorf("want no arguments besides flags, got %q; -h lists the flags", f.Args()))
	}
	return c, errors.Join(faults...)
}

// wants are what flags expect.
var wants = map[string]string{
	"backends": "embedded or real", "kafka": "embedded, with -backends real", "wait": "a time like 20s", "seconds": "0.1 to 60", "rounds": "1 to 20",
	"steady": "0.01 to 10", "orders": "10000 to 10000000, without -only",
}

// expecting is a flag's error with what the flag expects, where package flag says
// no more than that it cannot read it.
func expecting(err error) string {
	for name, want := range wants {
		if text, _, ok := strings.Cut(err.Error(), " for flag -"+name+": "); ok {
			return fmt.Sprintf("%s for flag -%s: want %s", text, name, want)
		}
	}
	return err.Error()
}

// numbers reads "1,16,64" and sorts it.
func numbers(list string) (all []int, err error) {
	for word := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > 10_000 {
			return nil, fmt.Errorf("want numbers of 1 to 10000 with commas between, got %q", list)
		}
		all = append(all, n)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seckill-go/seckill/examples/simulate/crowd"
)

// command is what the command line asks for.
type command struct {
	help  bool
	usage string // to print for help

	url         string // "" for a shop of its own
	goods       string
	units       int
	plan        crowd.Plan
	connections int
	paidWithin  time.Duration
	sessions    string
	admin       string
	html, json  string

	set map[string]bool
}

// wants are what flags expect.
var wants = map[string]string{
	"url": "http://host:port or https://host", "goods": "an id of 1 to 64 of A-Z a-z 0-9 _ -", "units": "1 to 1000000, without -url",
	"users": "1 to 200000", "duration": "a time of 100ms to 1h", "curve": "spike, ramp or constant",
	"mix":  "percents that add up to 100, like pay=80,abandon=15,fail=5",
	"bots": "0 to 100", "double": "0 to 100", "retries": "0 to 20", "connections": "1 to 4096", "paid-within": "a time of 100ms to 10m",
	"seed": "a whole number from 0", "sessions": "the name of a file", "admin": "the name of a file", "html": "the name of a file", "json": "the name of a file",
}

func (c *command) flags() *flag.FlagSet {
	f := flag.NewFlagSet("simulate", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.StringVar(&c.url, "url", "", "send the crowd to the server at this `address` (default: to a shop inside this process)")
	f.StringVar(&c.goods, "goods", "1001", "buy the goods with this `id`")
	f.IntVar(&c.units, "units", 500, "put so many `units` on sale in the shop of its own")
	f.IntVar(&c.plan.Visitors, "users", 5000, "send so many `users`")
	f.DurationVar(&c.plan.Duration, "duration", 10*time.Second, "have them arrive within this `time`")
	f.StringVar((*string)(&c.plan.Curve), "curve", string(crowd.Spike), "have them arrive in this `way`: spike, ramp or constant")
	c.plan.Mix = crowd.Mix{Pay: 80, Abandon: 15, Fail: 5}
	f.Func("mix", "how many `percent` of the buyers pay, abandon the order, or fail to pay (default pay=80,abandon=15,fail=5)", func(s string) (err error) {
		c.plan.Mix, err = mix(s)
		return err
	})
	f.Float64Var(&c.plan.Bots, "bots", 5, "have so many `percent` of the users be programs, which hammer and forge tickets")
	f.Float64Var(&c.plan.Doubles, "double", 10, "have so many `percent` of the buyers click twice")
	f.IntVar(&c.plan.Retries, "retries", 3, "have buyers try again so many `times`, when the shop says they may")
	f.IntVar(&c.connections, "connections", 256, "open up to so many `connections`")
	f.DurationVar(&c.paidWithin, "paid-within", 10*time.Second, "want orders to be paid so `long` after the payment was accepted")
	f.StringVar(&c.sessions, "sessions", "", "take the users' bearer tokens from this `file`, one a line (default: development logins)")
	f.StringVar(&c.admin, "admin", "", "take an operator's bearer token from this `file`, to check the operator's numbers too")
	f.Uint64Var(&c.plan.Seed, "seed", rand.Uint64()>>11, "repeat the choices of the run that printed this `number`") // a number that JSON keeps
	f.StringVar(&c.html, "html", "", "also write the report to this `file`, as a page with charts")
	f.StringVar(&c.json, "json", "", "also write the report to this `file`, as JSON")
	return f
}

func parse(args []string) (command, error) {
	c := command{set: make(map[string]bool)}
	var usage strings.Builder
	f := c.flags()
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(&usage, "Usage: simulate [flags]")
		f.VisitAll(func(f *flag.Flag) {
			if f.Name == "seed" {
				f.DefValue = "0" // another one each time, so none is shown
			}
		})
		f.SetOutput(&usage)
		f.PrintDefaults()
		c.help, c.usage = true, usage.String()
		return c, nil
	case err != nil:
		return c, mistakef("%s; -h lists the flags", expecting(err))
	case f.NArg() > 0:
		return c, mistakef("want no arguments besides flags, got %q; -h lists the flags", f.Args())
	}
	f.Visit(func(f *flag.Flag) { c.set[f.Name] = true })
	if err := c.validate(); err != nil {
		return c, mistake{err}
	}
	return c, nil
}

var id = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// validate names every flag that is wrong, all at once.
func (c *command) validate() error {
	var faults []error
	check := func(ok bool, flag string, got any) {
		if !ok {
			faults = append(faults, fmt.Errorf("-%s: want %s, got %v", flag, wants[flag], got))
		}
	}
	span := func(flag string, d, low, high time.Duration) { check(low <= d && d <= high, flag, d) }
	u, err := url.Parse(c.url)
	check(!c.set["url"] || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "", "url", c.url)
	for flag, file := range map[string]string{"sessions": c.sessions, "admin": c.admin, "html": c.html, "json": c.json} {
		check(!c.set[flag] || file != "", flag, "none")
	}
	check(id.MatchString(c.goods), "goods", c.goods)
	check(1 <= c.units && c.units <= 1_000_000 && !(c.set["units"] && c.set["url"]), "units", c.units)
	p := c.plan
	check(1 <= p.Visitors && p.Visitors <= 200_000, "users", p.Visitors)
	span("duration", p.Duration, 100*time.Millisecond, time.Hour)
	check(p.Curve == crowd.Spike || p.Curve == crowd.Ramp || p.Curve == crowd.Constant, "curve", p.Curve)
	check(0 <= p.Bots && p.Bots <= 100, "bots", p.Bots)
	check(0 <= p.Doubles && p.Doubles <= 100, "double", p.Doubles)
	check(0 <= p.Retries && p.Retries <= 20, "retries", p.Retries)
	check(1 <= c.connections && c.connections <= 4096, "connections", c.connections)
	span("paid-within", c.paidWithin, 100*time.Millisecond, 10*time.Minute)
	for _, flag := range []string{"sessions", "admin"} {
		if c.set[flag] && !c.set["url"] {
			faults = append(faults, fmt.Errorf("-%s: want it with -url: the shop inside this process lets everybody in", flag))
		}
	}
	return errors.Join(faults...)
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

// mix reads "pay=80,abandon=15,fail=5"; what is left out is 0.
func mix(text string) (m crowd.Mix, err error) {
	parts := map[string]*float64{"pay": &m.Pay, "abandon": &m.Abandon, "fail": &m.Fail}
	total, wrong := 0.0, errors.New("")
	for word := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(word), "=")
		percent, err := strconv.ParseFloat(number, 64)
		if to := parts[name]; err != nil || to == nil || !(0 <= percent && percent <= 100) {
			return m, wrong
		} else {
			*to = percent
		}
		delete(parts, name) // named once
		total += percent
	}
	if total < 99.999 || total > 100.001 {
		return m, wrong
	}
	return m, nil
}

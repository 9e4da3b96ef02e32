package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/user"

	"github.com/seckill-go/seckill"
)

const reconcileUsage = `Usage: server reconcile (-config file | -data folder) [-mend] [goods ...]

Compares orders, stock row, ledger, catalog and gate of the goods, of all without
names, and tells what differs. Sellers pause for a moment. The exit status is 0
if nothing differs any more, else 1.
`

// reconcile is the command of that name, for a terminal or a timer.
func reconcile(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	var c command
	var file string
	var mend bool
	f := flag.NewFlagSet("server reconcile", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&file, "config", "", "read the backends' addresses from this YAML `file`")
	f.StringVar(&c.data, "data", "", "open the `folder` of a server that has ended")
	f.BoolVar(&mend, "mend", false, "also mend what differs")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, reconcileUsage)
		f.SetOutput(stdout)
		f.PrintDefaults()
		return nil
	case err != nil:
		return mistakef("%w; server reconcile -h lists the flags", err)
	}
	switch _, err := given(f); {
	case err != nil:
		return err
	case (file == "") == (c.data == ""):
		return mistakef("want -config or -data: there is nothing to compare in a server that forgets")
	}
	if _, err := os.Stat(c.data); c.data != "" && err != nil {
		return mistakef("-data: %w", err)
	}
	c.embedded = file == ""
	if err := c.configure(file, environ); err != nil {
		return err
	}
	s, err := open(ctx, c, newLogger(stderr, c.conf.Log))
	if err != nil {
		return err
	}
	defer s.close()
	if c.embedded { // its Redis starts empty each time, which is nothing to report
		if err := stockUp(ctx, s.engine, false); err != nil {
			return err
		}
	}
	return s.reconcile(ctx, f.Args(), mend, stdout)
}

// reconcile reports on each goods; the error says in how many something differs
// still.
func (s *shop) reconcile(ctx context.Context, ids []string, mend bool, stdout io.Writer) error {
	if len(ids) == 0 {
		status, err := s.engine.Status(ctx)
		if err != nil {
			return err
		}
		for _, g := range status.Goods {
			if g.Ledger.GoodsID != "" { // preloaded at some time
				ids = append(ids, g.Goods.ID)
			}
		}
	}
	admin := s.engine.Admin("reconcile by " + whoami())
	differ := 0
	for _, id := range ids {
		r, err := admin.Reconcile(ctx, id, !mend)
		if err == nil && mend && len(r.Differences) > 0 { // some things only a person can mend
			show(stdout, r)
			r, err = admin.Reconcile(ctx, id, true)
		}
		if err != nil {
			return fmt.Errorf("goods %s: %w", id, err)
		}
		show(stdout, r)
		if len(r.Differences) > 0 {
			differ++
		}
	}
	if differ > 0 {
		return fmt.Errorf("%d of %d goods differ", differ, len(ids))
	}
	return nil
}

func show(w io.Writer, r seckill.Report) {
	if len(r.Differences) == 0 {
		fmt.Fprintf(w, "%s: nothing differs: total %d, sold %d, left %d\n", r.GoodsID, r.Ledger.Total, r.Ledger.Sold, r.Gate.Left)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(w, "%s: differs: %s\n", r.GoodsID, d)
	}
	for _, m := range r.Mended {
		fmt.Fprintf(w, "%s: mended: %s\n", r.GoodsID, m)
	}
}

// whoami is for the audit log.
func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "nobody known"
}

// Quicktest sells out a goods to a crowd, over HTTP as buyers and operators do, and
// checks that every number adds up.
//
//	go run ./deploy/quicktest                             a server of its own, everything inside it
//	go run ./deploy/quicktest -config deploy/conf.yaml    a server of its own on real Redis, etcd, MySQL, Kafka
//	SECKILL_ADMIN_TOKEN=… go run ./deploy/quicktest -url http://127.0.0.1:8000   a server that runs, with -dev
//
// It puts a goods of its own on sale and leaves the others alone; the switch of the
// sales it turns on. Exit status: 0 if all is well, 1 if a check failed, 2 if it
// could not be done.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout)) }

// command is what the command line asks for.
type command struct {
	url, config   string
	units, buyers int
	patience      time.Duration
}

func parse(args []string, stdout io.Writer) (command, error) {
	var c command
	f := flag.NewFlagSet("quicktest", flag.ContinueOnError)
	f.SetOutput(stdout)
	f.StringVar(&c.url, "url", "", "test the server at this `address`; its admin token is in SECKILL_ADMIN_TOKEN (default: start one)")
	f.StringVar(&c.config, "config", "", "start the server with this configuration `file` (default: everything inside the process)")
	f.IntVar(&c.units, "units", 100, "units on sale")
	f.IntVar(&c.buyers, "buyers", 300, "buyers who come at once")
	f.DurationVar(&c.patience, "patience", 2*time.Minute, "how long all of it may take")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	switch {
	case f.NArg() > 0:
		return c, fmt.Errorf("want no arguments besides flags, got %q", f.Args())
	case c.url != "" && c.config != "":
		return c, errors.New("want -url or -config, not both")
	case c.units < 2 || c.buyers <= c.units:
		return c, errors.New("want at least 2 -units, and more -buyers than that")
	}
	return c, nil
}

func run(args []string, stdout io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = c.test(ctx, stdout)
	}
	switch _, wrong := errors.AsType[faults](err); {
	case err == nil:
		fmt.Fprintln(stdout, "ok")
		return 0
	case wrong:
		fmt.Fprintf(stdout, "FAILED\n%v\n", err)
		return 1
	}
	fmt.Fprintf(stdout, "could not be done: %v\n", err)
	return 2
}

func (c command) test(ctx context.Context, stdout io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	url, token := c.url, os.Getenv("SECKILL_ADMIN_TOKEN")
	if url == "" {
		s, err := startServer(ctx, c.config)
		if err != nil {
			return err
		}
		defer s.stop()
		url, token = s.url, s.token
	}
	fmt.Fprintf(stdout, "quick test of %s: %d units, %d buyers\n", url, c.units, c.buyers)
	return newSale(newShop(url, token, c.buyers), c, stdout).play(ctx)
}

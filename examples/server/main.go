// Server is a whole shop: the REST API over one engine.
//
//	go run ./examples/server                    everything inside the process
//	go run ./examples/server -data DIR          the same, kept between runs
//	go run ./examples/server -config conf.yaml  your Redis, etcd, MySQL and Kafka
//	go run ./examples/server reconcile -h       compare and mend what it keeps
//
// It shows how the rooms fit together: backends to engine (shop.go), engine to
// HTTP (serve.go), and in which order a node goes down so that no buyer sees a
// broken request. The rest is what every program needs: flags, keys, first lines.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }

// run returns the exit status: 0 after a signal, 2 for a mistake of whoever
// started the server, 1 for everything else.
func run(args, environ []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends the process at once

	do := start
	if len(args) > 0 && args[0] == "reconcile" {
		do, args = reconcile, args[1:]
	}
	err := do(ctx, args, environ, stdout, stderr)
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return 0
	}
	fmt.Fprintln(stderr, err)
	if _, ok := errors.AsType[mistake](err); ok {
		return 2
	}
	return 1
}

// start serves until ctx ends.
func start(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	c, err := parse(args, environ)
	if err != nil || c.help {
		fmt.Fprint(stdout, c.usage)
		return err
	}
	listener, err := c.listen() // before anything starts: a port in use is found at once
	if err != nil {
		return err
	}
	defer listener.Close()
	log := newLogger(stderr, c.conf.Log)
	s, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer s.close()
	return s.serve(ctx, listener, stdout)
}

// Simulate sends a crowd to a shop, and tells what the sale was like and whether
// the shop kept its promises, as far as that can be seen from outside.
//
//	go run ./examples/simulate                             a shop of its own, inside the process
//	go run ./examples/simulate -url http://127.0.0.1:8000  any server of this API (examples/server)
//
// It ends with status 0 if every invariant that was checked holds, 1 if one does
// not or the server cannot be reached, 2 for a mistake on the command line. The
// first interrupt ends the crowd and reports what was measured, the second ends
// the process at once.
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

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// mistake is an error of whoever wrote the command line, who can mend it.
type mistake struct{ error }

func mistakef(format string, args ...any) error { return mistake{fmt.Errorf(format, args...)} }

// errBroken says that the report has the reason.
var errBroken = errors.New("not every invariant holds")

func run(args []string, stdout io.Writer, stderr *os.File) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends the process at once

	c, err := parse(args)
	if err == nil && c.help {
		fmt.Fprint(stdout, c.usage)
		return 0
	}
	if err == nil {
		err = simulate(ctx, c, stdout, stderr)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "simulate:", err)
	if _, ok := errors.AsType[mistake](err); ok {
		return 2
	}
	return 1
}

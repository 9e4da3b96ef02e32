package seckill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
)

// refused is a piece of work that cannot be done, and why.
type refused[T any] struct {
	piece T
	why   error
}

const (
	// few pieces are all tried by themselves.
	few = 4
	// probes are how many of more pieces are tried by themselves before it counts as
	// no piece's fault.
	probes = 5
	// mostFaults end an isolation that takes too long; the rest is for the next one.
	mostFaults = 600
)

// isolation does pieces of work that have nothing to do with each other.
type isolation[T any] struct {
	do      func(context.Context, []T) error
	done    []T
	refused []refused[T]
	faults  int
	last    error
}

// isolate does all of the work at once, and in ever smaller parts if that fails, so
// that a piece that cannot be done holds up no other. It returns what was done, what
// was refused by itself, and an error if something else is left: because nothing can
// be done, or because too much was refused.
func isolate[T any](ctx context.Context, work []T, do func(context.Context, []T) error) ([]T, []refused[T], error) {
	i := &isolation[T]{do: do}
	if len(work) == 0 || i.try(ctx, work) {
		return i.done, nil, nil
	}
	if len(work) > few {
		if work = i.probe(ctx, work); len(i.done) == 0 {
			return nil, nil, i.last
		}
	}
	if !i.parts(ctx, work) {
		return i.done, i.refused, i.last
	}
	return i.done, i.refused, nil
}

// try does a part of the work as a whole.
func (i *isolation[T]) try(ctx context.Context, part []T) bool {
	if err := guard(func() error { return i.do(ctx, part) }); err != nil {
		i.last = err
		i.faults++
		return false
	}
	i.done = append(i.done, part...)
	return true
}

// probe tries pieces chosen by chance until one can be done, and returns the others.
// Chance finds one sooner or later, whichever of them are refused.
func (i *isolation[T]) probe(ctx context.Context, work []T) []T {
	work = slices.Clone(work)
	for range probes {
		n := rand.N(len(work))
		piece := work[n]
		work = slices.Delete(work, n, n+1)
		if i.try(ctx, []T{piece}) {
			break
		}
		i.refused = append(i.refused, refused[T]{piece, i.last})
	}
	return work
}

// parts does work of which something is refused, half by half, and reports whether
// each piece of it was done or refused.
func (i *isolation[T]) parts(ctx context.Context, work []T) bool {
	if len(work) == 1 {
		if !i.try(ctx, work) {
			i.refused = append(i.refused, refused[T]{work[0], i.last})
		}
		return ctx.Err() == nil
	}
	for _, half := range [][]T{work[:len(work)/2], work[len(work)/2:]} {
		if ctx.Err() != nil || i.faults >= mostFaults {
			return false
		}
		if len(half) == 1 || !i.try(ctx, half) {
			if !i.parts(ctx, half) {
				return false
			}
		}
	}
	return true
}

// guard makes a panic of f an error: what the shop brings along must not end the
// process.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicked{r, debug.Stack()}
		}
	}()
	return f()
}

// panicked is a panic, as a fault.
type panicked struct {
	value any
	stack []byte
}

// Error returns what the panic said, and where.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// Unwrap returns the panic's value if it is an error.
func (p *panicked) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// brief is a fault in at most 500 bytes, for a list.
func brief(err error) string {
	if p, ok := errors.AsType[*panicked](err); ok {
		return atMost(fmt.Sprintf("panic: %v", p.value), 500)
	}
	return atMost(err.Error(), 500)
}

package seckill

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// refused is a piece of work that cannot be done, and why.
type refused[T any] struct {
	piece T
	why   error
}

const (
	// few pieces are all tried before they count as failed.
	few = 4
	// enoughFaults without a success end an isolation: then it is no piece's fault.
	enoughFaults = 5
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
// was refused by itself, and an error if something was not tried by itself: because
// nothing can be done, or because too much was refused.
func isolate[T any](ctx context.Context, work []T, do func(context.Context, []T) error) (done []T, alone []refused[T], err error) {
	i := &isolation[T]{do: do}
	if len(work) == 0 || i.part(ctx, work, len(work)) {
		return i.done, i.refused, nil
	}
	return i.done, i.refused, i.last
}

// part reports whether each piece of the work was done or refused.
func (i *isolation[T]) part(ctx context.Context, work []T, of int) bool {
	err := guard(func() error { return i.do(ctx, work) })
	if err == nil {
		i.done = append(i.done, work...)
		return true
	}
	i.last = err
	i.faults++
	switch {
	case ctx.Err() != nil, i.faults >= mostFaults:
		return false
	case len(work) == 1:
		i.refused = append(i.refused, refused[T]{work[0], err})
		return true
	case len(i.done) == 0 && i.faults >= enoughFaults && of > few:
		return false
	}
	half := len(work) / 2
	return i.part(ctx, work[:half], of) && i.part(ctx, work[half:], of)
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

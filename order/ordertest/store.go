// Package ordertest proves implementations of package order's contracts: stores
// with [RunStore], sinks and sources with [RunSink].
//
// A backend's own test is one call:
//
//	func TestStore(t *testing.T) { ordertest.RunStore(t, newStore) }
package ordertest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/seckill-go/seckill/order"
)

// RunStore proves that a store keeps every law of [order.Store]. newStore returns
// an empty store; it is called once for each law.
func RunStore(t *testing.T, newStore func(t *testing.T) order.Store) {
	for _, law := range storeLaws() {
		t.Run(law.name, func(t *testing.T) {
			if err := law.check(t.Context(), newStore(t)); err != nil {
				t.Errorf("%s\n%v", law.sentence, err)
			}
		})
	}
}

// Violation is a law that an implementation broke, and how.
type Violation struct {
	Law, Sentence string
	Err           error
}

// CheckStore returns the laws that a store breaks. newStore returns an empty
// store; it is called once for each law.
func CheckStore(ctx context.Context, newStore func() order.Store) []Violation {
	var broken []Violation
	for _, law := range storeLaws() {
		if err := law.check(ctx, newStore()); err != nil {
			broken = append(broken, Violation{law.name, law.sentence, err})
		}
	}
	return broken
}

// storeLaw is one sentence of the contract and the proof that a store keeps it.
type storeLaw struct {
	name, sentence string
	prove          func(*lab)
}

func storeLaws() []storeLaw {
	return slices.Concat(commitLaws, limitLaws, fenceLaws, stockLaws, moveLaws, buryLaws, readLaws, backlogLaws, outboxLaws, laneLaws,
		parkingLaws, auditLaws, journalLaws)
}

// broken is what a lab panics with when the law is broken.
type broken struct{ error }

func (l storeLaw) check(ctx context.Context, s order.Store) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case broken:
			err = r.error
		default:
			panic(r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l.prove(&lab{Store: s, ctx: ctx})
	return nil
}

// lab is an empty store with shorter calls, each of which ends the law when the
// store returns an error.
type lab struct {
	order.Store
	ctx context.Context
}

func (l *lab) fail(format string, args ...any) { panic(broken{fmt.Errorf(format, args...)}) }

// must ends the law on an error.
func (l *lab) must(what string, err error) {
	if err != nil {
		l.fail("%s: %w", what, err)
	}
}

// expect ends the law if got is not want.
func expect[T comparable](l *lab, what string, got, want T) {
	if got != want {
		l.fail("%s: got %+v, want %+v", what, got, want)
	}
}

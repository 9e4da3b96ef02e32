package seckill_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/lock"
)

func TestANodeIsNamedAfterItsMachineAndProcess(t *testing.T) {
	for host, want := range map[string]string{
		"shop-1.example": "shop-1.example-4711", "": "node-4711", "it's a Mac": "it-s-a-Mac-4711", strings.Repeat("x", 200): strings.Repeat("x", 59) + "-4711",
	} {
		got := seckill.NodeName(host, 4711)
		if got != want || len(got) > 64 || lock.CheckName(got) != nil {
			t.Errorf("host %q: got %q, want %q", host, got, want)
		}
	}
}

func TestTheStatusTellsWhichNodesHoldALease(t *testing.T) {
	named := func(name string) func(*seckill.Options) {
		return func(o *seckill.Options) { o.Node = name }
	}
	s := open(t, 100, 0, named("node-a"))
	s.o.Node = "node-b"
	other := s.another()
	s.buy("alice")
	ticket, err := other.Ticket(t.Context(), "bob", "1001", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Purchase(t.Context(), "bob", "1001", ticket.Token); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*seckill.Engine{s.Engine, other} {
		status, err := e.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		g := status.Goods[0]
		want := []lock.Holder{{Mode: lock.Shared, Node: "node-a", Fence: g.Lease.Fence}, {Mode: lock.Shared, Node: "node-b", Fence: g.Lease.Fence}}
		if !g.HoldersKnown || !slices.Equal(g.Holders, want) {
			t.Errorf("known %v, holders %+v, want %+v", g.HoldersKnown, g.Holders, want)
		}
	}
}

// silentLock cannot tell who holds a lease.
type silentLock struct{ *lock.Memory }

func (silentLock) Holders(context.Context, []string) ([][]lock.Holder, error) {
	return nil, errors.New("no answer")
}

func TestAStatusDoesWithoutTheHolders(t *testing.T) {
	for _, l := range []lock.Locker{silentLock{new(lock.Memory)}, struct{ lock.Locker }{new(lock.Memory)}} {
		s := open(t, 100, 0, func(o *seckill.Options) { o.Locker = l })
		s.buy("alice")
		status, err := s.Status(t.Context())
		if err != nil || status.Goods[0].HoldersKnown || status.Goods[0].Lease == nil {
			t.Errorf("%v, %+v", err, status.Goods)
		}
	}
}

package seckill_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
)

func names(steps []order.Step) (names []string) {
	for _, s := range steps {
		names = append(names, s.Name)
	}
	return names
}

func TestAnOrdersHistoryBeginsWithItsTicket(t *testing.T) {
	s := open(t, 10, 0, func(o *seckill.Options) { o.Node = "node-a" })
	before := time.Now().Truncate(time.Millisecond)
	o := s.buy("alice")
	got, steps, err := s.History(t.Context(), o.ID)
	if err != nil || got != o || !slices.Equal(names(steps), []string{order.StepTicket, order.StepRequested, order.StepCommitted}) {
		t.Fatalf("%v, %+v, %v", got, steps, err)
	}
	if steps[0].At.Before(before) || steps[0].At.After(time.Now()) || steps[1].At != o.CreatedAt || steps[2].Node != "node-a" {
		t.Errorf("%+v", steps)
	}
	if !slices.IsSortedFunc(steps, func(a, b order.Step) int { return a.At.Compare(b.At) }) {
		t.Errorf("not in the order of time: %+v", steps)
	}
}

func TestTheHistoryOfNoOrderIsRefused(t *testing.T) {
	s := open(t, 10, 0)
	if _, _, err := s.History(t.Context(), "nobody"); !errors.Is(err, seckill.OrderNotFound) {
		t.Error(err)
	}
	if _, _, err := s.History(t.Context(), "no name"); !errors.Is(err, seckill.InvalidRequest) {
		t.Error(err)
	}
}

// plain is a ledger that is no journal.
type plain struct{ order.Store }

func TestALedgerWithoutAJournalTellsTheLastMove(t *testing.T) {
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders = plain{new(order.Memory)} })
	o := s.buy("alice")
	if err := s.Cancel(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	got, steps, err := s.History(t.Context(), o.ID)
	if err != nil || !slices.Equal(names(steps), []string{order.StepTicket, order.StepRequested, "cancelled"}) || steps[2].At != got.UpdatedAt {
		t.Errorf("%+v, %v", steps, err)
	}
}

func TestTheLatestOrdersOfAGoodsAreListed(t *testing.T) {
	s := open(t, 10, 0)
	var made []order.Order
	for _, user := range []string{"alice", "bob", "carol"} {
		made = append(made, s.buy(user))
	}
	slices.Reverse(made)
	first, err := s.Latest(t.Context(), "1001", "", 2)
	if err != nil || !slices.Equal(first, made[:2]) {
		t.Errorf("%v, %v", first, err)
	}
	rest, err := s.Latest(t.Context(), "1001", first[1].ID, 2)
	if err != nil || !slices.Equal(rest, made[2:]) {
		t.Errorf("%v, %v", rest, err)
	}
	without := open(t, 10, 0, func(o *seckill.Options) { o.Orders = plain{new(order.Memory)} })
	if _, err := without.Latest(t.Context(), "1001", "", 2); !errors.Is(err, errors.ErrUnsupported) || seckill.CodeOf(err) != "fault" {
		t.Errorf("a ledger that is no journal: %v", err)
	}
	for _, bad := range [][2]string{{"no name", ""}, {"1001", "no name"}} {
		if _, err := s.Latest(t.Context(), bad[0], bad[1], 2); !errors.Is(err, seckill.InvalidRequest) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

package seckill

import (
	"testing"

	"github.com/seckill-go/seckill/order"
)

// waiting returns a goods of which a group of taken buyers is under way.
func waiting(taken int) *sale {
	e := &Engine{o: Options{MaxGroup: 100, MaxQueue: 1000}}
	return &sale{e: e, more: make(chan struct{}, 10), selling: 1, taken: taken}
}

func (s *sale) come(n int) {
	for range n {
		s.enqueue(&buyer{draft: order.Draft{}})
	}
}

func TestAGroupBesideAnotherHasAsManyBuyersAsThat(t *testing.T) {
	for taken, want := range map[int]int{1: enough, enough: enough, 40: 40, 100: 100} {
		s := waiting(taken)
		s.come(want - 1)
		if s.selling != 1 || len(s.more) != 0 {
			t.Errorf("beside a group of %d another begins with %d", taken, want-1)
		}
		s.come(1)
		if s.selling != 2 || len(s.more) != 1 {
			t.Errorf("beside a group of %d none begins with %d", taken, want)
		}
		if group := s.next(); len(group) != want || s.taken != want {
			t.Errorf("the group has %d, want %d", len(group), want)
		}
	}
}

func TestWhoeverIsTooFewIsTakenByTheGoroutineOfTheGroupUnderWay(t *testing.T) {
	s := waiting(40)
	s.selling = 2
	s.come(39)
	if group := s.next(); group != nil || s.selling != 1 {
		t.Fatalf("beside a group of 40 another of %d begins", len(group))
	}
	if group := s.next(); len(group) != 39 || s.selling != 1 {
		t.Fatalf("a group of %d, want all 39", len(group))
	}
	if group := s.next(); group != nil || s.selling != 0 {
		t.Fatal("nobody waits, and the work does not end")
	}
	s.come(1)
	if s.selling != 1 || len(s.more) != 1 {
		t.Fatal("a lone buyer waits for others")
	}
}

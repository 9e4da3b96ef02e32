package seckill_test

import (
	"testing"

	"github.com/seckill-go/seckill"
)

func TestAGroupBesideAnotherHasAsManyBuyersAsThat(t *testing.T) {
	for taken, want := range map[int]int{1: 16, 16: 16, 40: 40, 100: 100} {
		q := seckill.NewQueue(1, taken)
		if groups := q.Come(want - 1); groups != 1 {
			t.Errorf("beside a group of %d another begins with %d", taken, want-1)
		}
		if groups := q.Come(1); groups != 2 {
			t.Errorf("beside a group of %d none begins with %d", taken, want)
		}
		if size, groups := q.Next(); size != want || groups != 2 {
			t.Errorf("beside a group of %d: one of %d, and %d groups", taken, size, groups)
		}
	}
}

func TestWhoeverIsTooFewIsTakenByTheGoroutineOfTheGroupUnderWay(t *testing.T) {
	q := seckill.NewQueue(2, 40)
	q.Come(39)
	if size, groups := q.Next(); size != 0 || groups != 1 {
		t.Fatalf("beside a group of 40 another of %d begins", size)
	}
	if size, groups := q.Next(); size != 39 || groups != 1 {
		t.Fatalf("a group of %d, want all 39", size)
	}
	if size, groups := q.Next(); size != 0 || groups != 0 {
		t.Fatal("nobody waits, and the work does not end")
	}
	if groups := q.Come(1); groups != 1 {
		t.Fatal("a lone buyer waits for others")
	}
}

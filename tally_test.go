package seckill_test

import "testing"

func TestARepeatedAnswerIsNoNewOrder(t *testing.T) {
	s := open(t, 5, 0)
	for _, user := range []string{"user-1", "user-2"} {
		token := s.ticket(user, 1)
		for range 3 {
			if _, err := s.Purchase(t.Context(), user, "1001", token); err != nil {
				t.Fatal(err)
			}
		}
	}
	if tally := s.Tally(); tally.Orders != 2 || tally.Purchases[""] != 6 {
		t.Errorf("%d new orders of 2, %d answers of 6", tally.Orders, tally.Purchases[""])
	}
}

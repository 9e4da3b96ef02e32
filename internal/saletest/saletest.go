// Package saletest sends crowds of buyers at engines and judges what they got.
package saletest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
)

// Crowd calls f for n buyers at once and returns what each got.
func Crowd[T any](n int, f func(i int) T) []T {
	got := make([]T, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			got[i] = f(i)
		})
	}
	close(start)
	all.Wait()
	return got
}

// Bought is what one buyer of a crowd got.
type Bought struct {
	User, Goods, Token string
	Receipt            seckill.Receipt
	Err                error
}

// Rush has n buyers at once take a ticket for one unit of the goods and purchase
// with it, at the engines in turn. They are user-0, user-1 … of so many users.
// Nobody asks again.
func Rush(t testing.TB, goodsID string, n, users int, engines ...*seckill.Engine) []Bought {
	return Crowd(n, func(i int) Bought {
		b := Bought{User: fmt.Sprintf("user-%d", i%users), Goods: goodsID}
		e := engines[i%len(engines)]
		var tk seckill.Ticket
		if tk, b.Err = e.Ticket(t.Context(), b.User, goodsID, 1); b.Err != nil {
			return b
		}
		b.Token = tk.Token
		b.Receipt, b.Err = e.Purchase(t.Context(), b.User, goodsID, b.Token)
		return b
	})
}

// Winners returns those who got an order, and fails the test if anybody was
// refused for another reason than the given.
func Winners(t testing.TB, all []Bought, lost ...seckill.Code) (won []Bought) {
	t.Helper()
	strange := 0
	for _, b := range all {
		if b.Err == nil {
			won = append(won, b)
			continue
		}
		known := false
		for _, c := range lost {
			known = known || errors.Is(b.Err, c)
		}
		if known {
			continue
		}
		if strange++; strange <= 3 {
			t.Errorf("%s was refused with %v, want one of %v", b.User, b.Err, lost)
		}
	}
	if strange > 3 {
		t.Errorf("and %d others", strange-3)
	}
	return won
}

// Distinct fails the test unless all orders differ, and each ticket sent again to
// any of the engines gives the same order.
func Distinct(t testing.TB, won []Bought, engines ...*seckill.Engine) {
	t.Helper()
	seen := map[string]bool{}
	for i, b := range won {
		if seen[b.Receipt.Order.ID] {
			t.Errorf("order %s was given twice", b.Receipt.Order.ID)
		}
		seen[b.Receipt.Order.ID] = true
		again, err := engines[i%len(engines)].Purchase(t.Context(), b.User, b.Goods, b.Token)
		if err != nil || !again.Replayed || again.Order.ID != b.Receipt.Order.ID {
			t.Errorf("same ticket again: %v %v, want order %s", again, err, b.Receipt.Order.ID)
		}
	}
}

// Eventually polls f and fails the test if it is not true within 10 s.
func Eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	Within(t, 30*time.Second, what, f)
}

// Within polls f and fails the test if it is not true within d.
func Within(t testing.TB, d time.Duration, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", d, what)
		}
	}
}

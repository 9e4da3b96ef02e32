// Package audit keeps what a crowd was told, looks at the shop from outside when
// the crowd has gone, and judges whether the two agree. It knows nothing of how
// the shop works.
package audit

import (
	"sync"
	"time"

	"github.com/seckill-go/seckill/examples/simulate/client"
)

// Book is what the crowd was told. The zero value is empty; it is safe for
// concurrent use.
type Book struct {
	mu       sync.Mutex
	attempts []*Attempt
	soldOut  int
	most     int
}

// Attempt is all that was asked and told of one ticket. It is written through its
// [Book].
type Attempt struct {
	// Buyer is the index of the session.
	Buyer int
	// Forged says how the ticket is a forgery, "" if it is genuine.
	Forged string
	// Receipts are the orders that were answered, one for each answer.
	Receipts []client.Order
	// Ambiguous says that an answer left open what happened.
	Ambiguous bool
	// Payment is what was asked of the provider.
	Payment Payment
}

// Payment is what a buyer did about an order.
type Payment struct {
	// Asked says that the buyer wanted to pay, Fails that the payment was to fail.
	Asked, Fails bool
	// Accepted is when the shop said that the payment is under way, zero if it did not.
	Accepted time.Time
	// Late says that the order was not paid when it should have been.
	Late bool
	// Seen are the states in which the buyer saw the order since.
	Seen []string
}

// Open begins an attempt.
func (b *Book) Open(buyer int, forged string) *Attempt {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := &Attempt{Buyer: buyer, Forged: forged}
	b.attempts = append(b.attempts, a)
	return a
}

// Answered takes in what a purchase was told.
func (b *Book) Answered(at *Attempt, o client.Order, a client.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.OK() {
		at.Receipts = append(at.Receipts, o)
	}
	at.Ambiguous = at.Ambiguous || a.Ambiguous()
	if a.Code == "sold_out" {
		b.soldOut++
	}
}

// Refused takes in what the request for a ticket was told.
func (b *Book) Refused(a client.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.Code == "sold_out" {
		b.soldOut++
	}
}

// OnSale takes in how many units a goods has in all.
func (b *Book) OnSale(total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.most = max(b.most, total)
}

// Paid takes in what a payment was told.
func (b *Book) Paid(at *Attempt, success bool, a client.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at.Payment.Asked, at.Payment.Fails = true, !success
	if a.OK() {
		at.Payment.Accepted = time.Now()
	}
}

// Saw takes in the state of an order after its payment; late says that it should
// have been paid by then.
func (b *Book) Saw(at *Attempt, state string, late bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at.Payment.Seen = append(at.Payment.Seen, state)
	at.Payment.Late = at.Payment.Late || late
}

// take returns copies of what is in the book.
func (b *Book) take() (all []Attempt, soldOut, most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.attempts {
		all = append(all, *a)
	}
	return all, b.soldOut, b.most
}

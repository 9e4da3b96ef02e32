package ticket_test

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/ticket"
)

// A ticket is for one user, one goods and a time, and its nonce is the attempt.
func Example() {
	now := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	signer, err := ticket.NewSigner(ticket.Key{ID: "2026-11", Secret: bytes.Repeat([]byte("s"), 32)})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := signer.Sign(ticket.Ticket{
		Attempt: ticket.NewAttempt(time.Now()), User: "alice", Goods: "1001", Quantity: 2, NotBefore: now, Expires: now.Add(5 * time.Minute),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := signer.Verify(token, "alice", "1001", now)
	fmt.Println(t.Quantity, len(t.Attempt), err)
	_, err = signer.Verify(token, "bob", "1001", now)
	fmt.Println(errors.Is(err, ticket.ErrInvalid))
	late, err := signer.Verify(token, "alice", "1001", now.Add(time.Hour))
	fmt.Println(late.Attempt == t.Attempt, errors.Is(err, ticket.ErrExpired))
	// Output:
	// 2 22 <nil>
	// true
	// true true
}

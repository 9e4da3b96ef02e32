// Package payment is the contract for the provider that takes the money.
//
// [Sandbox] is a provider for tests and demonstrations. [Webhook] checks the
// signature of a provider's callback. Backends prove themselves with package
// paymenttest.
package payment

import (
	"context"
	"errors"
	"time"
)

// ErrMismatch says that an event tells of another amount or currency than the
// order has; it changes nothing.
var ErrMismatch = errors.New("payment: amount or currency differs from the order's")

// Status is what became of a payment.
type Status string

const (
	// Processing: the provider will tell later, by callback.
	Processing Status = "processing"
	// Succeeded: the money is there.
	Succeeded Status = "succeeded"
	// Failed: there is no money and there will be none from this payment.
	Failed Status = "failed"
)

// Request asks for the money of one order.
type Request struct {
	// ID makes the request happen once: the same ID gets the same result and takes
	// the money once.
	ID      string
	OrderID string
	UserID  string
	// Amount is in minor units of Currency.
	Amount   int64
	Currency string
	// Method is for the provider: a token of a card, a channel. The engine does not
	// look at it.
	Method string
}

// Result is the provider's answer.
type Result struct {
	// PaymentID is the provider's own id of the payment.
	PaymentID string
	Status    Status
	// Reason says why a payment failed.
	Reason string
}

// Gateway is a payment provider. Implementations are safe for concurrent use.
type Gateway interface {
	// Pay takes the money, or starts to. An error means that it is unknown whether
	// the request arrived; calling again with the same ID is safe and tells.
	Pay(ctx context.Context, r Request) (Result, error)
}

// Event is what a provider tells of a payment.
type Event struct {
	// ID is the same however often the provider tells it.
	ID        string    `json:"id"`
	OrderID   string    `json:"order_id"`
	PaymentID string    `json:"payment_id"`
	Status    Status    `json:"status"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	Reason    string    `json:"reason,omitempty"`
	At        time.Time `json:"at"`
}

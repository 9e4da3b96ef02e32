package order

import (
	"context"
	"strings"
	"time"
)

// Lane is a kind of events that wait for no other kind.
type Lane string

const (
	// OrderLane has the events of the ledger's own transactions.
	OrderLane Lane = "order"
	// PaymentLane has the events whose type begins with "payment.".
	PaymentLane Lane = "payment"
)

// Lane returns the event's lane.
func (e Event) Lane() Lane {
	if strings.HasPrefix(e.Type, "payment.") {
		return PaymentLane
	}
	return OrderLane
}

// Lanes splits the outbox, so that a relay can send each lane by itself.
type Lanes interface {
	// InLane returns up to limit batches of the lane that were not sent, in the order
	// of [Outbox].Pending. The events of one batch are of one lane.
	InLane(ctx context.Context, lane Lane, limit int) ([]Batch, error)
}

// Parked is one thing that could not be done and that others no longer wait for.
type Parked struct {
	// ID numbers what is parked, from 1. Park sets it.
	ID int64
	// Lane is that of an event which was refused, or [CancelLane].
	Lane Lane
	// Key is the event's key, which is an order's id.
	Key string
	// Event is what was refused. For CancelLane it is zero.
	Event Event
	// Reason is the fault, in words.
	Reason string
	// At is when it was parked first.
	At time.Time
}

// CancelLane is that of orders which were not paid in time and cannot be cancelled.
// No event is of this lane.
const CancelLane Lane = "cancel"

// Parking keeps what could not be done until it is done.
type Parking interface {
	// Park keeps the things, in their order, as a whole or not at all. Of those with
	// the same Lane, Key and event id the first one is kept, with its ID and At and the
	// latest Reason.
	//
	// An order of which something of PaymentLane or CancelLane is parked is not listed
	// as overdue.
	Park(ctx context.Context, things []Parked) error
	// Parked returns up to limit of those with an ID above after, lowest first, and
	// how many there are in all.
	Parked(ctx context.Context, after int64, limit int) ([]Parked, int, error)
	// Unpark forgets those with the given ids. An id that is not there is left out.
	Unpark(ctx context.Context, ids []int64) error
}

package order

import (
	"context"
	"time"
)

// Step is a moment in an order's life.
type Step struct {
	// Name is one of the Step constants, or the [State] that the order moved to.
	Name string
	// At is when it was, by the clock of whoever did it.
	At time.Time
	// Node is who did it, "" if that is not on record.
	Node string
}

// The steps before an order moves.
const (
	// StepTicket: the ticket was signed. Only an engine knows it.
	StepTicket = "ticket"
	// StepRequested: the purchase arrived, [Order.CreatedAt]. Only an engine knows it.
	StepRequested = "requested"
	// StepCommitted: the ledger booked the order, with its group.
	StepCommitted = "committed"
	// StepSent: the events of the group were marked as sent.
	StepSent = "event_sent"
)

// Journal is what a [Store] may be beside: one in which people can look how a sale
// goes and how an order came to be where it is. Safe for concurrent use.
type Journal interface {
	// History returns what is on record of an order: that it was committed, by which
	// node ([Draft.Node]); that its event was sent, once it was; and each state that it
	// moved to, in that order, the last of them with the time of [Order.UpdatedAt]. A
	// step that is not on record any more is left out. Error: [ErrNotFound] or a fault.
	History(ctx context.Context, orderID string) ([]Step, error)
	// Latest returns up to limit orders of a goods, the last that was booked first,
	// that were booked before the one with id after; "" starts with the last of all.
	Latest(ctx context.Context, goodsID, after string, limit int) ([]Order, error)
}

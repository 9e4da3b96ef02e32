// Package order is the contract for the durable ledger of a sale, and for the
// way its events leave and enter.
//
// The ledger is the truth: what it committed is sold, whatever the gate in front
// of it believes. [Store] is the whole contract, in parts of a few methods each:
// a [Ledger] takes groups of orders and moves them on, [Orders] reads them,
// [Stocks] keeps one row per goods, a [Backlog] lists what is still to do, an
// [Outbox] holds the events that have to go out, and an [AuditLog] notes what
// operators did. Events leave through a [Sink] and come in from a [Source].
//
// [Memory] and [Bus] serve one process; packages gormorder and kafkaorder serve
// many. Backends prove themselves with package ordertest.
package order

import (
	"errors"
	"time"
)

var (
	// ErrNotFound says that there is no such order, or no stock row for the goods.
	ErrNotFound = errors.New("order: not found")
	// ErrFenced says that a holder with a higher fence was here: nothing was
	// changed.
	ErrFenced = errors.New("order: fenced")
	// ErrTotalTooSmall says that more units are sold than the new total allows:
	// nothing was changed.
	ErrTotalTooSmall = errors.New("order: total is below what is sold")
)

// State is where an order is in its life. The only moves are
//
//	pending → paid
//	pending → cancelled → refund_due
type State string

const (
	// Pending: the units are the buyer's, the money is awaited.
	Pending State = "pending"
	// Paid: the money arrived in time.
	Paid State = "paid"
	// Cancelled: the payment failed or did not come in time, the units went back.
	Cancelled State = "cancelled"
	// RefundDue: the money arrived after the order was cancelled.
	RefundDue State = "refund_due"
)

// Live reports whether an order in this state has units of the stock.
func (s State) Live() bool { return s == Pending || s == Paid }

// Order is what a buyer got. Times are UTC, to the microsecond. Its JSON is the
// data of its events.
type Order struct {
	// ID names the order, and the purchase attempt that made it: an attempt has one
	// order at most. It is not to be guessed.
	ID      string `json:"order_id"`
	GoodsID string `json:"goods_id"`
	UserID  string `json:"user_id"`
	// Quantity is in units, Amount is what they cost together, in minor units of
	// Currency.
	Quantity int    `json:"quantity"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	State    State  `json:"state"`
	// Version is 1 for a new order and rises by one with every move.
	Version int `json:"version"`
	// Reason says why the order was cancelled, in a word or two.
	Reason string `json:"reason,omitempty"`
	// PaymentID is the provider's id of the payment that moved the order.
	PaymentID string    `json:"payment_id,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is when the order moved last.
	UpdatedAt time.Time `json:"updated_at"`
	// PayBy is when an unpaid order ends.
	PayBy time.Time `json:"pay_by"`
	// Fence is the fence under which the order was booked, and Released the fence of
	// its stock row when its units went back there, 0 while they have not. A gate that
	// is filled under a fence counts the orders that were booked under a lower one, less
	// those that were released under a lower one. Events do not have them.
	Fence    int64 `json:"-"`
	Released int64 `json:"-"`
}

// Draft is an order to be. Its ids are of up to 64 letters, digits, _ and -.
type Draft struct {
	// ID is the purchase attempt, and will be the order's id.
	ID     string
	UserID string
	// Quantity is at least 1.
	Quantity int
	// Limit is how many units the user may have in live orders of the goods, this
	// one included. Zero means no limit.
	Limit     int
	Amount    int64
	Currency  string
	CreatedAt time.Time
	PayBy     time.Time
	// Node names who commits it, for a [Journal]; up to 64 characters of ASCII, the same
	// in all drafts of a group. Zero means that nobody is named.
	Node string
	// Trace is the trace that the purchase belongs to, for its event.
	Trace Trace
}

// Trace names a trace and a span of it, as W3C's traceparent header does:
// "00-<trace id>-<span id>-01". Empty means that nobody traces. A ledger keeps it
// with the events, never with the orders, and makes nothing of it.
type Trace string

// Status is the ledger's answer to one draft or attempt.
type Status uint8

const (
	// Committed: the order is durable now.
	Committed Status = iota + 1
	// Replayed: the attempt has an order from before, in whatever state.
	Replayed
	// SoldOut: the stock row has too few units.
	SoldOut
	// LimitReached: the user's live orders and this one exceed the limit.
	LimitReached
	// Buried: the attempt has no order and never will have one.
	Buried
)

// String returns the status in lower case words.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "unknown"
}

var statusNames = [...]string{"unknown", "committed", "replayed", "sold out", "limit reached", "buried"}

// Outcome answers one draft or attempt. Order is set when Status is Committed or
// Replayed.
type Outcome struct {
	Status Status
	Order  Order
}

// Move is a way an order can go on.
type Move uint8

const (
	// Pay: the money arrived. pending → paid, cancelled → refund_due; otherwise
	// nothing.
	Pay Move = iota + 1
	// Cancel: the payment failed or did not come. pending → cancelled and the units
	// go back to the stock row; otherwise nothing.
	Cancel
)

// Change asks for one move.
type Change struct {
	// EventID makes the change happen once: one that the ledger took before changes
	// nothing. Empty means that the change is not remembered.
	EventID   string
	OrderID   string
	Move      Move
	Reason    string
	PaymentID string
	At        time.Time
	// Trace is the trace that the change belongs to, for its event.
	Trace Trace
}

// Changed answers one change.
type Changed struct {
	// Order is the order after the change, zero if there is none of that id.
	Order Order
	// Moved says whether this change moved the order.
	Moved bool
	// Known says that the ledger took a change with this EventID before.
	Known bool
}

// Stock is the ledger's row of one goods. Its sums are kept by the statements that
// book and move orders, so reading the row costs the same however many there are.
type Stock struct {
	GoodsID string
	// Total is how many units are on sale, Sold how many of them are in live
	// orders, Paid how many in paid ones.
	Total, Sold, Paid int
	// Fence is the highest fence that wrote the row, Epoch how often the row was
	// opened.
	Fence, Epoch int64
}

// Recount is a stock row beside what the orders and entries of the goods say.
type Recount struct {
	Stock
	// Ordered is the sum of units over live orders, OrderedPaid over paid ones,
	// Entries over the ledger's own entries.
	Ordered, OrderedPaid, Entries int
}

// Sound reports whether the row, the orders and the entries agree, on no more units
// than the total.
func (r Recount) Sound() bool {
	return r.Sold == r.Ordered && r.Paid == r.OrderedPaid && r.Entries == r.Ordered && r.Ordered <= r.Total
}

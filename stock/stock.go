// Package stock is the contract for the gate: the fast counter in front of the
// durable ledger that lets exactly as many buyers through as there are units.
//
// The gate is never the truth. It may forget what it acknowledged and be filled
// again from the ledger at any time; the ledger's own condition keeps a sale
// from overselling whatever the gate says. What the gate promises is that its
// four numbers always add up: Left + Held + Sold = Total.
//
// The life of a buyer's attempt in the gate:
//
//	          Reserve            Confirm            Restore
//	unknown ───────────▶ held ───────────▶ sold ───────────▶ released
//	   ▲                  │ │                                  ▲
//	   └──────────────────┘ └──────────────────────────────────┘
//	         Release                      Restore
//
// A gate that was filled again does not know the attempts from before: it has
// their units as one number, in Sold. [Settlement] says what a verdict about one of
// them does.
//
// [Memory] serves one process; package redisstock serves many. Backends prove
// themselves with package stocktest.
package stock

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrNotLoaded says that the gate has no numbers for the goods, or is stopped
	// while they are filled again: nothing was changed, and nothing is known.
	ErrNotLoaded = errors.New("stock: not loaded")

	// ErrFenced says that a caller with a higher fence was here: the caller's
	// lease is over, and nothing was changed.
	ErrFenced = errors.New("stock: fenced")

	// ErrTotalTooSmall says that more units are held and sold than the new total
	// allows: nothing was changed.
	ErrTotalTooSmall = errors.New("stock: total is below what is held and sold")
)

// Request asks for units on behalf of one attempt.
type Request struct {
	// Attempt names the purchase attempt in 1 to 128 bytes; asking again for the
	// same attempt never takes units twice.
	Attempt string
	// User is the buyer, in 1 to 128 bytes, for the limit.
	User string
	// Quantity is how many units are wanted, 1 to [MaxUnits]. All or none are taken.
	Quantity int
	// Limit is how many units the user may have of this goods, held and sold
	// together. Zero means no limit.
	Limit int
}

// Status is the gate's answer to one request.
type Status uint8

const (
	// Unknown: the gate knows nothing of this attempt.
	Unknown Status = iota
	// Reserved: the units were taken for this attempt now; they are held.
	Reserved
	// Held: this attempt already holds its units.
	Held
	// Sold: this attempt has an order, as an earlier verdict said.
	Sold
	// Released: this attempt's order was cancelled, as an earlier verdict said.
	Released
	// SoldOut: fewer units are left than asked for.
	SoldOut
	// LimitReached: the user would have more than the limit.
	LimitReached
)

// String returns the status in lower case words.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "unknown"
}

var statusNames = [...]string{"unknown", "reserved", "held", "sold", "released", "sold out", "limit reached"}

// Reservation is the gate's answer to a group.
type Reservation struct {
	// Statuses answer the requests, in their order.
	Statuses []Status
	// Fence is the fence that the gate holds after the call: the caller's own, or,
	// for a caller without one, the highest that was here.
	Fence int64
	// Left and Held are how many units are left and held after the call.
	Left, Held int
	// Group names what this call took, for [Gate.Confirm]; no other call ever gets
	// the same. It is empty if the call took nothing, or if the gate has no groups.
	Group string
	// Refilled is how long ago the gate was filled, by the gate's own clock: an attempt
	// that is older may have an order that the gate does not know. Zero means that no
	// attempt is older: the gate was filled with [Snapshot.Epoch] 1 or less, and with
	// nothing Sold.
	Refilled time.Duration
}

// Verdict is what becomes of an attempt's units.
type Verdict uint8

const (
	// Confirm: the ledger has the order. Held units become sold.
	Confirm Verdict = iota + 1
	// Release: the ledger proved that there is no order and never will be for this
	// hold. Held units are left again and the attempt is forgotten. An attempt
	// that is not held stays as it is.
	Release
	// Restore: the order was cancelled. Held or sold units are left again, once.
	Restore
)

// Settlement settles one attempt. User and Quantity are those of the attempt's
// request. The gate moves the units that it took for the attempt; Quantity counts
// only for units that it did not take.
//
// Booked and Released place the order before or after the gate's last Load. An order
// is counted if the Load found its units in the ledger's Sold: Booked is below the
// Load's fence, and Released is 0 or not below it. It is past if both are below it:
// then the Load found its units left.
//
//	attempt            Confirm                     Restore
//	held               held → sold                 held → left
//	unknown            left → sold, maybe below 0  –
//	sold               –                           sold → left
//	held, counted      held → left                 held → left, and sold → left
//	unknown, counted   –                           sold → left
//	held, past         held → left                 held → left
//	unknown, past      –                           –
//	released           –                           –
//
// After Confirm the attempt is sold, after Restore it is released; one that is
// released stays so. To units that the Load counted no attempt belongs: one that is
// sold by Confirm alone counts as unknown for a Restore. They count for no user's
// limit.
type Settlement struct {
	Attempt  string
	User     string
	Quantity int
	Verdict  Verdict
	// Booked is the fence under which the order was booked. Zero means that it is not
	// known; the order is then not counted.
	Booked int64
	// Released is the ledger's fence at the moment when it took the order's units
	// back. Zero means that it has not done so.
	Released int64
}

// Gate is what a sale needs. All methods of this package are safe for
// concurrent use, apply a call as one atomic step per goods, and answer the
// same when a caller that lost the reply calls again. A call that names an
// impossible request, settlement or total (see their Validate) is a fault and
// changes nothing.
type Gate interface {
	// Reserve takes units for each request in turn. A known attempt is answered
	// before the stock is looked at, then the limit is tested, then the stock; a
	// request that fails takes nothing and does not fail its neighbours.
	//
	// fence is the caller's fencing token; 0 means that the caller has none and
	// is not fenced here. Errors: [ErrNotLoaded], [ErrFenced], or a fault, after
	// which the units may or may not be held.
	Reserve(ctx context.Context, goodsID string, fence int64, requests []Request) (Reservation, error)

	// Settle applies the verdicts, in their order. It carries no fence: the ledger's
	// word may come at any time and any number of times.
	// Errors: [ErrNotLoaded] or a fault.
	Settle(ctx context.Context, goodsID string, settlements []Settlement) error

	// Confirm settles, as the verdict of that name does, all that the Reserve of
	// each group took and that is held still; for one group this may cost as much as
	// for one attempt. It returns the groups of which the gate holds nothing: they were
	// confirmed before, or a Load forgot them. Their attempts can then be settled one
	// by one; for a gate that confirmed them before, that changes nothing. A gate
	// without groups returns them all.
	// Errors: [ErrNotLoaded] or a fault.
	Confirm(ctx context.Context, goodsID string, groups []string) (unknown []string, err error)
}

// Snapshot is the ledger's word about one goods.
type Snapshot struct {
	// Total is how many units are on sale, sold ones included.
	Total int
	// Sold is how many of them are in live orders.
	Sold int
	// Epoch numbers the fillings of this goods, from 1; it only rises.
	Epoch int64
}

// Loader fills the gate from the ledger. The caller holds the goods' lease
// exclusively and calls Stop, then raises the fence in the ledger, which returns the
// row, then calls Load; so no order can be committed or cancelled unseen.
//
// Stop, Load and Retire refuse a lower fence than the highest that was here; the same
// fence may come again. Stop and Load keep the higher one.
type Loader interface {
	// Stop closes the gate: from now until a Load, every other call but Retire answers
	// [ErrNotLoaded]. It works on a goods that was never loaded. Error: [ErrFenced] or
	// a fault.
	Stop(ctx context.Context, goodsID string, fence int64) error

	// Load replaces all that the gate knew of the goods, holds included, and opens
	// it; it returns the numbers at that moment: what is not sold is left. When more
	// is sold than the total, Left is below zero. The cost does not depend on how much
	// is sold. Errors: [ErrFenced] or a fault.
	Load(ctx context.Context, goodsID string, fence int64, s Snapshot) (Counts, error)

	// Resize changes the total of a goods that sells, by as many units as Left changes,
	// and returns the numbers at that moment. It carries no fence. Errors:
	// [ErrNotLoaded], [ErrTotalTooSmall] if a smaller total would make Left less than
	// zero, or a fault.
	Resize(ctx context.Context, goodsID string, total int) (Counts, error)

	// Retire forgets everything about the goods, its fence included, and keeps nothing
	// of it: the goods is then one that was never loaded. Errors: [ErrFenced] or a
	// fault.
	Retire(ctx context.Context, goodsID string, fence int64) error
}

// Counts are the gate's numbers for one goods, read in one atomic step. While
// the gate is loaded, Left + Held + Sold = Total.
type Counts struct {
	Total, Left, Held, Sold int
	Epoch                   int64
	Fence                   int64
}

// Conserved reports whether the numbers add up.
func (c Counts) Conserved() bool { return c.Left+c.Held+c.Sold == c.Total }

// Hold is a reservation that was not settled yet.
type Hold struct {
	Attempt  string
	User     string
	Quantity int
	// Age is how long the hold has been there, by the gate's own clock.
	Age time.Duration
}

// Reader reads the gate.
type Reader interface {
	// Counts returns the numbers. Error: [ErrNotLoaded] or a fault.
	Counts(ctx context.Context, goodsID string) (Counts, error)

	// CountsOf returns the numbers of those of the goods that are loaded, by their ids,
	// each as Counts does and at a moment of its own. It is for many goods at once: the
	// round trips do not rise with each of them. Error: a fault.
	CountsOf(ctx context.Context, goodsIDs []string) (map[string]Counts, error)

	// Holds returns up to limit holds that are at least minAge old, oldest first;
	// holds of one age come in any order.
	// Error: [ErrNotLoaded] or a fault.
	Holds(ctx context.Context, goodsID string, minAge time.Duration, limit int) ([]Hold, error)

	// Known returns what the gate knows of each attempt, in their order: [Held],
	// [Sold], [Released] or [Unknown]. It takes nothing, and asks for no fence.
	// Error: [ErrNotLoaded] or a fault.
	Known(ctx context.Context, goodsID string, attempts []string) ([]Status, error)
}

// Store is a whole stock backend.
type Store interface {
	Gate
	Loader
	Reader
}

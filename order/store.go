package order

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// Store is a whole ledger backend. Implementations are safe for concurrent use
// by any number of processes.
type Store interface {
	Ledger
	Orders
	Stocks
	Backlog
	Outbox
	Lanes
	Parking
	AuditLog
}

// Ledger takes orders and moves them on. Every call happens as a whole or not at
// all: all of it is durable when it returns nil, and its events are in the outbox.
//
// An error other than the named ones means that the outcome is unknown. Calling
// again with the same arguments is always safe and tells: what the first call
// did is found, not done twice.
type Ledger interface {
	// Commit books a group of orders of one goods, each for itself: one that is
	// refused does not fail the others, and a large one that does not fit leaves
	// room for a small one behind it. A draft whose order is there already is
	// Replayed, one whose attempt was buried is Buried. Never are more units in live orders
	// than the row's total. Each booked order puts an "order.created" event in the
	// outbox, with the draft's trace.
	//
	// fence is the caller's fencing token and raises the row's; 0 means that the
	// caller has none, and is not fenced. Errors: [ErrNotFound] (no stock row),
	// [ErrFenced], or a fault.
	Commit(ctx context.Context, goodsID string, fence int64, drafts []Draft) ([]Outcome, error)

	// Bury settles for good what became of attempts: each is Replayed, with the order
	// of that id, or Buried, and then no later Commit can book it. Errors: [ErrNotFound]
	// (no stock row) or a fault.
	Bury(ctx context.Context, goodsID string, attempts []string) ([]Outcome, error)

	// Move applies changes in their order. Each that moves an order raises its
	// version by one and puts an event in the outbox: "order.paid",
	// "order.cancelled" or "order.refund_due", with the change's trace. A cancelled
	// order's units are back in the stock row exactly once, and the order waits in the
	// [Backlog] until its units are back in the gate. A goods whose stock row is gone
	// stops no change: the row counts the orders when it is made again.
	Move(ctx context.Context, changes []Change) ([]Changed, error)
}

// Orders reads orders.
type Orders interface {
	// Get returns the order. Error: [ErrNotFound] or a fault.
	Get(ctx context.Context, id string) (Order, error)
	// Find returns those of the orders that there are, in no order.
	Find(ctx context.Context, ids []string) ([]Order, error)
	// List returns up to limit orders of a user, the last that was booked first, that
	// were booked before his order with id after; "" starts with the last of all.
	List(ctx context.Context, userID, after string, limit int) ([]Order, error)
}

// Stocks keeps one row per goods. Callers of Open and Amend hold the goods' lease
// exclusively.
type Stocks interface {
	// Open makes the goods' row or changes its total, raises its fence to the given
	// one and its epoch by one, and returns the row as it then was. From then on no
	// Commit with a lower fence changes anything, and each order that is released is
	// so under this fence or a higher one. A row that is made anew counts the orders
	// that there are. A total below 0 leaves the row's total as it is, whatever
	// Resize makes of it meanwhile, and makes no row. Errors: [ErrNotFound] then,
	// [ErrFenced] if the row's fence is higher,
	// [ErrTotalTooSmall], or a fault.
	Open(ctx context.Context, goodsID string, fence int64, total int) (Stock, error)
	// Resize changes the total, and nothing else. It needs no lease. Errors:
	// [ErrNotFound], [ErrTotalTooSmall] if more units are sold, or a fault; nothing is
	// changed then.
	Resize(ctx context.Context, goodsID string, total int) (Stock, error)
	// Stock returns the row. It reads no orders. Error: [ErrNotFound] or a fault.
	Stock(ctx context.Context, goodsID string) (Stock, error)
	// StocksOf returns the rows of those of the goods that have one, by their ids, each
	// as Stock does. It is for many goods at once.
	StocksOf(ctx context.Context, goodsIDs []string) (map[string]Stock, error)
	Recounter
}

// Recounter holds the rows against the orders. Its cost grows with the orders of the
// goods, so sales never ask it.
type Recounter interface {
	// Recount returns the row and the sums of the goods' orders and entries, all read
	// at one moment. Error: [ErrNotFound] or a fault.
	Recount(ctx context.Context, goodsID string) (Recount, error)
	// Amend makes the row and its entries agree with the live orders, which are the
	// truth, and raises the fence; where all agree, it raises the fence only. What
	// was missing or too much stays on record as an entry of its own. Errors:
	// [ErrNotFound], [ErrFenced] if the row's fence is higher, [ErrTotalTooSmall] if
	// live orders have more units than the total, or a fault; nothing is changed
	// then.
	Amend(ctx context.Context, goodsID string, fence int64) (Stock, error)
	// Sales yields all orders of a goods, of every state, in no order. Each was in
	// the yielded state at some moment of the call.
	Sales(ctx context.Context, goodsID string) iter.Seq2[Order, error]
}

// Backlog lists orders that need something done.
type Backlog interface {
	// Overdue returns up to limit pending orders whose PayBy is before the given
	// time, earliest first, but for those of which a payment or cancel is parked.
	Overdue(ctx context.Context, before time.Time, limit int) ([]Order, error)
	// Unrestored returns up to limit cancelled or refund_due orders that were not
	// marked restored, in the order of their cancelling.
	Unrestored(ctx context.Context, limit int) ([]Order, error)
	// MarkRestored marks orders whose units are back in the gate.
	MarkRestored(ctx context.Context, orderIDs []string) error
}

// Event is something that happened, as it travels.
type Event struct {
	// ID is the same however often the event is delivered; consumers do each id
	// once.
	ID string `json:"id"`
	// Type is "order.created", "order.paid", "order.cancelled", "order.refund_due",
	// "payment.succeeded" or "payment.failed".
	Type string `json:"type"`
	// Version is the version of the type's data, 1 today.
	Version int `json:"version"`
	// Key is the order's id; events of one key are delivered in their order, each
	// at least once.
	Key string `json:"key"`
	// Time is when it happened.
	Time time.Time `json:"time"`
	// Data is the order or the payment, as JSON.
	Data json.RawMessage `json:"data"`
	// Trace is that of the draft or the change that made the event, or of whoever
	// enqueued it.
	Trace Trace `json:"traceparent,omitempty"`
}

// Batch is one row of the outbox: events that were put there together.
type Batch struct {
	ID     int64
	Events []Event
}

// Queue tells how far the outbox is behind.
type Queue struct {
	// Pending is the number of batches that were not sent.
	Pending int
	// Oldest is when the oldest of them was put there, zero if there is none.
	Oldest time.Time
}

// Outbox holds the events that have to go out. Events get there with the
// transaction that makes them true, and are marked once a [Sink] has them.
type Outbox interface {
	// Enqueue puts events there that no transaction of the ledger makes, as one
	// batch for each [Lane]. Events whose id was enqueued before are left out.
	Enqueue(ctx context.Context, events []Event) error
	// Pending returns up to limit batches that were not sent, oldest first: of two
	// batches with events of one key, the one that was durable first.
	Pending(ctx context.Context, limit int) ([]Batch, Queue, error)
	// MarkSent marks batches as sent.
	MarkSent(ctx context.Context, batchIDs []int64) error
}

// Audit is one thing that an operator did.
type Audit struct {
	// ID rises with time. BeginAudit sets it.
	ID int64
	// At is when it was begun, Actor who did it.
	At    time.Time
	Actor string
	// Action is a verb and a noun, "preload goods"; Target what it was done to.
	Action, Target string
	// Before and After are the state around it as JSON; Error is why it failed.
	Before, After, Error string
	// Done is false while the action is under way, and for one that a crash cut off.
	Done bool
}

// AuditLog notes what operators did: one row for each action, written before the
// action is tried and finished after it, so that a crash leaves a trace.
type AuditLog interface {
	// BeginAudit writes the row and returns its id.
	BeginAudit(ctx context.Context, a Audit) (int64, error)
	// EndAudit finishes the row, with the state after it or the reason it failed.
	EndAudit(ctx context.Context, id int64, after, failure string) error
	// Audits returns up to limit rows with an id below before, newest first; 0
	// starts with the newest.
	Audits(ctx context.Context, before int64, limit int) ([]Audit, error)
}

// Clock is for a ledger that has a clock of its own, as a database server has. An
// engine goes by it while it runs, so that nodes whose clocks are wrong open,
// close and cancel in time. A [Store] need not have it.
type Clock interface {
	// Clock returns the ledger's time.
	Clock(ctx context.Context) (time.Time, error)
}

// Sink is where events go.
type Sink interface {
	// Publish returns nil once all events are durable where they went. After an
	// error some may have arrived; publishing them again is safe, as consumers do
	// each id once. Events of one key keep their order.
	Publish(ctx context.Context, events []Event) error
}

// Source is where payment events come from.
type Source interface {
	// Consume hands over events in groups until ctx ends, then returns ctx's error.
	// Events of one key come in their order; a group for which handle returned an
	// error comes again, and so may any group: handle does each id once.
	Consume(ctx context.Context, handle func(context.Context, []Event) error) error
}

package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// Kind says what an operation asked for.
type Kind string

// The kinds of operations.
const (
	Ticket   Kind = "ticket"   // Code accepted: Attempt is what was permitted
	Purchase Kind = "purchase" // Code accepted or replayed: Order is the order
	Pay      Kind = "pay"      // a payment that succeeds at the provider
	Cancel   Kind = "cancel"   // a payment that fails at the provider
	Look     Kind = "look"     // at an order: State and Version
	Gate     Kind = "gate"     // one look at the gate: Gate
	Total    Kind = "total"    // an admin's change of the total: Quantity is the new one
	Admin    Kind = "admin"    // any other admin change: Actor, Target
	Stale    Kind = "stale"    // a write with a fence that is known to be too old
	Mark     Kind = "mark"     // a fault, a kill, a clock step: Error says what
)

// The codes by which an answer says yes. A no is a refusal's code, "fenced", or
// "fault".
const (
	Accepted = "accepted"
	Replayed = "replayed"
	// Fenced is how a stale write has to be answered.
	Fenced = "fenced"
)

// The refusals that say something of stock, limit or ticket.
const (
	soldOut        = "sold_out"
	limitReached   = "limit_reached"
	busy           = "busy"
	outcomeUnknown = "outcome_unknown"
	invalidTicket  = "invalid_ticket"
	rateLimited    = "rate_limited"
)

// Op is one operation as its client saw it.
type Op struct {
	// ID is unique in the history; the recorder sets it.
	ID   string `json:"id"`
	Node string `json:"node,omitempty"`
	Kind Kind   `json:"kind"`
	User string `json:"user,omitempty"`
	// Goods is the goods' id, Attempt the ticket's nonce, as in order.Order.
	Goods    string `json:"goods,omitempty"`
	Attempt  string `json:"attempt,omitempty"`
	Quantity int    `json:"quantity,omitempty"`
	Order    string `json:"order,omitempty"`
	// Forged names what is wrong with the ticket of a purchase that must not have
	// an effect: "altered", "expired", "another user's". Empty means genuine.
	Forged string `json:"forged,omitempty"`
	// Actor and Target are those of the audit row that an admin change leaves. An
	// actor that makes one change only tells the rows apart.
	Actor  string `json:"actor,omitempty"`
	Target string `json:"target,omitempty"`

	// Call and Return are nanoseconds of the machine's wall clock, rising within a
	// process, and comparable between processes of one machine whose clock is not
	// set meanwhile. A Return of 0 means that no answer came: the operation may
	// have taken effect at any time after its Call, or never.
	Call   int64 `json:"call"`
	Return int64 `json:"return,omitempty"`

	// Code is the answer, Error its text.
	Code  string `json:"code,omitempty"`
	Error string `json:"error,omitempty"`
	// RetryAfter is what a refusal said of trying again.
	RetryAfter time.Duration `json:"retry_after,omitempty"`
	State      order.State   `json:"state,omitempty"`
	Version    int           `json:"version,omitempty"`
	Gate       *stock.Counts `json:"gate,omitempty"`
}

// Pending reports whether no answer came.
func (o Op) Pending() bool { return o.Return == 0 }

// yes reports whether the answer was a yes.
func (o Op) yes() bool { return !o.Pending() && (o.Code == Accepted || o.Code == Replayed) }

// unsure reports whether the operation may have had an effect that its answer
// does not tell of, or may still have one.
func (o Op) unsure() bool {
	return o.Pending() || slices.Contains([]string{busy, outcomeUnknown, invalidTicket, "fault"}, o.Code)
}

// final reports whether the answer is a no that an attempt with an order must not
// get.
func (o Op) final() bool {
	return !o.Pending() && !o.yes() && !slices.Contains([]string{busy, outcomeUnknown, "fault"}, o.Code)
}

// String is the operation in one line.
func (o Op) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", time.Unix(0, o.Call).UTC().Format("15:04:05.000000"), o.ID, o.Kind)
	for _, f := range []struct{ name, value string }{
		{"node", o.Node}, {"user", o.User}, {"goods", o.Goods}, {"attempt", o.Attempt}, {"forged", o.Forged}, {"actor", o.Actor},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, " %s=%s", f.name, f.value)
		}
	}
	if o.Quantity != 0 {
		fmt.Fprintf(&b, " quantity=%d", o.Quantity)
	}
	if o.Pending() {
		b.WriteString(" → no answer")
		return b.String()
	}
	fmt.Fprintf(&b, " → %s", o.Code)
	if o.Order != "" {
		fmt.Fprintf(&b, " order=%s", o.Order)
	}
	if o.State != "" {
		fmt.Fprintf(&b, " %s v%d", o.State, o.Version)
	}
	fmt.Fprintf(&b, " after %v", time.Duration(o.Return-o.Call))
	if o.Error != "" {
		fmt.Fprintf(&b, " (%s)", o.Error)
	}
	return b.String()
}

// byCall sorts operations by their call.
func byCall(ops []Op) {
	slices.SortFunc(ops, func(a, b Op) int { return cmp.Or(cmp.Compare(a.Call, b.Call), cmp.Compare(a.ID, b.ID)) })
}

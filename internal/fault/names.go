package fault

import (
	"maps"
	"slices"
)

// points are all moments and what is true there.
var points = map[string]string{
	"sale.reserved":     "the gate holds the group's units, the ledger knows nothing",
	"ledger.written":    "the group's rows are written, COMMIT was not sent",
	"sale.committed":    "the group is durable, no buyer was answered, the gate only holds",
	"gate.untold":       "buyers are answered, the gate was not told",
	"gate.told":         "the gate was told, the node does not know that it was",
	"relay.published":   "the events are out, the outbox is not marked",
	"pay.asked":         "the order may be paid, the provider was not asked",
	"pay.taken":         "the provider took the money, nothing of it is durable here",
	"pay.enqueued":      "the payment is durable in the outbox, the buyer was not answered",
	"payments.read":     "payment events were read, no order has moved",
	"moves.written":     "the orders' moves are written, COMMIT was not sent",
	"orders.moved":      "the orders have moved, cancelled units are not back in the gate",
	"units.restored":    "cancelled units are back in the gate, the orders are not marked",
	"payments.handled":  "payment events were acted on, their offsets are not committed",
	"hold.buried":       "old holds are settled in the ledger, not in the gate",
	"load.stopped":      "the gate is closed, the row's fence is not raised",
	"total.half":        "one of ledger and gate has the new total",
	"load.opened":       "the row's fence is raised, the gate is empty",
	"reconcile.amended": "the ledger agrees with its orders again, the gate not yet with the ledger",
	"audit.begun":       "an operator's action is noted, nothing of it is done",
}

// Names are the names of all points, sorted.
func Names() []string { return slices.Sorted(maps.Keys(points)) }

// Meaning is what is true at a point, "" for one that there is not.
func Meaning(name string) string { return points[name] }

package order

import (
	"encoding/json"
	"strconv"
)

// Created returns the event of a new order: "order.created", with the attempt as
// its id.
func Created(o Order) Event {
	return o.event(o.Attempt, "order.created")
}

// Moved returns the event of an order's last move: "order.paid",
// "order.cancelled" or "order.refund_due", with "<order id>.<version>" as its id.
func Moved(o Order) Event {
	return o.event(o.ID+"."+strconv.Itoa(o.Version), "order."+string(o.State))
}

func (o Order) event(id, kind string) Event {
	data, _ := json.Marshal(o) // Cannot fail: strings, numbers and times of this era.
	return Event{ID: id, Type: kind, Version: 1, Key: o.ID, Time: o.UpdatedAt, Data: data}
}

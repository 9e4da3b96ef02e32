package order

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/seckill-go/seckill/internal/jsonappend"
	"github.com/seckill-go/seckill/internal/jsonflat"
)

// Events are written by appending: encoding/json's reflection, and its second look
// at what it wrote, are a large part of what it costs to send one. The bytes are
// the same.

// Created returns the event of a new order: "order.created", with the order's id.
func Created(o Order) Event {
	return o.event(o.ID, "order.created")
}

// Moved returns the event of an order's last move: "order.paid",
// "order.cancelled" or "order.refund_due", with "<order id>.<version>" as its id.
func Moved(o Order) Event {
	return o.event(o.ID+"."+strconv.Itoa(o.Version), "order."+string(o.State))
}

func (o *Order) event(id, kind string) Event {
	data, _ := o.appendJSON(make([]byte, 0, 448)) // Cannot fail: times of this era.
	return Event{ID: id, Type: kind, Version: 1, Key: o.ID, Time: o.UpdatedAt, Data: data}
}

// With returns the event with the trace.
func (e Event) With(t Trace) Event {
	e.Trace = t
	return e
}

// AppendJSON appends the event to b as encoding/json would, but for the data,
// whose bytes stay as they are. It returns an error if the data is not JSON, and
// if the time has a year of more than four digits; no data is null.
func (e Event) AppendJSON(b []byte) ([]byte, error) {
	if len(e.Data) == 0 {
		e.Data = json.RawMessage("null")
	} else if !jsonflat.Is(e.Data) && !json.Valid(e.Data) {
		return nil, fmt.Errorf("event %s: data is not JSON", e.ID)
	}
	b = jsonappend.String(append(b, `{"id":`...), e.ID)
	b = jsonappend.String(append(b, `,"type":`...), e.Type)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(e.Version), 10)
	b = jsonappend.String(append(b, `,"key":`...), e.Key)
	b, err := jsonappend.Time(append(b, `,"time":`...), e.Time)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", e.ID, err)
	}
	b = append(append(b, `,"data":`...), e.Data...)
	if e.Trace != "" {
		b = jsonappend.String(append(b, `,"traceparent":`...), string(e.Trace))
	}
	return append(b, '}'), nil
}

// appendJSON appends what encoding/json would.
func (o *Order) appendJSON(b []byte) ([]byte, error) {
	b = jsonappend.String(append(b, `{"order_id":`...), o.ID)
	b = jsonappend.String(append(b, `,"goods_id":`...), o.GoodsID)
	b = jsonappend.String(append(b, `,"user_id":`...), o.UserID)
	b = strconv.AppendInt(append(b, `,"quantity":`...), int64(o.Quantity), 10)
	b = strconv.AppendInt(append(b, `,"amount":`...), o.Amount, 10)
	b = jsonappend.String(append(b, `,"currency":`...), o.Currency)
	b = jsonappend.String(append(b, `,"state":`...), string(o.State))
	b = strconv.AppendInt(append(b, `,"version":`...), int64(o.Version), 10)
	if o.Reason != "" {
		b = jsonappend.String(append(b, `,"reason":`...), o.Reason)
	}
	if o.PaymentID != "" {
		b = jsonappend.String(append(b, `,"payment_id":`...), o.PaymentID)
	}
	b, err := jsonappend.Time(append(b, `,"created_at":`...), o.CreatedAt)
	if err != nil {
		return nil, err
	}
	if b, err = jsonappend.Time(append(b, `,"updated_at":`...), o.UpdatedAt); err != nil {
		return nil, err
	}
	if b, err = jsonappend.Time(append(b, `,"pay_by":`...), o.PayBy); err != nil {
		return nil, err
	}
	return append(b, '}'), nil
}

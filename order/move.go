package order

import "time"

// Apply returns the order after the change and whether it moved. It is the whole
// state machine, for implementations of [Ledger].
func (c Change) Apply(o Order) (Order, bool) {
	switch {
	case c.Move == Pay && o.State == Pending:
		o.State = Paid
	case c.Move == Pay && o.State == Cancelled:
		o.State = RefundDue
	case c.Move == Cancel && o.State == Pending:
		o.State, o.Reason = Cancelled, c.Reason
	default:
		return o, false
	}
	if c.PaymentID != "" {
		o.PaymentID = c.PaymentID
	}
	o.Version++
	o.UpdatedAt = Moment(c.At)
	return o, true
}

// Order returns the pending order that the draft becomes.
func (d Draft) Order(goodsID string) Order {
	return Order{
		ID:        d.ID,
		GoodsID:   goodsID,
		UserID:    d.UserID,
		Quantity:  d.Quantity,
		Amount:    d.Amount,
		Currency:  d.Currency,
		State:     Pending,
		Version:   1,
		CreatedAt: Moment(d.CreatedAt),
		UpdatedAt: Moment(d.CreatedAt),
		PayBy:     Moment(d.PayBy),
	}
}

// Moment cuts a time to what the ledger keeps: UTC, to the microsecond.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

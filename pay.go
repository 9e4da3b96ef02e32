package seckill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/stock"
)

// Order returns an order of the user. Refusal: OrderNotFound, also for somebody
// else's order.
func (e *Engine) Order(ctx context.Context, user, orderID string) (order.Order, error) {
	o, err := e.o.Orders.Get(ctx, orderID)
	switch {
	case errors.Is(err, order.ErrNotFound), err == nil && o.UserID != user:
		return order.Order{}, refuse(OrderNotFound, "")
	case err != nil:
		return order.Order{}, busy(err)
	}
	return o, nil
}

// Orders returns up to limit orders of the user, the last that was booked first,
// that were booked before his order with id after; "" starts with the last of all.
// limit is 1 to 1000.
func (e *Engine) Orders(ctx context.Context, user, after string, limit int) ([]order.Order, error) {
	if limit < 1 || limit > 1000 {
		return nil, refuse(InvalidRequest, fmt.Sprintf("limit: want 1 to 1000, got %d", limit))
	}
	list, err := e.o.Orders.List(ctx, user, after, limit)
	if err != nil {
		return nil, busy(err)
	}
	return list, nil
}

// Pay asks the gateway for the money of a pending order. nil means that the
// payment is under way: the order follows when its event arrives. Asking twice
// takes the money once. method is handed to the gateway.
//
// Refusals: OrderNotFound, NotPayable, Busy (the ledger did not answer, and the
// gateway was not asked) and OutcomeUnknown (the money may have been taken; ask
// again).
func (e *Engine) Pay(ctx context.Context, user, orderID, method string) error {
	ctx, stage := e.start(ctx, Stage{Name: StagePay, Size: 1})
	err := e.pay(ctx, user, orderID, method)
	stage.done(err)
	e.tally.payments.add(CodeOf(err))
	return err
}

func (e *Engine) pay(ctx context.Context, user, orderID, method string) error {
	o, err := e.Order(ctx, user, orderID)
	if err != nil {
		return err
	}
	if o.State != order.Pending || !e.o.Now().Before(o.PayBy) {
		return refuse(NotPayable, "the order is "+string(o.State)+" and was to be paid by "+o.PayBy.Format(time.RFC3339))
	}
	// From here on the money may be taken, so a buyer who leaves stops nothing.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), gatewayPatience)
	defer cancel()
	fault.Point("pay.asked")
	var r payment.Result
	err = guard(func() (err error) {
		r, err = e.o.Gateway.Pay(ctx, payment.Request{
			ID: o.ID, OrderID: o.ID, UserID: user, Amount: o.Amount, Currency: o.Currency, Method: method,
		})
		return err
	})
	switch {
	case err != nil:
		return outcomeUnknown(err)
	case r.Status == payment.Processing:
		return nil
	case r.Status != payment.Succeeded && r.Status != payment.Failed:
		return outcomeUnknown(fmt.Errorf("gateway: unknown status %.40q", r.Status))
	}
	fault.Point("pay.taken")
	event := payment.Event{
		ID: "pay-" + o.ID + "-" + string(r.Status), OrderID: o.ID, PaymentID: atMost(r.PaymentID, 128), Status: r.Status,
		Amount: o.Amount, Currency: o.Currency, Reason: atMost(r.Reason, 200), At: e.o.Now(),
	}
	return persist(context.WithoutCancel(ctx), e.o.CommitPatience, func(ctx context.Context) error {
		return e.enqueuePayment(ctx, event)
	})
}

// gatewayPatience bounds a call of the payment provider.
const gatewayPatience = 30 * time.Second

// atMost cuts a text to what the ledger's columns take.
func atMost(s string, bytes int) string {
	if len(s) > bytes {
		s = strings.ToValidUTF8(s[:bytes], "")
	}
	return s
}

// PaymentEvent takes in what a provider tells of a payment; the caller has checked
// that it comes from the provider. nil means that the event is durable, and the
// order follows. An event that was told before changes nothing.
//
// Refusals: InvalidRequest (the event is incomplete, or its amount is not the
// order's), OrderNotFound, Busy, and OutcomeUnknown (it may be durable; send it
// again).
func (e *Engine) PaymentEvent(ctx context.Context, p payment.Event) error {
	ctx, stage := e.start(ctx, Stage{Name: StageCallback, Size: 1})
	err := e.takeIn(ctx, p)
	stage.done(err)
	return err
}

func (e *Engine) takeIn(ctx context.Context, p payment.Event) error {
	if p.ID == "" || len(p.ID) > 128 || p.PaymentID == "" || len(p.PaymentID) > 128 {
		return refuse(InvalidRequest, "id, payment_id: want 1 to 128 bytes")
	}
	if p.Status != payment.Succeeded && p.Status != payment.Failed {
		return refuse(InvalidRequest, `status: want "succeeded" or "failed"`)
	}
	o, err := e.o.Orders.Get(ctx, p.OrderID)
	switch {
	case errors.Is(err, order.ErrNotFound):
		return refuse(OrderNotFound, "")
	case err != nil:
		return busy(err)
	case p.Status == payment.Succeeded && (p.Amount != o.Amount || p.Currency != o.Currency):
		return &Refusal{Code: InvalidRequest, Detail: "amount, currency: want the order's", Cause: payment.ErrMismatch}
	}
	return e.enqueuePayment(ctx, p)
}

// enqueuePayment makes the event durable in the outbox, from where it takes the
// same way as all events; a sink that is down does not stop payments.
func (e *Engine) enqueuePayment(ctx context.Context, p payment.Event) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	err = e.o.Orders.Enqueue(ctx, []order.Event{{
		ID: p.ID, Type: "payment." + string(p.Status), Version: 1, Key: p.OrderID, Time: p.At.UTC(), Data: body,
		Trace: e.inject(ctx),
	}})
	if err != nil {
		return outcomeUnknown(err)
	}
	fault.Point("pay.enqueued")
	e.signal()
	return nil
}

// moves are what payments do to orders.
var moves = map[payment.Status]order.Move{payment.Succeeded: order.Pay, payment.Failed: order.Cancel}

// applyPayments moves orders on by payment events, then tells the gate of those
// whose units went back.
func (e *Engine) applyPayments(ctx context.Context, events []order.Event) error {
	ctx, stage := e.start(ctx, Stage{Name: StageApply, Size: len(events), Links: e.origins(events)})
	err := e.applyByKey(ctx, events)
	stage.done(err)
	return err
}

// applyByKey parks the events of an order that the ledger cannot take, so that those
// of other orders do not wait for them.
func (e *Engine) applyByKey(ctx context.Context, events []order.Event) error {
	first, err := e.parkedKeys(ctx, order.PaymentLane)
	if err != nil {
		return err
	}
	cargo, parked := byKey(events, order.PaymentLane, first, e.o.Now())
	_, refused, err := isolate(ctx, cargo, func(ctx context.Context, cargo [][]order.Event) error {
		return e.move(ctx, e.changes(slices.Concat(cargo...)))
	})
	for _, r := range refused {
		parked = append(parked, asParked(r.piece, order.PaymentLane, r.why, e.o.Now())...)
	}
	if fault := e.park(ctx, parked); fault != nil {
		return fault
	}
	return err
}

func (e *Engine) changes(events []order.Event) []order.Change {
	changes := make([]order.Change, 0, len(events))
	for _, ev := range events {
		var p payment.Event
		if err := json.Unmarshal(ev.Data, &p); err != nil {
			e.log.Error("payment event not understood", "id", ev.ID, "error", err)
			continue
		}
		move, ok := moves[p.Status]
		if !ok {
			e.log.Error("payment event not understood", "id", ev.ID, "status", p.Status)
			continue
		}
		changes = append(changes, order.Change{
			EventID: ev.ID, OrderID: p.OrderID, Move: move,
			Reason: atMost(or(p.Reason, "payment failed"), 200), PaymentID: atMost(p.PaymentID, 128), At: e.o.Now(),
			Trace: ev.Trace,
		})
	}
	fault.Point("payments.read")
	return changes
}

// move applies changes in the ledger and restores what they cancelled.
func (e *Engine) move(ctx context.Context, changes []order.Change) error {
	if len(changes) == 0 {
		return nil
	}
	changed, err := e.o.Orders.Move(ctx, changes)
	if err != nil {
		return err
	}
	fault.Point("orders.moved")
	var cancelled []order.Order
	for _, c := range changed {
		if c.Moved {
			e.tally.moves.add(Code(c.Order.State))
		}
		if c.Known {
			e.tally.duplicates.add("inbox")
		}
		if c.Moved && c.Order.State == order.Cancelled {
			cancelled = append(cancelled, c.Order)
		}
	}
	e.signal()
	e.restore(ctx, cancelled)
	return nil
}

// restore gives the units of cancelled orders back to the gate. What fails here
// stays in the ledger's backlog and is tried again.
func (e *Engine) restore(ctx context.Context, cancelled []order.Order) {
	byGoods := make(map[string][]order.Order)
	for _, o := range cancelled {
		byGoods[o.GoodsID] = append(byGoods[o.GoodsID], o)
	}
	for goodsID, orders := range byGoods {
		if err := e.restoreGoods(ctx, goodsID, orders); err != nil {
			e.log.Warn("units not back in the gate yet", "goods", goodsID, "orders", len(orders), "error", err)
		}
	}
}

func (e *Engine) restoreGoods(ctx context.Context, goodsID string, orders []order.Order) (err error) {
	ctx, stage := e.start(ctx, Stage{Name: StageRestore, GoodsID: goodsID, Size: len(orders)})
	defer func() { stage.done(err) }()
	settlements := make([]stock.Settlement, len(orders))
	ids := make([]string, len(orders))
	for i, o := range orders {
		settlements[i] = settlement(o.ID, o.UserID, o.Quantity, order.Outcome{Status: order.Replayed, Order: o})
		ids[i] = o.ID
	}
	switch err := e.o.Stock.Settle(ctx, goodsID, settlements); {
	case errors.Is(err, stock.ErrNotLoaded):
		if retired, fault := e.retired(ctx, goodsID); !retired || fault != nil {
			return e.notLoaded(goodsID, err)
		}
		// There is no gate, and none of it is owed anything.
	case err != nil:
		return e.notLoaded(goodsID, err)
	}
	fault.Point("units.restored")
	e.counts.Forget(goodsID)
	return e.o.Orders.MarkRestored(ctx, ids)
}

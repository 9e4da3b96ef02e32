package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/stock"
)

// opened is an engine that runs, with units of goods 1001 on sale. closes ends it.
func opened(o seckill.Options, units int) (engine *seckill.Engine, closes func()) {
	ctx, stop := context.WithCancel(context.Background())
	engine = try(seckill.New(o))
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()

	now := time.Now()
	cup := goods.Goods{ID: "1001", Title: "Celadon cup", Price: 1999, Currency: "CNY", Total: units, StartsAt: now, EndsAt: now.Add(time.Hour)}
	try(engine.Admin("example").PutGoods(ctx, cup))
	try(engine.Admin("example").Preload(ctx, cup.ID))
	return engine, func() {
		stop()
		try(0, <-done)
	}
}

func try[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// bought is an order of one unit.
func bought(engine *seckill.Engine, user string) order.Order {
	ticket := try(engine.Ticket(context.Background(), user, "1001", 1))
	return try(engine.Purchase(context.Background(), user, "1001", ticket.Token)).Order
}

// awaited is the order once it has left the state pending.
func awaited(engine *seckill.Engine, o order.Order) order.Order {
	for ; o.State == order.Pending; time.Sleep(time.Millisecond) {
		o = try(engine.Order(context.Background(), o.UserID, o.ID))
	}
	return o
}

// A shop that has nothing else yet: every part is in memory.
func ExampleNew() {
	ctx, now := context.Background(), time.Now()
	engine, err := seckill.New(seckill.Options{})
	if err != nil {
		fmt.Println(err) // names every option that is out of range
		return
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }() // sends events, takes payments in, cancels what nobody pays

	cup := goods.Goods{ID: "1001", Title: "Celadon cup", Price: 1999, Currency: "CNY", Total: 3, StartsAt: now, EndsAt: now.Add(time.Hour)}
	if _, err := engine.Admin("ann").PutGoods(ctx, cup); err != nil {
		fmt.Println(err)
	}
	counts, err := engine.Admin("ann").Preload(ctx, cup.ID)
	fmt.Println(counts.Left, "on sale", err)

	ticket, err := engine.Ticket(ctx, "alice", cup.ID, 1)
	if err != nil {
		fmt.Println(err)
	}
	receipt, err := engine.Purchase(ctx, "alice", cup.ID, ticket.Token)
	fmt.Println(receipt.Order.UserID, receipt.Order.State, receipt.Order.Amount, receipt.Order.Currency, err)

	stop()
	fmt.Println(<-done)
	// Output:
	// 3 on sale <nil>
	// alice pending 1999 CNY <nil>
	// <nil>
}

// What is out of range is named, all of it at once.
func ExampleNew_options() {
	_, err := seckill.New(seckill.Options{TicketTTL: time.Millisecond, MaxGroup: 5000, Source: new(order.Bus)})
	fmt.Println(err)
	// Output:
	// seckill: options: Sink, Source: want both or none, got one
	// TicketTTL: want 1s to 1h0m0s, got 1ms
	// MaxGroup: want 1 to 1024, got 5000
}

// The same ticket again, after a lost answer or a double click, gets the same
// order.
func ExampleEngine_Purchase() {
	engine, closes := opened(seckill.Options{}, 3)
	defer closes()
	ctx := context.Background()

	ticket := try(engine.Ticket(ctx, "alice", "1001", 2))
	first := try(engine.Purchase(ctx, "alice", "1001", ticket.Token))
	again := try(engine.Purchase(ctx, "alice", "1001", ticket.Token))
	fmt.Println(first.Replayed, again.Replayed, first.Order.ID == again.Order.ID)
	fmt.Println(try(engine.Admin("ann").Preload(ctx, "1001")).Left, "left")

	_, err := engine.Purchase(ctx, "mallory", "1001", ticket.Token)
	fmt.Println(err)
	// Output:
	// false true true
	// 1 left
	// seckill: invalid_ticket
}

// A refusal has a code, and says whether to come again.
func ExampleRefusal() {
	engine, closes := opened(seckill.Options{}, 1)
	defer closes()
	ctx := context.Background()

	bobs := try(engine.Ticket(ctx, "bob", "1001", 1))
	bought(engine, "alice")
	_, err := engine.Purchase(ctx, "bob", "1001", bobs.Token)
	fmt.Println(errors.Is(err, seckill.SoldOut), seckill.CodeOf(err))

	_, err = engine.Ticket(ctx, "bob", "9999", 1)
	fmt.Println(err)
	try(engine.Admin("ann").SetEnabled(ctx, false))
	_, err = engine.Ticket(ctx, "bob", "1001", 1)
	if no, ok := errors.AsType[*seckill.Refusal](err); ok {
		fmt.Println(no.Code, no.RetryAfter > 0)
	}
	// Output:
	// true sold_out
	// seckill: goods_not_found
	// disabled true
}

// Pay starts the payment; the order follows when the provider's word arrives as an
// event. The units of a payment that fails are back on sale.
func ExampleEngine_Pay() {
	gate := new(stock.Memory)
	engine, closes := opened(seckill.Options{Stock: gate}, 2)
	defer closes()
	ctx := context.Background()

	alices, bobs := bought(engine, "alice"), bought(engine, "bob")
	try(0, engine.Pay(ctx, "alice", alices.ID, ""))
	try(0, engine.Pay(ctx, "bob", bobs.ID, payment.MethodFail))
	fmt.Println(awaited(engine, alices).State)
	fmt.Println(awaited(engine, bobs).State)

	for try(gate.Counts(ctx, "1001")).Left == 0 { // the ledger knows first, then the gate is told
		time.Sleep(time.Millisecond)
	}
	fmt.Println(bought(engine, "carol").State, "again")
	// Output:
	// paid
	// cancelled
	// pending again
}

// A provider that tells later calls back. What it tells twice happens once.
func ExampleEngine_PaymentEvent() {
	engine, closes := opened(seckill.Options{}, 1)
	defer closes()
	ctx := context.Background()

	o := bought(engine, "alice")
	told := payment.Event{
		ID: "evt_1", OrderID: o.ID, PaymentID: "pay_1", Status: payment.Succeeded, Amount: o.Amount, Currency: o.Currency, At: time.Now(),
	}
	fmt.Println(engine.PaymentEvent(ctx, told), engine.PaymentEvent(ctx, told))
	fmt.Println(awaited(engine, o).State)

	told.ID, told.Amount = "evt_2", 1
	fmt.Println(engine.PaymentEvent(ctx, told))
	// Output:
	// <nil> <nil>
	// paid
	// seckill: invalid_request: amount, currency: want the order's
}

// Settings change while the sale runs, on every node within a second.
func ExampleAdmin_SetRateLimit() {
	engine, closes := opened(seckill.Options{}, 10)
	defer closes()
	ctx := context.Background()

	live := try(engine.Admin("ann").SetRateLimit(ctx, 2, time.Minute))
	fmt.Println(live.RateLimit.Limit, "in", live.RateLimit.Window)
	for range 3 {
		_, err := engine.Ticket(ctx, "alice", "1001", 1)
		fmt.Println(err)
	}
	// Output:
	// 2 in 1m0s
	// <nil>
	// <nil>
	// seckill: rate_limited
}

func ExampleAdmin_Ban() {
	engine, closes := opened(seckill.Options{}, 10)
	defer closes()
	ctx := context.Background()

	try(engine.Admin("ann").Ban(ctx, "mallory", "a bot", 24*time.Hour))
	_, err := engine.Ticket(ctx, "mallory", "1001", 1)
	fmt.Println(err)
	fmt.Println(try(engine.Admin("ann").Unban(ctx, "mallory")))
	fmt.Println(bought(engine, "mallory").State)

	for _, row := range try(engine.Audits(ctx, 0, 2)) {
		fmt.Println(row.Actor, row.Action, row.Target)
	}
	// Output:
	// seckill: blacklisted
	// true
	// pending
	// ann blacklist remove mallory
	// ann blacklist add mallory
}

// A gate that forgot everything is filled again from the ledger, which is the
// truth. A second run finds nothing.
func ExampleAdmin_Reconcile() {
	gate := new(stock.Memory)
	engine, closes := opened(seckill.Options{Stock: gate}, 10)
	defer closes()
	ctx := context.Background()
	bought(engine, "alice")

	counts := try(gate.Counts(ctx, "1001"))
	for ; counts.Held > 0; counts = try(gate.Counts(ctx, "1001")) { // until the gate was told of the order
		time.Sleep(time.Millisecond)
	}
	try(gate.Load(ctx, "1001", counts.Fence, stock.Snapshot{Total: 10, Epoch: 2})) // somebody fills it without the order

	for _, dryRun := range []bool{true, false, true} {
		report := try(engine.Admin("ann").Reconcile(ctx, "1001", dryRun))
		fmt.Println(report.Gate.Left, "left,", report.Ledger.Sold, "sold of", report.Ledger.Total, report.Differences, len(report.Mended))
	}
	// Output:
	// 10 left, 1 sold of 10 [sold: gate 0, live orders 1] 0
	// 10 left, 1 sold of 10 [sold: gate 0, live orders 1] 1
	// 9 left, 1 sold of 10 [] 0
}

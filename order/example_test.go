package order_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/order"
)

// The ledger decides, whatever the gate has let through, and what is true has its
// event in the outbox.
func Example() {
	ctx, at := context.Background(), time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	ledger := new(order.Memory)
	ledger.Open(ctx, "1001", 1, 2)
	draft := func(id string, quantity int) order.Draft {
		return order.Draft{
			ID: id, UserID: "alice", Quantity: quantity,
			Amount: int64(quantity) * 1999, Currency: "CNY", CreatedAt: at, PayBy: at.Add(15 * time.Minute),
		}
	}
	group := []order.Draft{draft("o1", 1), draft("o2", 2), draft("o3", 1)}
	outcomes, err := ledger.Commit(ctx, "1001", 1, group)
	for _, o := range outcomes {
		fmt.Print(o.Status, ", ")
	}
	fmt.Println(err)

	outcomes, err = ledger.Commit(ctx, "1001", 1, group[:1]) // the answer was lost: ask again
	fmt.Println(outcomes[0].Status, outcomes[0].Order.ID, err)

	changed, err := ledger.Move(ctx, []order.Change{{EventID: "e1", OrderID: "o1", Move: order.Pay, PaymentID: "pay_1", At: at}})
	fmt.Println(changed[0].Order.State, err)

	batches, _, err := ledger.Pending(ctx, 10)
	for _, batch := range batches {
		for _, event := range batch.Events {
			fmt.Println(event.Type, event.Key)
		}
	}
	fmt.Println(err)
	// Output:
	// committed, sold out, committed, <nil>
	// replayed o1 <nil>
	// paid <nil>
	// order.created o1
	// order.created o3
	// order.paid o1
	// <nil>
}

// An attempt that was buried has no order for ever: then its hold may be released.
func ExampleLedger_bury() {
	ctx, ledger := context.Background(), new(order.Memory)
	ledger.Open(ctx, "1001", 1, 2)

	buried, err := ledger.Bury(ctx, "1001", []string{"a1"})
	fmt.Println(buried[0].Status, err)
	late, err := ledger.Commit(ctx, "1001", 1, []order.Draft{{ID: "a1", UserID: "alice", Quantity: 1, Currency: "CNY"}})
	fmt.Println(late[0].Status, err)

	ledger.Open(ctx, "1001", 5, 2) // an exclusive holder was here
	_, err = ledger.Commit(ctx, "1001", 1, []order.Draft{{ID: "a2", UserID: "bob", Quantity: 1, Currency: "CNY"}})
	fmt.Println(errors.Is(err, order.ErrFenced))
	// Output:
	// buried <nil>
	// buried <nil>
	// true
}

// A consumer does each event id once, as events come at least once.
func ExampleSink() {
	ctx := context.Background()
	invoices := sink(func(events []order.Event) {
		for _, e := range events {
			fmt.Println(e.Type, e.ID, string(e.Data))
		}
	})
	bus := &order.Bus{Orders: invoices} // inside one process; package kafkaorder is for many
	err := bus.Publish(ctx, []order.Event{{ID: "a1", Type: "order.created", Version: 1, Key: "o1", Data: []byte(`{"order_id":"o1"}`)}})
	fmt.Println(err)
	// Output:
	// order.created a1 {"order_id":"o1"}
	// <nil>
}

type sink func([]order.Event)

func (s sink) Publish(_ context.Context, events []order.Event) error {
	s(events)
	return nil
}

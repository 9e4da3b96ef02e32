package seckill_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
)

// A shop moves in with orders that it has taken elsewhere: they are booked in the
// ledger, up to 512 in one call, and the gate is filled from there. The ids are the
// shop's own, so importing again changes nothing.
func Example_import() {
	ledger := new(order.Memory)
	engine, closes := opened(seckill.Options{Orders: ledger}, 100)
	defer closes()
	ctx, at := context.Background(), time.Now()

	drafts := []order.Draft{
		{ID: "old-1", UserID: "alice", Quantity: 2, Amount: 3998, Currency: "CNY", CreatedAt: at, PayBy: at.Add(time.Hour)},
		{ID: "old-2", UserID: "bob", Quantity: 1, Amount: 1999, Currency: "CNY", CreatedAt: at, PayBy: at.Add(time.Hour)},
	}
	for range 2 {
		outcomes, err := ledger.Commit(ctx, "1001", 0, drafts)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(outcomes[0].Status, outcomes[1].Status)
	}
	_, err := ledger.Move(ctx, []order.Change{{EventID: "paid-old-1", OrderID: "old-1", Move: order.Pay, PaymentID: "p1", At: at}})
	if err != nil {
		fmt.Println(err)
		return
	}
	counts, err := engine.Admin("import").Preload(ctx, "1001")
	fmt.Println(counts.Left, "left,", counts.Sold, "sold", err)
	o, err := engine.Order(ctx, "alice", "old-1")
	fmt.Println(o.State, err)
	// Output:
	// committed committed
	// replayed replayed
	// 97 left, 3 sold <nil>
	// paid <nil>
}

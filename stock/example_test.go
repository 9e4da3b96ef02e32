package stock_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/seckill-go/seckill/stock"
)

// A group of buyers goes through the gate in one step, each for himself, and the
// ledger's word settles what became of them. The numbers add up at every moment.
func Example() {
	ctx, gate := context.Background(), new(stock.Memory)
	show := func() {
		c, err := gate.Counts(ctx, "1001")
		fmt.Println(c.Left, "left", c.Held, "held", c.Sold, "sold", c.Conserved(), err)
	}
	gate.Stop(ctx, "1001", 1)
	gate.Load(ctx, "1001", 1, stock.Snapshot{Total: 3, Epoch: 1})

	r, err := gate.Reserve(ctx, "1001", 1, []stock.Request{
		{Attempt: "a1", User: "alice", Quantity: 2},
		{Attempt: "b1", User: "bob", Quantity: 2},
		{Attempt: "c1", User: "carol", Quantity: 1},
	})
	fmt.Println(r.Statuses, err)
	show()

	gate.Settle(ctx, "1001", []stock.Settlement{
		{Attempt: "a1", User: "alice", Quantity: 2, Verdict: stock.Confirm},
		{Attempt: "c1", User: "carol", Quantity: 1, Verdict: stock.Release},
	})
	show()
	r, _ = gate.Reserve(ctx, "1001", 1, []stock.Request{{Attempt: "a1", User: "alice", Quantity: 2}})
	fmt.Println(r.Statuses) // the same attempt takes nothing more
	// Output:
	// [reserved sold out reserved] <nil>
	// 0 left 3 held 0 sold true <nil>
	// 1 left 0 held 2 sold true <nil>
	// [sold]
}

// A gate without numbers says so, and never that it is sold out. One whose lease is
// over is refused.
func ExampleErrFenced() {
	ctx, gate := context.Background(), new(stock.Memory)
	buyer := []stock.Request{{Attempt: "a1", User: "alice", Quantity: 1}}

	_, err := gate.Reserve(ctx, "1001", 7, buyer)
	fmt.Println(errors.Is(err, stock.ErrNotLoaded))
	gate.Stop(ctx, "1001", 8)
	gate.Load(ctx, "1001", 8, stock.Snapshot{Total: 3, Epoch: 1})
	_, err = gate.Reserve(ctx, "1001", 7, buyer)
	fmt.Println(errors.Is(err, stock.ErrFenced))
	// Output:
	// true
	// true
}

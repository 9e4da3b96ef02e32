package seckilltest_test

import (
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/seckilltest"
)

// A test of the shop has this as its body; t is the test's.
func ExampleStart() {
	test := func(t *testing.T) {
		shop := seckilltest.Start(t)
		cup := shop.OnSale("1001", 3)

		ticket, err := shop.Ticket(t.Context(), "alice", cup.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := shop.Purchase(t.Context(), "alice", cup.ID, ticket.Token)
		if err != nil || receipt.Order.State != "pending" {
			t.Fatal(receipt, err)
		}
	}
	_ = test
}

// Whoever writes adapters tortures them. The parts stand for theirs.
func ExampleTorture() {
	parts, adapters := inMemory()
	test := func(t *testing.T) {
		adapters.Node = func() (seckill.Options, error) { return parts, nil }
		seckilltest.Torture(t, adapters, seckilltest.Options{Seed: 1})
	}
	_ = test
}

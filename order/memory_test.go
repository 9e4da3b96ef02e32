package order_test

import (
	"testing"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/ordertest"
)

func TestMemoryKeepsTheLaws(t *testing.T) {
	ordertest.RunStore(t, func(*testing.T) order.Store { return new(order.Memory) })
}

func TestAmendMakesRowAndEntriesAgreeWithTheOrders(t *testing.T) {
	m := new(order.Memory)
	if _, err := m.Open(t.Context(), "1001", 1, 10); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Commit(t.Context(), "1001", 1, []order.Draft{{ID: "o-1", UserID: "ada", Quantity: 3}}); err != nil {
		t.Fatal(err)
	}
	m.Drift("1001", 4, -1)
	want := order.Stock{GoodsID: "1001", Total: 10, Sold: 3, Fence: 2, Epoch: 1}
	if row, err := m.Amend(t.Context(), "1001", 2); row != want || err != nil {
		t.Errorf("got %+v, %v, want %+v", row, err, want)
	}
}

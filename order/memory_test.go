package order_test

import (
	"testing"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/ordertest"
)

func TestMemoryKeepsTheLaws(t *testing.T) {
	ordertest.RunStore(t, func(*testing.T) order.Store { return new(order.Memory) })
}

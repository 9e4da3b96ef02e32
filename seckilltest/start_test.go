package seckilltest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/seckilltest"
)

func TestAShopSellsAtOnceAndTakesPayments(t *testing.T) {
	t.Parallel()
	shop := seckilltest.Start(t, func(o *seckill.Options) { o.PayWithin = time.Hour })
	cup := shop.OnSale("1001", 1)
	ticket, err := shop.Ticket(t.Context(), "alice", cup.ID, 1)
	require.NoError(t, err)
	late, err := shop.Ticket(t.Context(), "bob", cup.ID, 1)
	require.NoError(t, err)
	receipt, err := shop.Purchase(t.Context(), "alice", cup.ID, ticket.Token)
	require.NoError(t, err)
	_, err = shop.Purchase(t.Context(), "bob", cup.ID, late.Token)
	require.ErrorIs(t, err, seckill.SoldOut)
	require.NoError(t, shop.Pay(t.Context(), "alice", receipt.Order.ID, ""))
	require.Eventually(t, func() bool {
		o, err := shop.Parts.Orders.Get(t.Context(), receipt.Order.ID)
		return err == nil && o.State == order.Paid
	}, 10*time.Second, time.Millisecond)
}

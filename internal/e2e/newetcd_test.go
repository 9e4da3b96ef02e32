//go:build !real

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/standard"
)

// An etcd that begins anew gives fences below those in database and Redis. Nothing
// is sold then, until an operator has done what docs/operations.md says.
func TestAnEtcdThatBeganAnewSellsAfterTheRunbooksSteps(t *testing.T) {
	c := clients(t)
	for i := range 300 { // the old etcd has seen much
		_, err := c.Etcd.Put(t.Context(), "other", fmt.Sprint(i))
		require.NoError(t, err)
	}
	old := openOn(t, c, 20, 0)
	require.Len(t, saletest.Winners(t, old.rush(5, 5)), 5)

	etcd, err := etcdserver.Start(t.Context(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, etcd.Close()) })
	c.Etcd, err = etcd.Client()
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Etcd.Close() })
	o, err := standard.Options(c)
	require.NoError(t, err)
	e, err := seckill.New(o)
	require.NoError(t, err)
	ticket, err := e.Ticket(t.Context(), "late", "1001", 1)
	require.NoError(t, err)
	_, err = e.Purchase(t.Context(), "late", "1001", ticket.Token)
	require.ErrorIs(t, err, seckill.Busy, "the new etcd's fences are below the row's")

	old.exec("UPDATE seckill_stock SET fence = 0")
	require.NoError(t, c.Redis.Del(t.Context(), "seckill:{1001}:sale").Err())
	anew := openOn(t, c, 20, 0)
	require.Len(t, saletest.Winners(t, anew.rush(40, 40), seckill.SoldOut, seckill.Busy), 15, "a gate that was filled anew is busy while units are held")
}

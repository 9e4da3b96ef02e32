package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
)

// readCatalog counts what is read of it.
type readCatalog struct {
	goods.Memory
	reads atomic.Int64
}

func (c *readCatalog) Get(ctx context.Context, id string) (goods.Goods, error) {
	c.reads.Add(1)
	return c.Memory.Get(ctx, id)
}

func (c *readCatalog) List(ctx context.Context) ([]goods.Goods, error) {
	c.reads.Add(1)
	return c.Memory.List(ctx)
}

// Neither route to the catalog is limited in rate before the goods is looked up.
func TestInventedGoodsCostOneReadASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		catalog := new(readCatalog)
		s := open(t, 10, 0, func(o *seckill.Options) { o.Catalog = catalog })
		if _, err := s.Goods(t.Context(), "1001"); err != nil {
			t.Fatal(err)
		}
		for second := range 3 {
			time.Sleep(time.Second)
			before := catalog.reads.Load()
			for i := range 15_000 { // more than the node keeps in memory
				id := fmt.Sprintf("invented-%d-%d", second, i)
				_, ticketErr := s.Ticket(t.Context(), "alice", id, 1)
				_, goodsErr := s.Goods(t.Context(), id)
				if !errors.Is(ticketErr, seckill.GoodsNotFound) || !errors.Is(goodsErr, seckill.GoodsNotFound) {
					t.Fatal(ticketErr, goodsErr)
				}
				if i%1000 == 0 { // what is on sale is found meanwhile, and stays in memory
					if _, err := s.Goods(t.Context(), "1001"); err != nil {
						t.Fatal(err)
					}
				}
			}
			if reads := catalog.reads.Load() - before; reads != 2 { // the list, and goods 1001
				t.Errorf("second %d: %d reads of the catalog", second, reads)
			}
		}
	})
}

func TestANewGoodsIsFoundAtOnceHereAndWithinASecondElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		catalog := new(readCatalog)
		s := open(t, 10, 0, func(o *seckill.Options) { o.Catalog = catalog })
		if _, err := s.Goods(t.Context(), "2001"); !errors.Is(err, seckill.GoodsNotFound) {
			t.Fatal(err)
		}
		g := goods.Goods{ID: "2001", Title: "Cup", Currency: "CNY", Total: 1, StartsAt: time.Now(), EndsAt: time.Now().Add(time.Hour)}
		if _, err := s.Admin("test").PutGoods(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Goods(t.Context(), "2001"); err != nil {
			t.Error("here:", err)
		}
		g.ID = "2002"
		if _, err := catalog.Put(t.Context(), g); err != nil { // another node does
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if _, err := s.Goods(t.Context(), "2002"); err != nil {
			t.Error("elsewhere:", err)
		}
	})
}

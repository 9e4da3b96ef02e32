package goodstest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/goods/goodstest"
)

func TestMemoryKeepsTheLaws(t *testing.T) {
	goodstest.Run(t, func(*testing.T) goods.Catalog { return new(goods.Memory) })
}

// Doubles that are careless in one way each.
type (
	forgetful  struct{ goods.Memory } // drops the subtitle
	firstWins  struct{ goods.Memory } // never replaces
	trusting   struct{ goods.Memory } // does not report what is wrong
	caseless   struct{ goods.Memory }
	incomplete struct{ goods.Memory } // lists all but one
	deaf       struct{ goods.Memory } // does not mind its context
	phantom    struct{ goods.Memory } // finds what is not there
	nostalgic  struct{ goods.Memory } // retires nothing
)

func (c *forgetful) Put(ctx context.Context, g goods.Goods) (bool, error) {
	g.Subtitle = ""
	return c.Memory.Put(ctx, g)
}

func (c *firstWins) Put(ctx context.Context, g goods.Goods) (bool, error) {
	if _, err := c.Get(ctx, g.ID); err == nil {
		return false, g.Validate()
	}
	return c.Memory.Put(ctx, g)
}

func (c *trusting) Put(ctx context.Context, g goods.Goods) (bool, error) {
	created, err := c.Memory.Put(ctx, g)
	if g.Validate() != nil {
		return created, nil
	}
	return created, err
}

func (c *caseless) Put(ctx context.Context, g goods.Goods) (bool, error) {
	g.ID = strings.ToLower(g.ID)
	return c.Memory.Put(ctx, g)
}

func (c *caseless) Get(ctx context.Context, id string) (goods.Goods, error) {
	return c.Memory.Get(ctx, strings.ToLower(id))
}

func (c *incomplete) List(ctx context.Context) ([]goods.Goods, error) {
	all, err := c.Memory.List(ctx)
	return all[:max(0, len(all)-1)], err
}

func (c *deaf) Put(ctx context.Context, g goods.Goods) (bool, error) {
	return c.Memory.Put(context.WithoutCancel(ctx), g)
}

func (c *nostalgic) Put(ctx context.Context, g goods.Goods) (bool, error) {
	g.RetiredAt = time.Time{}
	return c.Memory.Put(ctx, g)
}

func (c *phantom) Get(ctx context.Context, id string) (goods.Goods, error) {
	g, _ := c.Memory.Get(ctx, id)
	return g, ctx.Err()
}

func TestTheSuiteCatchesCarelessCatalogs(t *testing.T) {
	for law, double := range map[string]func() goods.Catalog{
		"KeepsEveryField":   func() goods.Catalog { return new(forgetful) },
		"PutReplaces":       func() goods.Catalog { return new(firstWins) },
		"RefusesInvalid":    func() goods.Catalog { return new(trusting) },
		"IDsHaveCase":       func() goods.Catalog { return new(caseless) },
		"ListsNoRetired":    func() goods.Catalog { return new(nostalgic) },
		"ListsAllByID":      func() goods.Catalog { return new(incomplete) },
		"MindsItsContext":   func() goods.Catalog { return new(deaf) },
		"UnknownIsNotFound": func() goods.Catalog { return new(phantom) },
	} {
		caught := false
		for _, v := range goodstest.Check(t.Context(), double) {
			caught = caught || v.Law == law
		}
		if !caught {
			t.Errorf("a catalog that breaks %s was not caught", law)
		}
	}
}

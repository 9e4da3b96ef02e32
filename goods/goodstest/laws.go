package goodstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seckill-go/seckill/goods"
)

var laws = []law{
	{"UnknownIsNotFound", "Get of an id that nobody put is ErrNotFound.", unknown},
	{"KeepsEveryField", "What was put is what Get returns, times in UTC to the microsecond.", keeps},
	{"PutReplaces", "Put replaces the goods of the same id, and reports whether it was added.", replaces},
	{"RefusesInvalid", "Put of an invalid goods matches ErrInvalid and changes nothing.", refusesInvalid},
	{"IDsHaveCase", "Ids that differ in case are different goods.", idsHaveCase},
	{"ListsAllByID", "List returns all goods that are not retired, sorted by id.", lists},
	{"ListsNoRetired", "A retired goods is not listed, and found still, until it is put without that.", listsNoRetired},
	{"ConcurrentPutsKeepOne", "Of concurrent puts of one id, one adds it and one whole goods is kept.", concurrent},
	{"MindsItsContext", "A call whose context has ended returns the context's error.", minds},
}

var start = time.Date(2026, 6, 18, 12, 0, 0, 123456789, time.FixedZone("CST", 8*3600))

func sample(id string) goods.Goods {
	return goods.Goods{
		ID: id, Title: "手机 'Pro' 📱", Subtitle: `50 % off; "today"`, Price: 199900, OriginalPrice: 399900, Currency: "CNY",
		Total: 100, LimitPerUser: 2, StartsAt: start, EndsAt: start.Add(time.Hour),
	}
}

// kept is what a catalog makes of a goods.
func kept(g goods.Goods) goods.Goods {
	g.StartsAt, g.EndsAt, g.RetiredAt = goods.Moment(g.StartsAt), goods.Moment(g.EndsAt), goods.Moment(g.RetiredAt)
	return g
}

func want(ctx context.Context, c goods.Catalog, g goods.Goods) error {
	got, err := c.Get(ctx, g.ID)
	if err != nil {
		return fmt.Errorf("Get(%q): %w", g.ID, err)
	}
	if got != kept(g) {
		return fmt.Errorf("Get(%q): want %+v, got %+v", g.ID, kept(g), got)
	}
	return nil
}

func put(ctx context.Context, c goods.Catalog, g goods.Goods, created bool) error {
	got, err := c.Put(ctx, g)
	if err != nil || got != created {
		return fmt.Errorf("Put(%q): want created %v, got %v, %v", g.ID, created, got, err)
	}
	return want(ctx, c, g)
}

func unknown(ctx context.Context, c goods.Catalog) error {
	if _, err := c.Get(ctx, "1001"); !errors.Is(err, goods.ErrNotFound) {
		return fmt.Errorf("want ErrNotFound, got %v", err)
	}
	return nil
}

func keeps(ctx context.Context, c goods.Catalog) error {
	least := goods.Goods{ID: "a", Title: "t", Currency: "USD", Total: 1, StartsAt: start, EndsAt: start.Add(time.Microsecond)}
	return errors.Join(put(ctx, c, sample("1001"), true), put(ctx, c, least, true))
}

func replaces(ctx context.Context, c goods.Catalog) error {
	g := sample("1001")
	if err := errors.Join(put(ctx, c, g, true), put(ctx, c, g, false)); err != nil {
		return err
	}
	g.Title, g.Subtitle, g.Price, g.OriginalPrice, g.Currency = "new", "", 0, 0, "EUR"
	g.Total, g.LimitPerUser, g.StartsAt, g.EndsAt = 7, 0, start.Add(time.Hour), start.Add(2*time.Hour)
	return put(ctx, c, g, false)
}

func refusesInvalid(ctx context.Context, c goods.Catalog) error {
	before := sample("1001")
	if err := put(ctx, c, before, true); err != nil {
		return err
	}
	bad, brief := before, before
	bad.Total, bad.EndsAt = -1, bad.StartsAt
	brief.EndsAt = brief.StartsAt.Add(time.Nanosecond) // nothing, once cut to the microsecond
	for _, g := range []goods.Goods{bad, brief} {
		if _, err := c.Put(ctx, g); !errors.Is(err, goods.ErrInvalid) {
			return fmt.Errorf("want ErrInvalid, got %v", err)
		}
	}
	return want(ctx, c, before)
}

func idsHaveCase(ctx context.Context, c goods.Catalog) error {
	upper := sample("Phone")
	upper.Total = 5
	return errors.Join(put(ctx, c, sample("phone"), true), put(ctx, c, upper, true), want(ctx, c, sample("phone")))
}

func lists(ctx context.Context, c goods.Catalog) error {
	ids := []string{"b-1", "a", "10", "9", "Z", "_x"}
	for _, id := range ids {
		if err := put(ctx, c, sample(id), true); err != nil {
			return err
		}
	}
	slices.Sort(ids)
	all, err := c.List(ctx)
	if err != nil || len(all) != len(ids) {
		return fmt.Errorf("List: want %d goods, got %d, %v", len(ids), len(all), err)
	}
	for i, g := range all {
		if g != kept(sample(ids[i])) {
			return fmt.Errorf("List: want %q at %d, got %+v", ids[i], i, g)
		}
	}
	return nil
}

func listsNoRetired(ctx context.Context, c goods.Catalog) error {
	old, other := sample("old"), sample("other")
	old.RetiredAt = start.Add(2 * time.Hour)
	if err := errors.Join(put(ctx, c, old, true), put(ctx, c, other, true)); err != nil {
		return err
	}
	if all, err := c.List(ctx); err != nil || len(all) != 1 || all[0] != kept(other) {
		return fmt.Errorf("List: want %q alone, got %+v, %v", other.ID, all, err)
	}
	old.RetiredAt = time.Time{}
	if err := put(ctx, c, old, false); err != nil {
		return err
	}
	if all, err := c.List(ctx); err != nil || len(all) != 2 {
		return fmt.Errorf("List: want two goods, got %+v, %v", all, err)
	}
	return nil
}

func concurrent(ctx context.Context, c goods.Catalog) error {
	const puts = 20
	var all sync.WaitGroup
	var mu sync.Mutex
	var faults []error
	added := 0
	for i := range puts {
		all.Go(func() {
			g := sample("1001")
			g.Price, g.OriginalPrice = int64(i), int64(i)
			created, err := c.Put(ctx, g)
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, err)
			if created {
				added++
			}
		})
	}
	all.Wait()
	if err := errors.Join(faults...); err != nil || added != 1 {
		return fmt.Errorf("want one of %d puts to add, got %d, %v", puts, added, err)
	}
	g, err := c.Get(ctx, "1001")
	if err != nil || g.Price != g.OriginalPrice {
		return fmt.Errorf("want one whole goods, got %+v, %v", g, err)
	}
	return nil
}

func minds(ctx context.Context, c goods.Catalog) error {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, get := c.Get(ended, "1001")
	_, put := c.Put(ended, sample("1001"))
	_, list := c.List(ended)
	for call, err := range map[string]error{"Get": get, "Put": put, "List": list} {
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("%s: want context.Canceled, got %v", call, err)
		}
	}
	if _, err := c.Get(ctx, "1001"); !errors.Is(err, goods.ErrNotFound) {
		return fmt.Errorf("a call with an ended context: want nothing put, got %v", err)
	}
	return nil
}

package check_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// crowd makes the history of so many clients at a gate that is right: each of
// their purchases takes effect at one moment of its call, some are not answered,
// some orders are cancelled and their units sold again.
func crowd(seed uint64, clients, purchases, total, limit int) ([]check.Op, check.Dump) {
	r := rand.New(rand.NewPCG(seed, 1))
	d := check.Dump{Goods: []check.GoodsDump{{
		Goods: goods.Goods{ID: "1001", Total: total, LimitPerUser: limit, StartsAt: base.Add(-time.Hour), EndsAt: base.Add(time.Hour)},
	}}}
	var ops []check.Op
	free := make([]int64, clients) // when a client asks next
	left, users := total, map[string]int{}
	for i := range purchases {
		c := i % clients
		call := base.UnixNano() + free[c] + r.Int64N(1000)
		at := call + r.Int64N(2000)
		free[c] = at + r.Int64N(2000) - base.UnixNano()
		ops = append(ops, check.Op{
			ID: fmt.Sprint(i), Kind: check.Purchase, User: fmt.Sprintf("user-%d", r.IntN(purchases/4)), Goods: "1001",
			Attempt: fmt.Sprintf("attempt-%d", i), Quantity: 1 + r.IntN(2), Call: call, Return: at,
		})
	}
	// Effects happen in the order of their moments, which Return is until now.
	for _, i := range byReturn(ops) {
		op := &ops[i]
		at := op.Return
		op.Return = at + r.Int64N(500) + 1
		switch {
		case limit > 0 && users[op.User]+op.Quantity > limit:
			op.Code = "limit_reached"
		case op.Quantity > left:
			op.Code = "sold_out"
		default:
			left -= op.Quantity
			users[op.User] += op.Quantity
			o := order.Draft{ID: op.Attempt, UserID: op.User, Quantity: op.Quantity, CreatedAt: time.Unix(0, at)}.Order("1001")
			op.Code, op.Order = check.Accepted, o.ID
			if r.IntN(8) == 0 {
				o.State, o.Version, o.UpdatedAt = order.Cancelled, 2, o.CreatedAt
				left += op.Quantity
				users[op.User] -= op.Quantity
			}
			d.Orders = append(d.Orders, o)
		}
		if r.IntN(20) == 0 {
			op.Return, op.Code, op.Order = 0, "", ""
		}
	}
	d.Goods[0].Ledger = order.Recount{
		Stock: order.Stock{GoodsID: "1001", Total: total, Sold: total - left}, Ordered: total - left, Entries: total - left,
	}
	d.Goods[0].Gate = &stock.Counts{Total: total, Left: left, Sold: total - left}
	return ops, d
}

func byReturn(ops []check.Op) []int {
	order := make([]int, len(ops))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(ops[x].Return, ops[y].Return) })
	return order
}

func TestLargeHistoriesOfAnHonestGatePass(t *testing.T) {
	decided := 0
	for seed := range uint64(4) {
		ops, d := crowd(seed, 64, 5000, 1500, 3)
		start := time.Now()
		r := check.Check(ops, d, check.Rules{SearchFor: 5 * time.Second})
		if err := r.Err(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		got := r.Result("I11")
		if got.Status == check.Held {
			decided++
		}
		t.Logf("seed %d: %s after %v %s", seed, got.Status, time.Since(start).Round(time.Millisecond), got.Note)
	}
	if decided == 0 {
		t.Error("none was decided")
	}
}

// TestALieInALargeHistoryIsFound hides answers that exclude each other, of which no
// single one is impossible, behind 2,000 others.
func TestALieInALargeHistoryIsFound(t *testing.T) {
	s := honest()
	s.total(2005)
	start := s.now
	for i := range 2000 {
		s.buy(fmt.Sprintf("user-%d", i), 1)
		op := &s.ops[len(s.ops)-1]
		op.Call = start.Add(time.Duration(i/64) * time.Millisecond).UnixNano()
		op.Return = op.Call + int64(i%64+1)*int64(time.Millisecond)
	}
	s.refused("late", "sold_out", 6)
	contradict(s, 2006)
	s.rules.SearchFor = 500 * time.Millisecond
	if r := check.Check(s.ops, s.dump, s.rules); r.Result("I11").Status != check.Violated {
		t.Error(r)
	}
}

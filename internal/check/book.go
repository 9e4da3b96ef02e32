package check

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/seckill-go/seckill/order"
)

// book is history and dump, indexed.
type book struct {
	ops      []Op
	dump     Dump
	rules    Rules
	orders   map[string]order.Order   // by id
	of       map[string][]order.Order // by attempt
	attempts []*attempt               // sorted by their first call
	named    map[string]*attempt
	goods    map[string]*GoodsDump
	figure   *figure
}

// attempt is one genuine ticket and what was done with it.
type attempt struct {
	id, user, goods string
	quantity        int
	ops             []Op // purchases, by call
}

// never is a time after every other.
const never = math.MaxInt64

func newBook(history []Op, dump Dump, rules Rules) *book {
	b := &book{
		ops: slices.Clone(history), dump: dump, rules: rules,
		orders: map[string]order.Order{}, of: map[string][]order.Order{},
		named: map[string]*attempt{}, goods: map[string]*GoodsDump{},
	}
	byCall(b.ops)
	for i := range dump.Goods {
		b.goods[dump.Goods[i].Goods.ID] = &dump.Goods[i]
	}
	b.dump.Orders = slices.SortedFunc(slices.Values(dump.Orders), func(x, y order.Order) int { return cmp.Compare(x.ID, y.ID) })
	for _, o := range b.dump.Orders {
		b.orders[o.ID] = o
		b.of[o.ID] = append(b.of[o.ID], o)
	}
	for _, op := range b.ops {
		if op.Kind != Purchase || op.Forged != "" || op.Attempt == "" {
			continue
		}
		a := b.named[op.Attempt]
		if a == nil {
			a = &attempt{id: op.Attempt, user: op.User, goods: op.Goods, quantity: max(op.Quantity, 1)}
			b.named[op.Attempt] = a
			b.attempts = append(b.attempts, a)
		}
		a.ops = append(a.ops, op)
	}
	return b
}

// kind yields the operations of a kind, by call.
func (b *book) kind(k Kind) (ops []Op) {
	for _, op := range b.ops {
		if op.Kind == k {
			ops = append(ops, op)
		}
	}
	return ops
}

// sale is the orders of one goods.
func (b *book) sale(goodsID string) (orders []order.Order) {
	for _, o := range b.dump.Orders {
		if o.GoodsID == goodsID {
			orders = append(orders, o)
		}
	}
	return orders
}

// live adds up the units of live orders, in all and by user.
func live(orders []order.Order) (n int, users map[string]int) {
	users = map[string]int{}
	for _, o := range orders {
		if o.State.Live() {
			n += o.Quantity
			users[o.UserID] += o.Quantity
		}
	}
	return n, users
}

// about returns the purchases of an attempt.
func (b *book) about(attemptID string) []Op {
	if a := b.named[attemptID]; a != nil {
		return a.ops
	}
	return nil
}

// sorted returns the keys of a map in their order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// firstYes is when the attempt's first yes came, never if none did.
func (a *attempt) firstYes() int64 {
	first := int64(never)
	for _, op := range a.ops {
		if op.yes() {
			first = min(first, op.Return)
		}
	}
	return first
}

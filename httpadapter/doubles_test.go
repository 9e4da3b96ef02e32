package httpadapter_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
)

// errDown must never be read outside.
var errDown = errors.New("secret text of a backend")

func (w *world) fault() error {
	if w.down.Load() {
		return errDown
	}
	return nil
}

// saw notes a call of a backend, and says whether that backend answers.
func (w *world) saw(call string) error {
	w.mu.Lock()
	w.calls = append(w.calls, call)
	w.mu.Unlock()
	return w.fault()
}

// asked returns what f asks of the backends, in order.
func (w *world) asked(f func()) []string {
	w.mu.Lock()
	w.calls = nil
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

type orders struct {
	*order.Memory
	w *world
}

func (o *orders) Enqueue(ctx context.Context, events []order.Event) error {
	if err := o.w.saw("orders.Enqueue"); err != nil {
		return err
	}
	return o.Memory.Enqueue(ctx, events)
}

func (o *orders) Parked(ctx context.Context, after int64, limit int) ([]order.Parked, int, error) {
	if err := o.w.fault(); err != nil {
		return nil, 0, err
	}
	return o.Memory.Parked(ctx, after, limit)
}

func (o *orders) Check(context.Context) error {
	o.w.reads.Add(1)
	return o.w.fault()
}

func (o *orders) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	_ = o.w.saw("orders.Commit")
	if o.w.uncommit.Load() {
		return nil, errDown
	}
	if release := o.w.stalled.Load(); release != nil {
		<-*release
	}
	return o.Memory.Commit(ctx, goodsID, fence, drafts)
}

func (o *orders) Get(ctx context.Context, id string) (order.Order, error) {
	if err := o.w.saw("orders.Get"); err != nil {
		return order.Order{}, err
	}
	return o.Memory.Get(ctx, id)
}

func (o *orders) Find(ctx context.Context, attempts []string) ([]order.Order, error) {
	if err := o.w.saw("orders.Find"); err != nil {
		return nil, err
	}
	return o.Memory.Find(ctx, attempts)
}

func (o *orders) List(ctx context.Context, user, after string, limit int) ([]order.Order, error) {
	if err := o.w.saw("orders.List"); err != nil {
		return nil, err
	}
	return o.Memory.List(ctx, user, after, limit)
}

func (o *orders) Stock(ctx context.Context, goodsID string) (order.Stock, error) {
	o.w.reads.Add(1)
	if err := o.w.saw("orders.Stock"); err != nil {
		return order.Stock{}, err
	}
	return o.Memory.Stock(ctx, goodsID)
}

func (o *orders) StocksOf(ctx context.Context, goodsIDs []string) (map[string]order.Stock, error) {
	o.w.reads.Add(1)
	if err := o.w.saw("orders.StocksOf"); err != nil {
		return nil, err
	}
	return o.Memory.StocksOf(ctx, goodsIDs)
}

type logins struct {
	*session.Memory
	w *world
}

func (l *logins) Put(ctx context.Context, s session.Session, now time.Time) error {
	if l.w.loginDown.Load() {
		return errDown
	}
	return l.Memory.Put(ctx, s, now)
}

func (l *logins) Get(ctx context.Context, ids ...string) []session.Answer {
	_ = l.w.saw("sessions.Get")
	if l.w.loginDown.Load() {
		return slices.Repeat([]session.Answer{{Err: errDown}}, len(ids))
	}
	return l.Memory.Get(ctx, ids...)
}

type live struct {
	*settings.Memory
	w *world
}

func (l *live) Get(ctx context.Context) (settings.Settings, error) {
	if err := l.w.saw("settings.Get"); err != nil {
		return settings.Settings{}, err
	}
	return l.Memory.Get(ctx)
}

type list struct {
	*blacklist.Memory
	w *world
}

func (l *list) Find(ctx context.Context, user string, now time.Time) (blacklist.Entry, bool, error) {
	if err := l.w.saw("blacklist.Find"); err != nil {
		return blacklist.Entry{}, false, err
	}
	return l.Memory.Find(ctx, user, now)
}

func (l *list) Entries(ctx context.Context, now time.Time) ([]blacklist.Entry, error) {
	if err := l.w.fault(); err != nil {
		return nil, err
	}
	return l.Memory.Entries(ctx, now)
}

type catalog struct {
	*goods.Memory
	w *world
}

func (c *catalog) Get(ctx context.Context, id string) (goods.Goods, error) {
	if err := c.w.saw("catalog.Get"); err != nil {
		return goods.Goods{}, err
	}
	return c.Memory.Get(ctx, id)
}

type gate struct {
	*stock.Memory
	w *world
}

func (g *gate) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	_ = g.w.saw("stock.Reserve")
	return g.Memory.Reserve(ctx, goodsID, fence, requests)
}

func (g *gate) Counts(ctx context.Context, goodsID string) (stock.Counts, error) {
	_ = g.w.saw("stock.Counts")
	return g.Memory.Counts(ctx, goodsID)
}

type limits struct {
	*limiter.Memory
	w *world
}

func (l *limits) Allow(ctx context.Context, user string, r limiter.Rate) (limiter.Decision, error) {
	_ = l.w.saw("limiter.Allow")
	return l.Memory.Allow(ctx, user, r)
}

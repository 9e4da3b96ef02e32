package httpadapter_test

import (
	"context"
	"errors"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/settings"
)

// errDown must never be read outside.
var errDown = errors.New("secret text of a backend")

func (w *world) fault() error {
	if w.down.Load() {
		return errDown
	}
	return nil
}

type orders struct {
	*order.Memory
	w *world
}

func (o *orders) Check(context.Context) error {
	o.w.reads.Add(1)
	return o.w.fault()
}

func (o *orders) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	if o.w.uncommit.Load() {
		return nil, errDown
	}
	if release := o.w.stalled.Load(); release != nil {
		<-*release
	}
	return o.Memory.Commit(ctx, goodsID, fence, drafts)
}

func (o *orders) Get(ctx context.Context, id string) (order.Order, error) {
	if err := o.w.fault(); err != nil {
		return order.Order{}, err
	}
	return o.Memory.Get(ctx, id)
}

func (o *orders) Find(ctx context.Context, attempts []string) ([]order.Order, error) {
	if err := o.w.fault(); err != nil {
		return nil, err
	}
	return o.Memory.Find(ctx, attempts)
}

func (o *orders) List(ctx context.Context, user, after string, limit int) ([]order.Order, error) {
	if err := o.w.fault(); err != nil {
		return nil, err
	}
	return o.Memory.List(ctx, user, after, limit)
}

func (o *orders) Stock(ctx context.Context, goodsID string) (order.Stock, error) {
	o.w.reads.Add(1)
	if err := o.w.fault(); err != nil {
		return order.Stock{}, err
	}
	return o.Memory.Stock(ctx, goodsID)
}

type logins struct {
	*session.Memory
	w *world
}

func (l *logins) Put(ctx context.Context, s session.Session) error {
	if l.w.loginDown.Load() {
		return errDown
	}
	return l.Memory.Put(ctx, s)
}

func (l *logins) Get(ctx context.Context, id string) (session.Session, error) {
	if l.w.loginDown.Load() {
		return session.Session{}, errDown
	}
	return l.Memory.Get(ctx, id)
}

type live struct {
	*settings.Memory
	w *world
}

func (l *live) Get(ctx context.Context) (settings.Settings, error) {
	if err := l.w.fault(); err != nil {
		return settings.Settings{}, err
	}
	return l.Memory.Get(ctx)
}

type list struct {
	*blacklist.Memory
	w *world
}

func (l *list) Find(ctx context.Context, user string) (blacklist.Entry, bool, error) {
	if err := l.w.fault(); err != nil {
		return blacklist.Entry{}, false, err
	}
	return l.Memory.Find(ctx, user)
}

func (l *list) Entries(ctx context.Context) ([]blacklist.Entry, error) {
	if err := l.w.fault(); err != nil {
		return nil, err
	}
	return l.Memory.Entries(ctx)
}

type catalog struct {
	*goods.Memory
	w *world
}

func (c *catalog) Get(ctx context.Context, id string) (goods.Goods, error) {
	if err := c.w.fault(); err != nil {
		return goods.Goods{}, err
	}
	return c.Memory.Get(ctx, id)
}

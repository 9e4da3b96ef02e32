package seckill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
)

// Admin is what an operator does. Each call leaves exactly one row in the audit
// log: who, what, the state before and after or why it failed. The row is written
// first; when that is not possible, nothing is done.
type Admin struct {
	e     *Engine
	actor string
}

// Admin returns the operations in the name of actor, as the audit log shows it.
func (e *Engine) Admin(actor string) Admin { return Admin{e, actor} }

// audited runs f between the two writes of its audit row.
func audited[T any](ctx context.Context, a Admin, action, target string, before any, f func(context.Context) (T, error)) (T, error) {
	var after T
	id, err := a.e.o.Orders.BeginAudit(ctx, order.Audit{
		At: a.e.o.Now(), Actor: a.actor, Action: action, Target: target, Before: asJSON(before),
	})
	if err != nil {
		return after, busy(fmt.Errorf("audit log: %w", err))
	}
	fault.Point("audit.begun")
	after, err = f(ctx)
	state, failure := asJSON(after), ""
	if err != nil {
		state, failure = "", err.Error()
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), readPatience)
	defer cancel()
	if fault := a.e.o.Orders.EndAudit(end, id, state, failure); fault != nil {
		a.e.log.Error("audit row not finished", "id", id, "action", action, "error", fault)
	}
	return after, err
}

func asJSON(v any) string {
	if v == nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// PutGoods adds a goods or changes one, and reports whether it was added. A new
// total of a goods that was preloaded counts at once: it may grow, and shrink to
// what is sold and held. A retired goods that gets a window which has not ended is on
// sale again.
//
// Refusals: InvalidRequest, TotalTooSmall, Busy; nothing is changed then. And
// OutcomeUnknown: do it again, or look.
func (a Admin) PutGoods(ctx context.Context, g goods.Goods) (created bool, err error) {
	if err := g.Validate(); err != nil {
		return false, refuse(InvalidRequest, detail(err))
	}
	before, err := a.e.o.Catalog.Get(ctx, g.ID)
	if err != nil && !errors.Is(err, goods.ErrNotFound) {
		return false, busy(err)
	}
	g.RetiredAt = time.Time{}
	if !g.EndsAt.After(a.e.o.Now()) {
		g.RetiredAt = before.RetiredAt // words may change, it stays retired
	}
	_, err = audited(ctx, a, "put goods", g.ID, unlessZero(before), func(ctx context.Context) (goods.Goods, error) {
		created, err = a.e.putGoods(ctx, g)
		if err == nil && before.Retired() && !g.Retired() {
			_, err = a.e.preload(ctx, g.ID, g.Total)
			err = asRefusal(err)
		}
		return g, err
	})
	return created, err
}

func (e *Engine) putGoods(ctx context.Context, g goods.Goods) (created bool, err error) {
	row, err := e.o.Orders.Stock(ctx, g.ID)
	switch {
	case errors.Is(err, order.ErrNotFound): // not preloaded yet
	case err != nil:
		return false, busy(err)
	default:
		if err := e.retotal(ctx, row, g.Total); err != nil {
			return false, asOutcome(err)
		}
	}
	created, err = e.o.Catalog.Put(ctx, g)
	e.goods.Forget(g.ID)
	e.ids.Forget(struct{}{})
	return created, asOutcome(err)
}

// Preload puts a goods on sale: it makes the ledger's row and fills the gate from
// it. It may be repeated at any time, also while the goods sells: units that are
// sold or held stay so, and the total becomes the catalog's.
//
// Refusals: GoodsNotFound, InvalidRequest (it is retired), TotalTooSmall, Busy,
// OutcomeUnknown.
func (a Admin) Preload(ctx context.Context, goodsID string) (stock.Counts, error) {
	g, err := a.e.o.Catalog.Get(ctx, goodsID)
	switch {
	case errors.Is(err, goods.ErrNotFound):
		return stock.Counts{}, refuse(GoodsNotFound, "")
	case err != nil:
		return stock.Counts{}, busy(err)
	}
	if g.Retired() {
		return stock.Counts{}, refuse(InvalidRequest, "goods_id: it is retired, give it a new window")
	}
	before, _ := a.e.o.Stock.Counts(ctx, goodsID)
	return audited(ctx, a, "preload", goodsID, unlessZero(before), func(ctx context.Context) (counts stock.Counts, err error) {
		counts, err = a.e.preload(ctx, goodsID, g.Total)
		return counts, asOutcome(err)
	})
}

// UpdateSettings changes the live settings; they count on every node within a
// second. Refusals: InvalidRequest, Busy, OutcomeUnknown.
func (a Admin) UpdateSettings(ctx context.Context, action string, change func(*settings.Settings) error) (settings.Settings, error) {
	before, err := a.e.o.Settings.Get(ctx)
	if err != nil {
		return before, busy(err)
	}
	try := before
	if err := errors.Join(change(&try), try.Validate()); err != nil {
		return before, refuse(InvalidRequest, detail(err))
	}
	return audited(ctx, a, action, "settings", before, func(ctx context.Context) (settings.Settings, error) {
		after, err := a.e.o.Settings.Update(ctx, change)
		return after, asOutcome(err)
	})
}

// SetEnabled turns all sales on or off.
func (a Admin) SetEnabled(ctx context.Context, on bool) (settings.Settings, error) {
	return a.UpdateSettings(ctx, "switch", func(s *settings.Settings) error {
		s.Enabled = on
		return nil
	})
}

// SetRateLimit changes how many tickets a user may get in a window.
func (a Admin) SetRateLimit(ctx context.Context, limit int, window time.Duration) (settings.Settings, error) {
	return a.UpdateSettings(ctx, "rate limit", func(s *settings.Settings) error {
		s.RateLimit = settings.RateLimit{Limit: limit, Window: window}
		return nil
	})
}

// Ban puts a user on the blacklist, for a time or, with 0, until removed.
// Refusals: InvalidRequest, Busy, OutcomeUnknown.
func (a Admin) Ban(ctx context.Context, user, reason string, d time.Duration) (blacklist.Entry, error) {
	if err := name("user_id", user); err != nil {
		return blacklist.Entry{}, err
	}
	switch {
	case !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > 500 || strings.IndexFunc(reason, unicode.IsControl) >= 0:
		return blacklist.Entry{}, refuse(InvalidRequest, "reason: want at most 500 characters, none of control")
	case d < 0 || d > 10*365*24*time.Hour || d > 0 && d < time.Second:
		return blacklist.Entry{}, refuse(InvalidRequest, "duration: want 0, or 1s to 10 years")
	}
	now := a.e.o.Now()
	before, _, err := a.e.o.Blacklist.Find(ctx, user, now)
	if err != nil {
		return blacklist.Entry{}, busy(err)
	}
	entry := blacklist.Entry{User: user, Reason: reason, AddedAt: now.UTC()}
	if d > 0 {
		entry.ExpiresAt = entry.AddedAt.Add(d)
	}
	return audited(ctx, a, "blacklist add", user, unlessZero(before), func(ctx context.Context) (blacklist.Entry, error) {
		return entry, asOutcome(a.e.o.Blacklist.Add(ctx, entry, now))
	})
}

// Unban takes a user off the blacklist, and reports whether the user was on it.
func (a Admin) Unban(ctx context.Context, user string) (bool, error) {
	if err := name("user_id", user); err != nil {
		return false, err
	}
	before, _, err := a.e.o.Blacklist.Find(ctx, user, a.e.o.Now())
	if err != nil {
		return false, busy(err)
	}
	return audited(ctx, a, "blacklist remove", user, unlessZero(before), func(ctx context.Context) (bool, error) {
		was, err := a.e.o.Blacklist.Remove(ctx, user, a.e.o.Now())
		return was, asOutcome(err)
	})
}

// asOutcome makes a fault of a call that writes an OutcomeUnknown, and leaves
// refusals as they are.
func asOutcome(err error) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return outcomeUnknown(err)
}

// asRefusal makes a fault of a call that only reads a Busy, and leaves refusals as
// they are.
func asRefusal(err error) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return busy(err)
}

// unlessZero returns nil for a zero value, which the audit log leaves out.
func unlessZero[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

package console

import (
	"context"
	"net/http"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
)

// done is the answer to an action of which the page needs to know no more.
type done struct {
	Done bool `json:"done"`
}

func (c *console) enable(r *http.Request, a seckill.Admin) (any, error) {
	var in struct {
		Enabled *bool `json:"enabled"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if in.Enabled == nil {
		return nil, missing("enabled")
	}
	_, err := a.SetEnabled(r.Context(), *in.Enabled)
	return done{true}, err
}

func (c *console) rate(r *http.Request, a seckill.Admin) (any, error) {
	var in struct {
		Limit  *int    `json:"limit"`
		Window *string `json:"window"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Limit == nil:
		return nil, missing("limit")
	case in.Window == nil:
		return nil, missing("window")
	}
	window, err := time.ParseDuration(*in.Window)
	if err != nil {
		return nil, invalid(`window: want a duration such as "1m" or "90s", got %.40q`, *in.Window)
	}
	_, err = a.SetRateLimit(r.Context(), *in.Limit, window)
	return done{true}, err
}

func (c *console) preload(r *http.Request, a seckill.Admin) (any, error) {
	_, err := a.Preload(r.Context(), r.PathValue("id"))
	return done{true}, err
}

// goods returns what the catalog says now.
func (c *console) goods(ctx context.Context, id string) (goods.Goods, error) {
	s, err := c.engine.Status(ctx)
	if err != nil {
		return goods.Goods{}, err
	}
	for _, g := range s.Goods {
		if g.Goods.ID == id {
			return g.Goods, nil
		}
	}
	return goods.Goods{}, &seckill.Refusal{Code: seckill.GoodsNotFound, Detail: "there is no such goods"}
}

// total changes how many units are on sale. The operator says from what, so that two
// who change it at once do not undo each other's change unseen.
func (c *console) total(r *http.Request, a seckill.Admin) (any, error) {
	var in struct {
		From *int `json:"from"`
		To   *int `json:"to"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	switch {
	case in.From == nil:
		return nil, missing("from")
	case in.To == nil:
		return nil, missing("to")
	case *in.To < 1 || *in.To > goods.MaxTotal:
		return nil, invalid("to: want 1 to %d, got %d", goods.MaxTotal, *in.To)
	}
	g, err := c.goods(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if g.Total != *in.From {
		return nil, &seckill.Refusal{Code: changed, Detail: "from: the total was changed meanwhile; look again"}
	}
	g.Total = *in.To
	_, err = a.PutGoods(r.Context(), g)
	return done{true}, err
}

// end ends a sale that has begun; one that is over stays as it is.
func (c *console) end(r *http.Request, a seckill.Admin) (any, error) {
	g, err := c.goods(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	now := c.engine.Now().UTC()
	switch {
	case !g.StartsAt.Before(now):
		return nil, invalid("id: the sale has not begun; change its window instead")
	case !g.EndsAt.After(now):
		return done{true}, nil
	}
	g.EndsAt = now
	_, err = a.PutGoods(r.Context(), g)
	return done{true}, err
}

type reportView struct {
	DryRun      bool     `json:"dry_run"`
	Differences []string `json:"differences"`
	Mended      []string `json:"mended"`
}

func (c *console) reconcile(r *http.Request, a seckill.Admin) (any, error) {
	var in struct {
		DryRun *bool `json:"dry_run"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if in.DryRun == nil {
		return nil, missing("dry_run")
	}
	report, err := a.Reconcile(r.Context(), r.PathValue("id"), *in.DryRun)
	return reportView{report.DryRun, append([]string{}, report.Differences...), append([]string{}, report.Mended...)}, err
}

func (c *console) ban(r *http.Request, a seckill.Admin) (any, error) {
	var in struct {
		User     *string `json:"user_id"`
		Reason   string  `json:"reason"`
		Duration string  `json:"duration"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if in.User == nil {
		return nil, missing("user_id")
	}
	var d time.Duration
	if in.Duration != "" {
		var err error
		if d, err = time.ParseDuration(in.Duration); err != nil {
			return nil, invalid(`duration: want one such as "24h" or "90s", or none, got %.40q`, in.Duration)
		}
	}
	_, err := a.Ban(r.Context(), *in.User, in.Reason, d)
	return done{true}, err
}

func (c *console) unban(r *http.Request, a seckill.Admin) (any, error) {
	was, err := a.Unban(r.Context(), r.PathValue("user"))
	return done{was}, err
}

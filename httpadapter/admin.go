package httpadapter

import (
	"net/http"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
)

func (a *api) putGoods(r *http.Request, admin seckill.Admin) (reply, error) {
	g, err := readGoods(r)
	if err != nil {
		return reply{}, err
	}
	created, err := admin.PutGoods(r.Context(), g)
	if created {
		return reply{http.StatusCreated, newDefinitionView(g), "/api/goods/" + g.ID}, err
	}
	return reply{status: http.StatusOK, body: newDefinitionView(g)}, err
}

func readGoods(r *http.Request) (goods.Goods, error) {
	var g goods.Goods
	var goodsID id
	var currency string
	fields := []field{
		need("goods_id", &goodsID), need("title", &g.Title), may("subtitle", &g.Subtitle),
		need("price.amount", &g.Price), need("price.currency", &g.Currency),
		may("original_price.amount", &g.OriginalPrice), may("original_price.currency", &currency),
		need("total", &g.Total), may("limit_per_user", &g.LimitPerUser),
		need("starts_at", &g.StartsAt), need("ends_at", &g.EndsAt),
	}
	err := withBodyIn(make([]byte, maxGoodsBody+1), r, func(media string, body []byte) error {
		return parse(media, body, r.URL.RawQuery, fields)
	})
	if err == nil && find(fields, "original_price.currency").from != nowhere && currency != g.Currency {
		return g, invalid("original_price.currency: want that of price, %.3q", g.Currency)
	}
	g.ID = string(goodsID)
	return g, err
}

func (a *api) preload(r *http.Request, admin seckill.Admin) (reply, error) {
	goodsID, err := onlyPathID(r, "id")
	if err != nil {
		return reply{}, err
	}
	c, err := admin.Preload(r.Context(), goodsID)
	return reply{status: http.StatusOK, body: preloadView{goodsID, c.Total, c.Left, c.Epoch}}, err
}

func (a *api) enable(r *http.Request, admin seckill.Admin) (reply, error) {
	var enabled bool
	if err := read(r, need("enabled", &enabled)); err != nil {
		return reply{}, err
	}
	s, err := admin.SetEnabled(r.Context(), enabled)
	return reply{status: http.StatusOK, body: newSettingsView(s)}, err
}

func (a *api) rateLimit(r *http.Request, admin seckill.Admin) (reply, error) {
	var limit int
	window := time.Minute
	if err := read(r, need("limit", &limit), may("window", &window)); err != nil {
		return reply{}, err
	}
	s, err := admin.SetRateLimit(r.Context(), limit, window)
	return reply{status: http.StatusOK, body: newSettingsView(s)}, err
}

func (a *api) config(r *http.Request, _ seckill.Admin) (reply, error) {
	s, err := a.engine.Settings(r.Context())
	return reply{status: http.StatusOK, body: newSettingsView(s)}, err
}

func (a *api) ban(r *http.Request, admin seckill.Admin) (reply, error) {
	var user id
	var reason string
	d := 24 * time.Hour
	if err := read(r, need("user_id", &user), may("reason", &reason), may("duration", &d)); err != nil {
		return reply{}, err
	}
	entry, err := admin.Ban(r.Context(), string(user), reason, d)
	return reply{status: http.StatusCreated, body: newEntryView(entry)}, err
}

// unban takes the user off the list; one who is not on it is off it already.
func (a *api) unban(r *http.Request, admin seckill.Admin) (reply, error) {
	user, err := onlyPathID(r, "user_id")
	if err != nil {
		return reply{}, err
	}
	_, err = admin.Unban(r.Context(), user)
	return reply{status: http.StatusNoContent}, err
}

func (a *api) banned(r *http.Request, _ seckill.Admin) (reply, error) {
	list, err := a.engine.Blacklisted(r.Context())
	return reply{status: http.StatusOK, body: newEntriesView(list)}, err
}

func (a *api) reconcile(r *http.Request, admin seckill.Admin) (reply, error) {
	goodsID, err := pathID(r, "id")
	if err != nil {
		return reply{}, err
	}
	dryRun := false
	if err := read(r, may("dry_run", &dryRun)); err != nil {
		return reply{}, err
	}
	report, err := admin.Reconcile(r.Context(), goodsID, dryRun)
	return reply{status: http.StatusOK, body: newReportView(report)}, err
}

func (a *api) status(r *http.Request, _ seckill.Admin) (reply, error) {
	s, err := a.engine.Status(r.Context())
	return reply{status: http.StatusOK, body: newStatusView(s, a.engine.Now())}, err
}

// onlyPathID returns the id in the path of a request that has no other input.
func onlyPathID(r *http.Request, name string) (string, error) {
	if err := read(r); err != nil {
		return "", err
	}
	return pathID(r, name)
}

package httpadapter

import (
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/settings"
)

func newDefinitionView(g goods.Goods) definitionView {
	return definitionView{
		g.ID, g.Title, g.Subtitle, moneyView{g.Price, g.Currency}, moneyView{g.OriginalPrice, g.Currency},
		g.Total, g.LimitPerUser, g.StartsAt.UTC(), g.EndsAt.UTC(),
	}
}

type preloadView struct {
	GoodsID string `json:"goods_id"`
	Total   int    `json:"total"`
	Left    int    `json:"left"`
	Epoch   int64  `json:"epoch"`
}

type settingsView struct {
	Version int64 `json:"version"`
	// AgeSeconds is how long ago these were known to be the current ones.
	AgeSeconds float64       `json:"age_seconds"`
	Enabled    bool          `json:"enabled"`
	RateLimit  rateLimitView `json:"rate_limit"`
	Lock       lockView      `json:"lock"`
}

type rateLimitView struct {
	Limit  int    `json:"limit"`
	Window string `json:"window"`
}

type lockView struct {
	Mode  string `json:"mode"`
	TTL   string `json:"ttl"`
	Wait  string `json:"wait"`
	Slice string `json:"slice"`
}

func newSettingsView(s settings.Settings) settingsView {
	return settingsView{
		s.Version, secondsSince(s.ReadAt, time.Now()), s.Enabled,
		rateLimitView{s.RateLimit.Limit, s.RateLimit.Window.String()},
		lockView{s.Lock.Mode, s.Lock.TTL.String(), s.Lock.Wait.String(), s.Lock.Slice.String()},
	}
}

// secondsSince is zero for a time that is not set or not yet there.
func secondsSince(t, now time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return max(0, now.Sub(t).Round(time.Millisecond).Seconds())
}

type entryView struct {
	UserID  string    `json:"user_id"`
	Reason  string    `json:"reason"`
	AddedAt time.Time `json:"added_at"`
	// ExpiresAt is nil for an entry that stays until it is removed.
	ExpiresAt *time.Time `json:"expires_at"`
}

func newEntryView(e blacklist.Entry) entryView {
	v := entryView{UserID: e.User, Reason: e.Reason, AddedAt: e.AddedAt.UTC()}
	if !e.ExpiresAt.IsZero() {
		expires := e.ExpiresAt.UTC()
		v.ExpiresAt = &expires
	}
	return v
}

type entriesView struct {
	Entries []entryView `json:"entries"`
}

func newEntriesView(list []blacklist.Entry) entriesView {
	v := entriesView{make([]entryView, len(list))}
	for i, e := range list {
		v.Entries[i] = newEntryView(e)
	}
	return v
}

type reportView struct {
	GoodsID     string     `json:"goods_id"`
	DryRun      bool       `json:"dry_run"`
	Gate        *gateView  `json:"gate"` // nil if the gate had no numbers
	Ledger      ledgerView `json:"ledger"`
	Differences []string   `json:"differences"`
	Mended      []string   `json:"mended"`
}

type gateView struct {
	Total int   `json:"total"`
	Left  int   `json:"left"`
	Held  int   `json:"held"`
	Sold  int   `json:"sold"`
	Epoch int64 `json:"epoch"`
	Fence int64 `json:"fence"`
}

type ledgerView struct {
	Total   int   `json:"total"`
	Sold    int   `json:"sold"`
	Ordered int   `json:"ordered"`
	Entries int   `json:"entries"`
	Paid    int   `json:"paid"`
	Epoch   int64 `json:"epoch"`
	Fence   int64 `json:"fence"`
}

func newReportView(r seckill.Report) reportView {
	l := r.Ledger
	v := reportView{
		GoodsID: r.GoodsID, DryRun: r.DryRun,
		Ledger:      ledgerView{l.Total, l.Sold, l.Ordered, l.Entries, l.Paid, l.Epoch, l.Fence},
		Differences: append([]string{}, r.Differences...), Mended: append([]string{}, r.Mended...),
	}
	if r.Loaded {
		v.Gate = &gateView{r.Gate.Total, r.Gate.Left, r.Gate.Held, r.Gate.Sold, r.Gate.Epoch, r.Gate.Fence}
	}
	return v
}

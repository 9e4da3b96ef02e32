package console

import (
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
)

type meView struct {
	Role  role       `json:"role"`
	Actor string     `json:"actor"`
	Ends  *time.Time `json:"ends"`
}

func newMe(s session) meView {
	if s.role == nobody {
		return meView{}
	}
	return meView{s.role, s.actor, &s.ends}
}

// stateView is the whole shop at one moment. Times are in milliseconds since 1970.
type stateView struct {
	At int64 `json:"at"`
	// Node is the one that serves the page.
	Node string `json:"node"`
	// Fault says that the numbers of the goods could not be read.
	Fault    bool          `json:"fault"`
	Settings *settingsView `json:"settings"`
	Goods    []goodsView   `json:"goods"`
	Outbox   outboxView    `json:"outbox"`
	Parts    []partView    `json:"parts"`
	Totals   totalsView    `json:"totals"`
	Point    *pointView    `json:"point"`
	History  []pointView   `json:"history,omitempty"`
}

type settingsView struct {
	Version    int64   `json:"version"`
	AgeSeconds float64 `json:"age_seconds"`
	Enabled    bool    `json:"enabled"`
	Limit      int     `json:"limit"`
	Window     string  `json:"window"`
	LockMode   string  `json:"lock_mode"`
}

func newSettingsView(s settings.Settings, now time.Time) *settingsView {
	return &settingsView{
		s.Version, secondsSince(s.ReadAt, now), s.Enabled, s.RateLimit.Limit, s.RateLimit.Window.String(), s.Lock.Mode,
	}
}

// secondsSince is zero for a time that is not set or not yet there.
func secondsSince(t, now time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return max(0, now.Sub(t).Round(time.Millisecond).Seconds())
}

// goodsView is a goods; the four numbers are the gate's, read at one moment. Without
// Loaded the gate has none, and they are the ledger's.
type goodsView struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	State    string `json:"state"`
	StartsAt int64  `json:"starts_at"`
	EndsAt   int64  `json:"ends_at"`
	Total    int    `json:"total"`
	Left     int    `json:"left"`
	Held     int    `json:"held"`
	Sold     int    `json:"sold"`
	Paid     int    `json:"paid"`
	Loaded   bool   `json:"loaded"`
	// Conserved: the gate's numbers add up. Sound: the ledger's three ways to count
	// what is sold agree, and it is not more than the total.
	Conserved bool       `json:"conserved"`
	Sound     bool       `json:"sound"`
	Ledger    ledgerView `json:"ledger"`
	Epoch     int64      `json:"epoch"`
	// Holders are the leases of all nodes, nil if they are not known.
	Holders      []holderView `json:"holders"`
	CatalogTotal int          `json:"catalog_total"`
}

type ledgerView struct {
	Total int `json:"total"`
	Sold  int `json:"sold"`
	Paid  int `json:"paid"`
}

// holderView is a node's lease on a goods. Fence is 0 if it cannot be told.
type holderView struct {
	Node  string `json:"node"`
	Mode  string `json:"mode"`
	Fence int64  `json:"fence"`
}

type outboxView struct {
	Pending    int     `json:"pending"`
	LagSeconds float64 `json:"lag_seconds"`
}

type partView struct {
	Name   string `json:"name"`
	Needed bool   `json:"needed"`
	OK     bool   `json:"ok"`
}

// totalsView is what this node did since it was started.
type totalsView struct {
	Orders    uint64                  `json:"orders"`
	Tickets   map[seckill.Code]uint64 `json:"tickets"`
	Purchases map[seckill.Code]uint64 `json:"purchases"`
	Payments  map[seckill.Code]uint64 `json:"payments"`
	Moves     map[seckill.Code]uint64 `json:"moves"`
	Groups    uint64                  `json:"groups"`
	Buyers    uint64                  `json:"buyers"`
	Events    uint64                  `json:"events"`
	Fenced    uint64                  `json:"fenced"`
	Unknown   uint64                  `json:"unknown"`
	Swept     uint64                  `json:"swept"`
}

func newTotals(t seckill.Tally) totalsView {
	return totalsView{t.Orders, t.Tickets, t.Purchases, t.Payments, t.Moves, t.GroupSizes.Count, uint64(t.GroupSizes.Sum), t.Events, t.Fenced, t.Unknown, t.Swept}
}

// pointView is what this node did between two looks, per second.
type pointView struct {
	At      int64              `json:"at"`
	Orders  float64            `json:"orders"` // new ones
	Refused map[string]float64 `json:"refused"`
	// Times are how long purchases took, in milliseconds and whatever their answer,
	// Sizes how many buyers shared a commit; nil if there was none.
	Times *spreadView `json:"times"`
	Sizes *spreadView `json:"sizes"`
}

// spreadView is what half of all values, and all but one in a hundred, do not exceed.
type spreadView struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

func (v *stateView) fill(s seckill.Status, live settings.Settings, now time.Time) {
	v.Goods, v.Parts = make([]goodsView, len(s.Goods)), make([]partView, len(s.Parts))
	v.Outbox = outboxView{s.Outbox.Pending, secondsSince(s.Outbox.Oldest, now)}
	for i, g := range s.Goods {
		v.Goods[i] = newGoodsView(g, live, now)
	}
	for i, h := range s.Parts {
		v.Parts[i] = partView{h.Part, h.Needed, h.Fault == nil}
	}
}

func newGoodsView(g seckill.GoodsStatus, live settings.Settings, now time.Time) goodsView {
	l := g.Ledger
	v := goodsView{
		ID: g.Goods.ID, Title: g.Goods.Title, State: saleState(g, live, now),
		StartsAt: g.Goods.StartsAt.UnixMilli(), EndsAt: g.Goods.EndsAt.UnixMilli(),
		Total: l.Total, Sold: l.Sold, Paid: l.Paid, Loaded: g.Loaded, Conserved: g.Conserved,
		Sound:  l.Paid <= l.Sold && l.Sold <= l.Total,
		Ledger: ledgerView{l.Total, l.Sold, l.Paid}, Epoch: l.Epoch, CatalogTotal: g.Goods.Total,
	}
	if g.Loaded {
		v.Total, v.Left, v.Held, v.Sold, v.Epoch = g.Gate.Total, g.Gate.Left, g.Gate.Held, g.Gate.Sold, g.Gate.Epoch
	}
	if g.HoldersKnown {
		v.Holders = make([]holderView, len(g.Holders))
	}
	for i, h := range g.Holders {
		v.Holders[i] = holderView{h.Node, h.Mode.String(), h.Fence}
	}
	return v
}

// auditView is one thing that an operator did.
type auditView struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Target string    `json:"target"`
	Before string    `json:"before"`
	After  string    `json:"after"`
	Error  string    `json:"error"`
	Done   bool      `json:"done"`
}

func newAuditView(a order.Audit) auditView {
	return auditView{a.ID, a.At, a.Actor, a.Action, a.Target, a.Before, a.After, a.Error, a.Done}
}

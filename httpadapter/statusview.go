package httpadapter

import (
	"time"

	"github.com/seckill-go/seckill"
)

type statusView struct {
	Goods  []goodsStatusView `json:"goods"`
	Outbox outboxView        `json:"outbox"`
	// Dependencies are the engine's parts, "ok" or "fault".
	Dependencies map[string]string `json:"dependencies"`
}

type goodsStatusView struct {
	GoodsID string `json:"goods_id"`
	Title   string `json:"title"`
	// Loaded says that the gate has numbers; without them the others are the
	// ledger's.
	Loaded     bool        `json:"loaded"`
	Total      int         `json:"total"`
	Left       int         `json:"left"`
	Held       int         `json:"held"`
	Sold       int         `json:"sold"`
	Paid       int         `json:"paid"`
	Conserved  bool        `json:"conserved"`
	Epoch      int64       `json:"epoch"`
	LockHolder *holderView `json:"lock_holder"`
	// LeaseHolders are all nodes' leases, nil if they are not known.
	LeaseHolders []leaseView `json:"lease_holders"`
}

// holderView is this node's lease on a goods.
type holderView struct {
	Mode  string `json:"mode"`
	Fence int64  `json:"fence"`
}

// leaseView is some node's lease on a goods.
type leaseView struct {
	Node string `json:"node"`
	Mode string `json:"mode"`
	// Fence is nil if it cannot be told.
	Fence *int64 `json:"fence"`
}

func newLeaseViews(g seckill.GoodsStatus) []leaseView {
	if !g.HoldersKnown {
		return nil
	}
	all := make([]leaseView, len(g.Holders))
	for i, h := range g.Holders {
		all[i] = leaseView{Node: h.Node, Mode: h.Mode.String()}
		if h.Fence > 0 {
			all[i].Fence = &h.Fence
		}
	}
	return all
}

type outboxView struct {
	Pending    int     `json:"pending"`
	LagSeconds float64 `json:"lag_seconds"`
}

func newStatusView(s seckill.Status, now time.Time) statusView {
	v := statusView{
		Goods:        make([]goodsStatusView, len(s.Goods)),
		Outbox:       outboxView{s.Outbox.Pending, secondsSince(s.Outbox.Oldest, now)},
		Dependencies: make(map[string]string, len(s.Parts)),
	}
	for i, g := range s.Goods {
		v.Goods[i] = newGoodsStatusView(g)
	}
	for _, h := range s.Parts {
		v.Dependencies[h.Part] = state(h)
	}
	return v
}

func newGoodsStatusView(g seckill.GoodsStatus) goodsStatusView {
	v := goodsStatusView{
		GoodsID: g.Goods.ID, Title: g.Goods.Title, Loaded: g.Loaded,
		Total: g.Ledger.Total, Sold: g.Ledger.Sold, Paid: g.Ledger.Paid, Conserved: g.Conserved, Epoch: g.Ledger.Epoch,
		LeaseHolders: newLeaseViews(g),
	}
	if g.Loaded {
		v.Total, v.Left, v.Held, v.Sold = g.Gate.Total, g.Gate.Left, g.Gate.Held, g.Gate.Sold
		v.Epoch = g.Gate.Epoch
	}
	if g.Lease != nil {
		v.LockHolder = &holderView{g.Lease.Mode, g.Lease.Fence}
	}
	return v
}

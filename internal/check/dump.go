package check

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// Dump is what the backends say at the end. A part that is nil was not read, and
// what it would show is not evaluated.
type Dump struct {
	// Goods are what was on sale.
	Goods []GoodsDump `json:"goods"`
	// Orders are all orders of the goods, of every state.
	Orders []order.Order `json:"orders"`
	// Backlog is what is still to do.
	Backlog *Backlog `json:"backlog,omitempty"`
	// Audits are the rows of the audit log; nil if it was not read.
	Audits []order.Audit `json:"audits,omitempty"`

	// Events are what a consumer was delivered, in the order of delivery,
	// repetitions included. [ReadDump] does not set it.
	Events []order.Event `json:"events,omitempty"`
	// Recovery is what was seen after the faults. ReadDump does not set it.
	Recovery *Recovery `json:"recovery,omitempty"`
	// Fenced is how many writes the nodes counted that were refused for their fence.
	// ReadDump does not set it.
	Fenced *uint64 `json:"fenced,omitempty"`
	// Peaks are resources that have a cap. ReadDump does not set them.
	Peaks []Peak `json:"peaks,omitempty"`
}

// GoodsDump is one goods.
type GoodsDump struct {
	// Goods as it was put on sale: its Total is the one before the first change in the
	// history.
	Goods  goods.Goods   `json:"goods"`
	Ledger order.Recount `json:"ledger"`
	// Gate is nil if the gate had no numbers.
	Gate  *stock.Counts `json:"gate,omitempty"`
	Holds []stock.Hold  `json:"holds,omitempty"`
}

// Backlog is what the ledger says is still to do.
type Backlog struct {
	// Overdue and Unrestored are orders; Unsent batches of the outbox.
	Overdue    []order.Order `json:"overdue"`
	Unrestored []order.Order `json:"unrestored"`
	Unsent     int           `json:"unsent"`
}

// Recovery is what was seen after the faults ended.
type Recovery struct {
	// Ready says that the system came to rest within Within; it took Took.
	Ready  bool          `json:"ready"`
	Took   time.Duration `json:"took"`
	Within time.Duration `json:"within"`
	// Missing says what was not at rest, if it is not ready.
	Missing string `json:"missing,omitempty"`
	// Before and After count goroutines before the start and after the end. Zero
	// means not counted.
	Before int `json:"before,omitempty"`
	After  int `json:"after,omitempty"`
}

// Peak is the highest value of something that has a cap.
type Peak struct {
	Name string `json:"name"`
	Peak int64  `json:"peak"`
	Cap  int64  `json:"cap"`
}

// Backends are where a dump is read from.
type Backends struct {
	Orders order.Store
	Stock  stock.Store
	// Now is the time for which orders are overdue. Zero means time.Now, less a
	// minute.
	Now time.Time
}

// enough is more rows than any run makes.
const enough = math.MaxInt32

// ReadDump reads the backends through their contracts, so it works for any of
// them. It reads all orders of the given goods.
func ReadDump(ctx context.Context, b Backends, all ...goods.Goods) (Dump, error) {
	d := Dump{Audits: []order.Audit{}, Backlog: &Backlog{}}
	for _, g := range all {
		one, orders, err := readGoods(ctx, b, g)
		if err != nil {
			return d, fmt.Errorf("check: dump of goods %s: %w", g.ID, err)
		}
		d.Goods, d.Orders = append(d.Goods, one), append(d.Orders, orders...)
	}
	if b.Now.IsZero() {
		b.Now = time.Now().Add(-time.Minute)
	}
	var faults [4]error
	var queue order.Queue
	d.Backlog.Overdue, faults[0] = b.Orders.Overdue(ctx, b.Now, enough)
	d.Backlog.Unrestored, faults[1] = b.Orders.Unrestored(ctx, enough)
	_, queue, faults[2] = b.Orders.Pending(ctx, 1)
	d.Backlog.Unsent = queue.Pending
	d.Audits, faults[3] = readAudits(ctx, b.Orders)
	if err := errors.Join(faults[:]...); err != nil {
		return d, fmt.Errorf("check: dump: %w", err)
	}
	return d, nil
}

func readGoods(ctx context.Context, b Backends, g goods.Goods) (d GoodsDump, orders []order.Order, err error) {
	d.Goods = g
	if d.Ledger, err = b.Orders.Recount(ctx, g.ID); err != nil {
		return d, nil, err
	}
	for o, err := range b.Orders.Sales(ctx, g.ID) {
		if err != nil {
			return d, nil, err
		}
		orders = append(orders, o)
	}
	counts, err := b.Stock.Counts(ctx, g.ID)
	switch {
	case errors.Is(err, stock.ErrNotLoaded):
		return d, orders, nil
	case err != nil:
		return d, nil, err
	}
	d.Gate = &counts
	d.Holds, err = b.Stock.Holds(ctx, g.ID, 0, enough)
	if errors.Is(err, stock.ErrNotLoaded) {
		err = nil
	}
	return d, orders, err
}

// readAudits reads the log page by page, as a page has its bounds.
func readAudits(ctx context.Context, log order.AuditLog) ([]order.Audit, error) {
	all := []order.Audit{}
	for before := int64(0); ; before = all[len(all)-1].ID {
		page, err := log.Audits(ctx, before, 500)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
	}
}

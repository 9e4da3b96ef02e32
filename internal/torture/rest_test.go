//go:build unix

package torture_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
)

// recovery is how long a shop may take to come to rest after its last fault: the
// leases of dead nodes that nobody takes over, 10 s each, and a sweep; and what a
// machine that does something else adds to that.
const recovery = 90 * time.Second

// unrest says what is not done yet, "" if all is.
func (s *shop) unrest() string {
	ctx := s.t.Context()
	gate, gateErr := s.parts.Stock.Counts(ctx, "1001")
	row, rowErr := s.parts.Orders.Stock(ctx, "1001")
	_, queue, queueErr := s.parts.Orders.Pending(ctx, 1)
	unrestored, restoreErr := s.parts.Orders.Unrestored(ctx, 1)
	if err := errors.Join(gateErr, rowErr, queueErr, restoreErr); err != nil {
		return err.Error()
	}
	switch {
	case gate.Held > 0 || !gate.Conserved() || gate.Sold != row.Sold || gate.Total != row.Total:
		return fmt.Sprintf("gate %+v, ledger %+v", gate, row)
	case queue.Pending > 0:
		return fmt.Sprintf("%d batches in the outbox", queue.Pending)
	case s.spec.PayWithin < time.Minute && row.Sold > row.Paid:
		return "an order that is overdue is not cancelled"
	case len(unrestored) > 0:
		return "a cancelled order is not restored"
	}
	return s.unheard()
}

// unheard names an order's last state of which no event came.
func (s *shop) unheard() string {
	heard := map[string]bool{}
	s.mu.Lock()
	for _, e := range s.events {
		heard[e.Key+" "+e.Type] = true
	}
	paid := maps.Clone(s.paid)
	s.mu.Unlock()
	types := map[order.State]string{order.Pending: "order.created", order.Paid: "order.paid", order.Cancelled: "order.cancelled", order.RefundDue: "order.refund_due"}
	for o, err := range s.parts.Orders.Sales(s.t.Context(), "1001") {
		if err != nil {
			return err.Error()
		}
		if o.State == order.Pending && paid[o.ID] {
			return "the payment of order " + o.ID + " is on its way"
		}
		if !heard[o.ID+" "+types[o.State]] || !heard[o.ID+" order.created"] {
			return "no event of order " + o.ID + ", " + string(o.State)
		}
	}
	return ""
}

// rest waits until nothing is left to do.
func (s *shop) rest() check.Recovery {
	start := time.Now()
	r := check.Recovery{Within: recovery}
	last := "nothing"
	for {
		s.look()
		r.Missing = s.unrest()
		r.Ready, r.Took = r.Missing == "", time.Since(start)
		if r.Ready || r.Took > recovery || s.t.Failed() {
			s.t.Logf("at rest after %v; the last that was awaited: %s", r.Took.Round(time.Millisecond), cmp.Or(r.Missing, last))
			return r
		}
		last = r.Missing
		time.Sleep(200 * time.Millisecond)
	}
}

// sellOut lets buyers come until every unit is sold: what a fault held back has to
// come back. On a busy machine that takes long, so what counts is that it goes on.
func (s *shop) sellOut() {
	s.t.Helper()
	sold, since := 0, time.Now()
	for ; ; time.Sleep(200 * time.Millisecond) {
		row, err := s.parts.Orders.Stock(s.t.Context(), "1001")
		if err == nil && row.Sold == row.Total {
			return
		}
		if row.Sold > sold {
			sold, since = row.Sold, time.Now()
		}
		if time.Since(since) > recovery {
			s.t.Errorf("nothing sold for %v: %+v %v; gate: %s", recovery, row, err, s.unrest())
			return
		}
		s.winners(s.rush(min(32, max(1, row.Total-row.Sold)), 16))
	}
}

// judge waits until the shop is at rest and has the checker evaluate everything
// that its buyers were told. soldOut says that they came until nothing was left.
func (s *shop) judge(soldOut bool) check.Report {
	s.t.Helper()
	recovered := s.rest()
	require.NoError(s.t, s.history.Close())
	ops, err := check.ReadHistory(filepath.Join(s.dir, "history.jsonl"))
	require.NoError(s.t, err)
	dump, err := check.ReadDump(s.t.Context(), check.Backends{Orders: s.parts.Orders, Stock: s.parts.Stock}, s.goods)
	require.NoError(s.t, err)
	s.mu.Lock()
	dump.Events, dump.Recovery = slices.Clone(s.events), &recovered
	s.mu.Unlock()
	rules := check.Rules{Recovered: true, Complete: true, HoldFor: 20 * time.Second}
	if soldOut {
		rules.SoldOut = "1001"
	}
	report := check.Check(ops, dump, rules)
	if err := report.Err(); err != nil {
		s.t.Error(err)
	}
	if s.t.Failed() {
		s.writeGroup()
		require.NoError(s.t, report.Write(filepath.Join(s.dir, "verdict"), ops, dump))
	}
	for _, r := range report.Results {
		s.t.Logf("%s %s: %s %s", r.ID, r.Name, r.Status, r.Note)
	}
	if err := raced(s.dir); err != nil {
		s.t.Error(err)
	}
	return report
}

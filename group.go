package seckill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// sell takes one group through the gate and the ledger under the goods' lease.
// A group that was overtaken by a newer lease starts again under one.
func (s *sale) sell(ctx context.Context, group []*buyer) {
	if group = s.recheck(ctx, group); len(group) == 0 {
		return
	}
	err := errors.New("overtaken again and again")
	for range 3 {
		if group, err = s.sellOnce(ctx, group); len(group) == 0 {
			return
		}
		if !fenced(err) {
			break
		}
		s.e.tally.fenced.Add(1)
		s.lease.drop(ctx)
	}
	if fenced(err) {
		s.e.log.Error("the lock's fence stays below the one in gate or ledger: was etcd restored without --bump-revision, or do nodes use different locks?",
			"goods", s.goodsID, "error", err)
	}
	s.giveUp(ctx, group, err)
}

// giveUp answers a group that could not be sold: with the orders that earlier tries
// made, else with Busy.
func (s *sale) giveUp(ctx context.Context, group []*buyer, cause error) {
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	orders, err := s.orders(ctx, group)
	if err != nil {
		s.e.log.Warn("orders of a group that was given up not looked for", "goods", s.goodsID, "error", err)
	}
	for _, b := range group {
		if o, ok := orders[b.draft.ID]; ok {
			b.sell(o, true)
		} else {
			s.busy(b, cause)
		}
	}
}

// sellOnce is sellUnder with the fence of the goods' lease, or none.
func (s *sale) sellOnce(ctx context.Context, group []*buyer) ([]*buyer, error) {
	fence, done, err := s.lease.enter(ctx)
	if err != nil {
		return group, err
	}
	defer done()
	return s.sellUnder(ctx, fence, group)
}

func fenced(err error) bool {
	return errors.Is(err, stock.ErrFenced) || errors.Is(err, order.ErrFenced)
}

// sellUnder answers the buyers of the group, and returns those it could not
// answer, and why. Nothing is committed of them, unless they are doubtful.
func (s *sale) sellUnder(ctx context.Context, fence int64, group []*buyer) ([]*buyer, error) {
	reserved, err := s.reserve(ctx, fence, group)
	if err != nil {
		return group, s.e.notLoaded(s.goodsID, err)
	}
	fault.Point("sale.reserved")
	s.e.tally.duplicates.addN("gate", duplicates(reserved.Statuses))
	holders, refused, whole := s.holders(ctx, group, reserved)
	if !whole {
		reserved.Group = ""
	}
	defer s.refuse(ctx, reserved, refused) // once the ledger has the group's own orders
	if len(holders) == 0 {
		return nil, nil
	}
	outcomes, err := s.commit(ctx, reserved.Fence, holders)
	switch {
	case errors.Is(err, order.ErrFenced):
		return holders, err
	case errors.Is(err, order.ErrNotFound):
		s.e.rebuild(s.goodsID)
		return holders, err
	case err != nil:
		s.e.tally.unknown.Add(uint64(len(holders)))
		s.e.log.Error("purchase outcome unknown", "goods", s.goodsID, "buyers", len(holders), "error", err)
		for _, b := range holders {
			b.refuse(outcomeUnknown(err))
		}
		return nil, nil
	}
	fault.Point("sale.committed")
	s.settle(s.conclude(reserved.Group, holders, outcomes))
	return nil, nil
}

// holders answers those of a group who hold no units, and returns the others: holders,
// and refused ones of whom a gate that was filled again may know too little. whole says
// that this call reserved for all holders.
func (s *sale) holders(ctx context.Context, group []*buyer, gate stock.Reservation) (holders, refused []*buyer, whole bool) {
	whole = true
	var replayed []*buyer
	for i, b := range group {
		no := false
		switch gate.Statuses[i] {
		case stock.Held: // an earlier try of this attempt got no further
			whole = false
			holders = append(holders, b)
			continue
		case stock.Reserved:
			holders = append(holders, b)
			continue
		case stock.Sold, stock.Released:
			b.otherwise = outcomeUnknown(errNoOrder)
		case stock.LimitReached:
			b.otherwise, no = refuse(LimitReached, ""), true
		default:
			b.otherwise, no = refuse(SoldOut, ""), true
		}
		switch {
		case !no || s.e.open.doubtful(b.draft.ID): // the gate may have forgotten one that is in doubt
			replayed = append(replayed, b)
		case gate.Refilled > 0:
			refused = append(refused, b)
		default:
			b.refuse(b.otherwise)
		}
	}
	s.replay(ctx, replayed)
	return holders, refused, whole
}

// reserve asks the gate, once more after a fault: the same attempts get the same
// answer.
func (s *sale) reserve(ctx context.Context, fence int64, group []*buyer) (stock.Reservation, error) {
	requests := make([]stock.Request, len(group))
	for i, b := range group {
		d := &b.draft
		requests[i] = stock.Request{Attempt: d.ID, User: d.UserID, Quantity: d.Quantity, Limit: d.Limit}
	}
	ctx, stage := s.e.start(ctx, Stage{Name: StageReserve, GoodsID: s.goodsID, Size: len(group)})
	var r stock.Reservation
	err := persist(ctx, gatePatience, func(ctx context.Context) (err error) {
		r, err = s.e.o.Stock.Reserve(ctx, s.goodsID, fence, requests)
		return err
	}, stock.ErrNotLoaded, stock.ErrFenced)
	if err == nil && len(r.Statuses) != len(group) {
		err = fmt.Errorf("gate answered %d of %d requests", len(r.Statuses), len(group))
	}
	stage.done(err)
	return r, err
}

// gatePatience bounds how long a group asks a gate that does not answer. Nothing
// is committed then, so the buyers are told Busy.
const gatePatience = 2 * time.Second

// commit asks the ledger until it answers: the same attempts are booked once.
func (s *sale) commit(ctx context.Context, fence int64, holders []*buyer) ([]order.Outcome, error) {
	drafts := make([]order.Draft, len(holders))
	for i, b := range holders {
		drafts[i] = b.draft
	}
	ctx, stage := s.e.start(ctx, Stage{Name: StageCommit, GoodsID: s.goodsID, Size: len(holders)})
	var outcomes []order.Outcome
	err := persist(ctx, s.e.o.CommitPatience, func(ctx context.Context) (err error) {
		outcomes, err = s.e.o.Orders.Commit(ctx, s.goodsID, fence, drafts)
		if err != nil && !fenced(err) && !errors.Is(err, order.ErrNotFound) {
			s.e.open.doubt(holders, s.e.o.Now())
		}
		return err
	}, order.ErrFenced, order.ErrNotFound)
	if err == nil && len(outcomes) != len(drafts) {
		err = fmt.Errorf("ledger answered %d of %d drafts", len(outcomes), len(drafts))
	}
	stage.done(err)
	return outcomes, err
}

// conclude answers the holders by the ledger's word and returns what to tell the
// gate; group is what the gate calls them, or "".
func (s *sale) conclude(group string, holders []*buyer, outcomes []order.Outcome) conclusion {
	c := conclusion{group: group, holders: holders, outcomes: outcomes}
	astray := false // the gate let somebody through whom the ledger refused
	for i, b := range holders {
		switch o := outcomes[i]; o.Status {
		case order.Committed:
			s.e.tally.orders.Add(1)
			b.sell(o.Order, false)
		case order.Replayed:
			s.e.tally.duplicates.add("ledger")
			b.sell(o.Order, true)
		case order.LimitReached: // a gate that was filled again knows no user
			b.settle(refuse(LimitReached, ""))
		case order.Buried:
			b.settle(refuse(InvalidTicket, "its attempt was given up, take a new one"))
		default:
			astray = true
			b.settle(refuse(SoldOut, ""))
		}
		if outcomes[i].Status != order.Committed {
			c.group = ""
		}
	}
	s.e.signal()
	if astray {
		s.e.tally.astray.Add(1)
		s.e.rebuild(s.goodsID)
	}
	return c
}

// replay answers buyers whose attempts may have been sold before: with their orders,
// or as they say otherwise.
func (s *sale) replay(ctx context.Context, buyers []*buyer) {
	if len(buyers) == 0 {
		return
	}
	var orders map[string]order.Order
	err := persist(ctx, s.e.o.CommitPatience, func(ctx context.Context) (err error) {
		orders, err = s.orders(ctx, buyers)
		return err
	})
	for _, b := range buyers {
		switch o, ok := orders[b.draft.ID]; {
		case ok:
			b.sell(o, true)
		case err != nil:
			b.refuse(outcomeUnknown(err))
		default:
			b.refuse(b.otherwise)
		}
	}
}

// orders returns the orders that buyers have for their attempts, by id.
func (s *sale) orders(ctx context.Context, buyers []*buyer) (map[string]order.Order, error) {
	attempts := make([]string, len(buyers))
	for i, b := range buyers {
		attempts[i] = b.draft.ID
	}
	found, err := s.e.o.Orders.Find(ctx, attempts)
	orders := make(map[string]order.Order, len(found))
	for _, o := range found {
		orders[o.ID] = o
	}
	return orders, err
}

var errNoOrder = errors.New("the gate knows a sale that the ledger does not")

package seckill

import (
	"context"
	"errors"
	"sync"

	"github.com/seckill-go/seckill/stock"
)

var errHeld = errors.New("what is left is held for others, and may be left again")

// refuse answers those whom a gate refused that was filled again. It does not know the
// attempts and users from before, so it may refuse a ticket that has an order, which
// the ledger finds; and it may hold units for an attempt that the ledger then refuses,
// so that only the ledger knows whether what is held is sold. By now the ledger has
// the group's own orders.
func (s *sale) refuse(ctx context.Context, gate stock.Reservation, refused []*buyer) {
	room := sync.OnceValues(func() (int, error) { return s.room(ctx) })
	var older []*buyer
	now := s.e.o.Now()
	for _, b := range refused {
		if errors.Is(b.otherwise, SoldOut) && gate.Held > 0 && b.draft.Quantity <= gate.Left+gate.Held {
			left, err := room()
			if err == nil && b.draft.Quantity <= left {
				err = errHeld
			}
			if err != nil {
				b.otherwise = s.e.busyFor(b.draft.ID, 1, err)
			}
		}
		if now.Sub(b.since) >= gate.Refilled {
			older = append(older, b)
		} else {
			b.refuse(b.otherwise)
		}
	}
	s.replay(ctx, older)
}

// room is how many units the ledger has not sold.
func (s *sale) room(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	row, err := s.e.o.Orders.Stock(ctx, s.goodsID)
	return row.Total - row.Sold, err
}

package ordertest_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/order"
)

// oneLane hands every lane the whole outbox.
type oneLane struct{ *order.Memory }

func (s oneLane) InLane(ctx context.Context, _ order.Lane, limit int) ([]order.Batch, error) {
	batches, _, err := s.Memory.Pending(ctx, limit)
	return batches, err
}

// unparksNothing keeps what was done since.
type unparksNothing struct{ *order.Memory }

func (unparksNothing) Unpark(context.Context, []int64) error { return nil }

// parksAgain takes the same thing for another one each time.
type parksAgain struct {
	*order.Memory
	n atomic.Int64
}

func (s *parksAgain) Park(ctx context.Context, things []order.Parked) error {
	for _, p := range things {
		p.Key = fmt.Sprint(p.Key, s.n.Add(1))
		if err := s.Memory.Park(ctx, []order.Parked{p}); err != nil {
			return err
		}
	}
	return nil
}

// cancelsWhatIsPaid lists an order as overdue whose payment is parked.
type cancelsWhatIsPaid struct{ *order.Memory }

func (s cancelsWhatIsPaid) Overdue(ctx context.Context, before time.Time, limit int) ([]order.Order, error) {
	parked, _, err := s.Memory.Parked(ctx, 0, 1000)
	if err != nil {
		return nil, err
	}
	for _, p := range parked {
		if err := s.Memory.Unpark(ctx, []int64{p.ID}); err != nil {
			return nil, err
		}
	}
	overdue, err := s.Memory.Overdue(ctx, before, limit)
	if fault := s.Memory.Park(ctx, parked); fault != nil {
		return nil, fault
	}
	return overdue, err
}

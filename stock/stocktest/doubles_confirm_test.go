package stocktest_test

import (
	"context"
	"sync"

	"github.com/seckill-go/seckill/stock"
)

type (
	deafToConfirm  struct{ *stock.Memory }
	knowsAllGroups struct{ *stock.Memory }
	namesNothing   struct{ *stock.Memory }
	groupless      struct{ *stock.Memory }

	// remembersGroups confirms what a Reserve was asked for, whatever became of it
	// since.
	remembersGroups struct {
		*stock.Memory
		mu     sync.Mutex
		groups map[string][]stock.Settlement
		after  bool // only after a Load
	}
)

func (d deafToConfirm) Confirm(ctx context.Context, goodsID string, groups []string) ([]string, error) {
	return nil, ctx.Err()
}

func (d knowsAllGroups) Confirm(ctx context.Context, goodsID string, groups []string) ([]string, error) {
	_, err := d.Memory.Confirm(ctx, goodsID, groups)
	return nil, err
}

func (d namesNothing) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	if r.Group == "" {
		r.Group = "nothing"
	}
	return r, err
}

// groupless is a store without groups, which is as good.
func (d groupless) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	r.Group = ""
	return r, err
}

func (d groupless) Confirm(_ context.Context, _ string, groups []string) ([]string, error) {
	return groups, nil
}

func (d *remembersGroups) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.groups == nil {
		d.groups = make(map[string][]stock.Settlement)
	}
	for i, status := range r.Statuses {
		if status == stock.Reserved {
			d.groups[r.Group] = append(d.groups[r.Group], stock.Settlement{
				Attempt: requests[i].Attempt, User: requests[i].User, Quantity: requests[i].Quantity, Verdict: stock.Confirm,
			})
		}
	}
	return r, err
}

func (d *remembersGroups) Confirm(ctx context.Context, goodsID string, groups []string) (unknown []string, err error) {
	for _, g := range groups {
		d.mu.Lock()
		settlements := d.groups[g]
		delete(d.groups, g)
		d.mu.Unlock()
		if settlements == nil || d.after && status(ctx, d.Memory, goodsID, settlements[0]) != stock.SoldOut {
			missed, err := d.Memory.Confirm(ctx, goodsID, []string{g})
			if unknown = append(unknown, missed...); err != nil {
				return nil, err
			}
			continue
		}
		if err := d.Settle(ctx, goodsID, settlements); err != nil {
			return nil, err
		}
	}
	return unknown, nil
}

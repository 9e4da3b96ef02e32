package ordertest_test

import (
	"context"
	"slices"
	"time"

	"github.com/seckill-go/seckill/order"
)

type forgetsNodes struct{ *order.Memory }

func (s forgetsNodes) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	drafts = slices.Clone(drafts)
	for i := range drafts {
		drafts[i].Node = ""
	}
	return s.Memory.Commit(ctx, goodsID, fence, drafts)
}

type sentAtOnce struct{ *order.Memory }

func (s sentAtOnce) History(ctx context.Context, orderID string) ([]order.Step, error) {
	steps, err := s.Memory.History(ctx, orderID)
	if err == nil && len(steps) == 1 {
		steps = append(steps, order.Step{Name: order.StepSent, At: time.Now()})
	}
	return steps, err
}

type lastMove struct{ *order.Memory }

func (s lastMove) History(ctx context.Context, orderID string) ([]order.Step, error) {
	steps, err := s.Memory.History(ctx, orderID)
	if len(steps) > 2 {
		steps = slices.Delete(steps, 1, len(steps)-1)
	}
	return steps, err
}

type knowsAll struct{ *order.Memory }

func (s knowsAll) History(ctx context.Context, orderID string) ([]order.Step, error) {
	steps, _ := s.Memory.History(ctx, orderID)
	return steps, nil
}

type firstPage struct{ *order.Memory }

func (s firstPage) Latest(ctx context.Context, goodsID, after string, limit int) ([]order.Order, error) {
	if after != "" {
		return nil, nil
	}
	return s.Memory.Latest(ctx, goodsID, after, limit)
}

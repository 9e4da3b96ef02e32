package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// buyer is one of the crowd.
type buyer struct {
	shop    *shop
	goodsID string
	user    string
	session string
	ticket  string
	order   receipt
	refused string // the code, if there is no order
}

type receipt struct {
	ID    string `json:"order_id"`
	State string `json:"state"`
}

type token struct {
	Token string `json:"token"`
}

func (b *buyer) login(ctx context.Context) error {
	var t token
	err := b.shop.insist(ctx, "POST", "/api/auth/token", "", map[string]any{"user_id": b.user}, &t)
	if p, ok := err.(*problem); ok && p.Code == "not_found" {
		return errors.New("nobody can log in at this server: start it with -dev")
	}
	b.session = t.Token
	return err
}

// buy takes a ticket and purchases with it. A refusal is an answer, not an error.
func (b *buyer) buy(ctx context.Context) error {
	var t token
	err := b.shop.insist(ctx, "POST", "/api/seckill/token", b.session, map[string]any{"goods_id": b.goodsID}, &t)
	if err == nil {
		b.ticket = t.Token
		b.order, err = b.purchase(ctx, b.ticket)
	}
	b.refused, err = refusal(err)
	return err
}

func (b *buyer) purchase(ctx context.Context, ticket string) (receipt, error) {
	var r receipt
	err := b.shop.insist(ctx, "POST", "/api/seckill", b.session, map[string]any{"goods_id": b.goodsID, "token": ticket}, &r)
	return r, err
}

// refusal takes the shop's no out of an error.
func refusal(err error) (code string, other error) {
	if p, ok := err.(*problem); ok && p.Status < 500 && p.Code != "" {
		return p.Code, nil
	}
	return "", err
}

// again presents the ticket once more, and says how the answer differs.
func (b *buyer) again(ctx context.Context) error {
	r, err := b.purchase(ctx, b.ticket)
	code, err := refusal(err)
	if err == nil && (r.ID != b.order.ID || code != b.refused) {
		return fmt.Errorf("%s's ticket got %q first and %q when it was presented again", b.user, b.order.ID+b.refused, r.ID+code)
	}
	return err
}

func (b *buyer) pay(ctx context.Context, success bool) error {
	return b.shop.insist(ctx, "POST", "/api/payment/simulate", b.session, map[string]any{"order_id": b.order.ID, "success": success}, nil)
}

// settled waits until the order is in the state.
func (b *buyer) settled(ctx context.Context, state string) error {
	return eventually(ctx, func(ctx context.Context) error {
		err := b.shop.insist(ctx, "GET", "/api/orders/"+b.order.ID, b.session, nil, &b.order)
		if err == nil && b.order.State != state {
			return fmt.Errorf("order %s is %s, want %s", b.order.ID, b.order.State, state)
		}
		return err
	})
}

// together lets all of them do it at the same time.
func together(crowd []*buyer, do func(i int, b *buyer) error) error {
	var all sync.WaitGroup
	errs := make([]error, len(crowd))
	start := make(chan struct{})
	for i, b := range crowd {
		all.Go(func() {
			<-start
			errs[i] = do(i, b)
		})
	}
	close(start)
	all.Wait()
	return errors.Join(errs...)
}

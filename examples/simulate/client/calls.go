package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Goods is what a buyer sees of a goods.
type Goods struct {
	ID       string    `json:"goods_id"`
	Title    string    `json:"title"`
	Total    int       `json:"total"`
	Left     int       `json:"left"`
	Limit    int       `json:"limit_per_user"` // 0 means none
	State    string    `json:"state"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
}

// Order is an order, or its receipt, as its buyer sees it.
type Order struct {
	ID       string `json:"order_id"`
	GoodsID  string `json:"goods_id"`
	Quantity int    `json:"quantity"`
	State    string `json:"state"`
}

// Status is what an operator sees of one goods.
type Status struct {
	GoodsID   string `json:"goods_id"`
	Total     int    `json:"total"`
	Left      int    `json:"left"`
	Held      int    `json:"held"`
	Sold      int    `json:"sold"`
	Paid      int    `json:"paid"`
	Conserved bool   `json:"conserved"`
}

type token struct {
	Token string `json:"token"`
}

// Login returns a session token of the user, from a server with development logins.
func (c *Client) Login(ctx context.Context, user string) (string, Answer) {
	var t token
	a := c.call(ctx, http.MethodPost, "/api/auth/token", "", map[string]string{"user_id": user}, &t)
	return t.Token, a
}

// Goods reads a goods.
func (c *Client) Goods(ctx context.Context, session, id string) (g Goods, a Answer) {
	a = c.call(ctx, http.MethodGet, "/api/goods/"+url.PathEscape(id), session, nil, &g)
	return g, a
}

// Ticket asks for a ticket for one unit.
func (c *Client) Ticket(ctx context.Context, session, goodsID string) (string, Answer) {
	var t token
	a := c.call(ctx, http.MethodPost, "/api/seckill/token", session, map[string]string{"goods_id": goodsID}, &t)
	return t.Token, a
}

// Purchase presents a ticket.
func (c *Client) Purchase(ctx context.Context, session, goodsID, ticket string) (o Order, a Answer) {
	a = c.call(ctx, http.MethodPost, "/api/seckill", session, map[string]string{"goods_id": goodsID, "token": ticket}, &o)
	return o, a
}

// Pay pays an order, or has the payment fail.
func (c *Client) Pay(ctx context.Context, session, orderID string, success bool) Answer {
	return c.call(ctx, http.MethodPost, "/api/payment/simulate", session, map[string]any{"order_id": orderID, "success": success}, new(Order))
}

// Order reads an order of the session's user.
func (c *Client) Order(ctx context.Context, session, id string) (o Order, a Answer) {
	a = c.call(ctx, http.MethodGet, "/api/orders/"+url.PathEscape(id), session, nil, &o)
	return o, a
}

// Orders reads the newest orders of the session's user, 100 at most.
func (c *Client) Orders(ctx context.Context, session string) ([]Order, Answer) {
	var page struct {
		Orders []Order `json:"orders"`
	}
	a := c.call(ctx, http.MethodGet, "/api/orders?limit=100", session, nil, &page)
	return page.Orders, a
}

// Status reads what an operator sees of a goods; found is false if the server does
// not list it.
func (c *Client) Status(ctx context.Context, admin, goodsID string) (s Status, found bool, a Answer) {
	var all struct {
		Goods []Status `json:"goods"`
	}
	a = c.call(ctx, http.MethodGet, "/api/admin/status", admin, nil, &all)
	for _, s := range all.Goods {
		if s.GoodsID == goodsID {
			return s, true, a
		}
	}
	return Status{}, false, a
}

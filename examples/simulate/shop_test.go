package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// liar is a small shop of the same API that can tell lies.
type liar struct {
	lie          string
	total, limit int

	mu      sync.Mutex
	orders  []*entry
	tickets map[string]*entry // nil while unused
	issued  int
}

type entry struct {
	user string
	row
}

type row struct {
	ID       string `json:"order_id"`
	GoodsID  string `json:"goods_id"`
	Quantity int    `json:"quantity"`
	State    string `json:"state"`
}

// open starts the shop and ends it with the test.
func (l *liar) open(t *testing.T) (url string) {
	l.tickets = make(map[string]*entry)
	mux := http.NewServeMux()
	for pattern, f := range map[string]func(user string, body map[string]any, r *http.Request) (int, any){
		"POST /api/auth/token": l.login, "GET /api/goods/{id}": l.goods, "POST /api/seckill/token": l.ticket, "POST /api/seckill": l.purchase,
		"GET /api/orders/{id}": l.order, "GET /api/orders": l.list, "POST /api/payment/simulate": l.pay, "GET /api/admin/status": l.status,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			var body map[string]any
			json.NewDecoder(r.Body).Decode(&body)
			user := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			l.mu.Lock()
			status, answer := f(user, body, r)
			l.mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			if code, refused := answer.(string); refused {
				w.Header().Set("Content-Type", "application/problem+json")
				answer = map[string]any{"code": code, "status": status, "retryable": false}
			}
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(answer)
		})
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func (l *liar) login(_ string, body map[string]any, _ *http.Request) (int, any) {
	return 200, map[string]any{"token": body["user_id"]}
}

// sold is how many units are in orders.
func (l *liar) sold() (n int) {
	for _, o := range l.orders {
		if o.State == "pending" || o.State == "paid" {
			n += o.Quantity
		}
	}
	return n
}

func (l *liar) left() int { return max(l.total-l.sold(), 0) }

func (l *liar) goods(_ string, _ map[string]any, r *http.Request) (int, any) {
	if r.PathValue("id") != "1001" {
		return 404, "goods_not_found"
	}
	left := l.left()
	if l.lie == "claims more left" && len(l.orders) > 0 {
		left++
	}
	return 200, map[string]any{"goods_id": "1001", "title": "Cup", "total": l.total, "left": left, "limit_per_user": l.limit, "state": "open"}
}

func (l *liar) ticket(user string, _ map[string]any, _ *http.Request) (int, any) {
	l.issued++
	t := fmt.Sprintf("t.%d.%s.signature", l.issued, user)
	l.tickets[t] = nil
	return 200, map[string]any{"token": t}
}

func (l *liar) purchase(user string, body map[string]any, _ *http.Request) (int, any) {
	t, _ := body["token"].(string)
	used, known := l.tickets[t]
	has, last := 0, new(entry)
	for _, o := range l.orders {
		if o.user == user {
			has, last = has+1, o
		}
	}
	switch {
	case (!known || strings.Split(t, ".")[2] != user) && l.lie != "believes forged tickets":
		return 403, "invalid_ticket"
	case used != nil && l.lie != "another order for each click":
		return 200, used.row
	case l.lie == "one order for two tickets" && has > 0:
		return 200, last.row
	case has >= l.limit && l.lie != "forgets the limit":
		return 409, "limit_reached"
	case l.lie == "sold out too early" && l.left() < l.total/2:
		return 409, "sold_out"
	case l.left() == 0 && l.lie != "oversells":
		if l.lie == "books and says no" {
			l.book(user, t)
		}
		return 409, "sold_out"
	}
	return 201, l.book(user, t).row
}

func (l *liar) book(user, ticket string) *entry {
	o := &entry{user, row{fmt.Sprintf("order-%d", len(l.orders)), "1001", 1, "pending"}}
	l.orders = append(l.orders, o)
	l.tickets[ticket] = o
	return o
}

// hides says that the shop does not show the order to this user.
func (l *liar) hides(o *entry, user string) bool {
	return o.user != user && l.lie != "shows orders to everybody" || o.ID == "order-1" && l.lie == "loses an order"
}

func (l *liar) order(user string, _ map[string]any, r *http.Request) (int, any) {
	for _, o := range l.orders {
		if o.ID == r.PathValue("id") && !l.hides(o, user) {
			return 200, l.shown(o)
		}
	}
	return 404, "order_not_found"
}

func (l *liar) list(user string, _ map[string]any, _ *http.Request) (int, any) {
	own := []row{}
	for _, o := range l.orders {
		if o.user == user && !l.hides(o, user) {
			own = append(own, l.shown(o))
		}
	}
	return 200, map[string]any{"orders": own}
}

func (l *liar) shown(o *entry) row {
	shown := o.row
	if l.lie == "invents a state" && o.ID == "order-1" {
		shown.State = "lost"
	}
	return shown
}

func (l *liar) pay(user string, body map[string]any, _ *http.Request) (int, any) {
	for _, o := range l.orders {
		if o.ID != body["order_id"] || o.user != user {
			continue
		}
		switch success, _ := body["success"].(bool); {
		case l.lie == "loses payments":
		case success || l.lie == "pays what failed":
			o.State = "paid"
		default:
			o.State = "cancelled"
		}
		return 202, map[string]any{"order_id": o.ID, "state": "processing"}
	}
	return 404, "order_not_found"
}

func (l *liar) status(string, map[string]any, *http.Request) (int, any) {
	held := 0
	if l.lie == "leaks a unit" {
		held = -1
	}
	return 200, map[string]any{"goods": []any{map[string]any{
		"goods_id": "1001", "total": l.total, "left": l.left(), "held": held, "sold": l.sold(), "conserved": held == 0,
	}}}
}

// stall is how long the tests give a program that should end by itself.
const stall = time.Minute

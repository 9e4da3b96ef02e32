package httpadapter

import (
	"net/http"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/payment"
)

func (a *api) goods(r *http.Request, _ string) (reply, error) {
	goodsID, err := pathID(r, "id")
	if err != nil {
		return reply{}, err
	}
	v, err := a.engine.Goods(r.Context(), goodsID)
	return reply{status: http.StatusOK, body: newGoodsView(v)}, err
}

func (a *api) ticket(r *http.Request, user string) (reply, error) {
	var goodsID id
	quantity := 1
	if err := read(r, need("goods_id", &goodsID), may("quantity", &quantity)); err != nil {
		return reply{}, err
	}
	t, err := a.engine.Ticket(r.Context(), user, string(goodsID), quantity)
	if err != nil {
		return reply{}, err
	}
	body, err := readyToken(tokenView{t.Token, t.ExpiresAt.UTC()})
	return reply{status: http.StatusOK, body: body}, err
}

// purchase leaves reading and answering to others, as what it has on its stack is
// there once for each buyer who waits.
func (a *api) purchase(r *http.Request, user string) (reply, error) {
	goodsID, token, err := readPurchase(r)
	if err != nil {
		return reply{}, err
	}
	receipt, err := a.engine.Purchase(r.Context(), user, goodsID, token)
	if err != nil {
		return reply{}, err
	}
	return purchased(&receipt)
}

func readPurchase(r *http.Request) (goodsID, token string, err error) {
	var of id
	err = read(r, need("goods_id", &of), need("token", &token))
	return string(of), token, err
}

func purchased(r *seckill.Receipt) (reply, error) {
	status := http.StatusCreated
	if r.Replayed {
		status = http.StatusOK
	}
	body, err := readyReceipt(newReceiptView(r.Order))
	return reply{status, body, "/api/orders/" + r.Order.ID}, err
}

func (a *api) order(r *http.Request, user string) (reply, error) {
	orderID, err := pathID(r, "id")
	if err != nil {
		return reply{}, err
	}
	o, err := a.engine.Order(r.Context(), user, orderID)
	return reply{status: http.StatusOK, body: newOrderView(o)}, err
}

func (a *api) orders(r *http.Request, user string) (reply, error) {
	var after id
	limit := 20
	if err := read(r, may("after", &after), may("limit", &limit)); err != nil {
		return reply{}, err
	}
	if limit < 1 || limit > 100 {
		return reply{}, invalid("limit: want 1 to 100, got %d", limit)
	}
	list, err := a.engine.Orders(r.Context(), user, string(after), limit+1) // one more shows that there is a next page
	return reply{status: http.StatusOK, body: newOrdersView(list, limit)}, err
}

func (a *api) simulate(r *http.Request, user string) (reply, error) {
	var orderID id
	success := true
	if err := read(r, need("order_id", &orderID), may("success", &success)); err != nil {
		return reply{}, err
	}
	method := ""
	if !success {
		method = payment.MethodFail
	}
	err := a.engine.Pay(r.Context(), user, string(orderID), method)
	return reply{status: http.StatusAccepted, body: paymentView{string(orderID), payment.Processing}}, err
}

// callback takes an event from whoever signed it; the query is not signed and
// counts for nothing.
func (a *api) callback(r *http.Request) (reply, error) {
	var event payment.Event
	err := withBody(r, func(media string, body []byte) error {
		if media == typeForm {
			return &seckill.Refusal{Code: unsupportedMediaType}
		}
		if a.o.Webhook.Verify(r.Header, body) != nil {
			return &seckill.Refusal{Code: badSignature}
		}
		return readEvent(r.Header.Get(payment.HeaderID), a.engine.Now(), body, &event)
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, a.engine.PaymentEvent(r.Context(), event)
}

func readEvent(webhookID string, now time.Time, body []byte, e *payment.Event) error {
	e.ID, e.At = webhookID, now
	var orderID id
	var status string
	err := parse(typeJSON, body, "", []field{
		may("id", &e.ID), need("order_id", &orderID), need("payment_id", &e.PaymentID), need("status", &status),
		need("amount", &e.Amount), need("currency", &e.Currency), may("reason", &e.Reason), may("at", &e.At),
	})
	e.OrderID, e.Status = string(orderID), payment.Status(status)
	return err
}

// pathID returns the id in the request's path.
func pathID(r *http.Request, name string) (string, error) {
	s := r.PathValue(name)
	if !isID(s) {
		return "", invalid("%s: want %s", name, wanted((*id)(nil)))
	}
	return s, nil
}

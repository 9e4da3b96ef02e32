package httpadapter

import (
	"strconv"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/jsonappend"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
)

type moneyView struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

type tokenView struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
}

// readyToken returns what encoding/json would make of a tokenView, with a line's end.
func readyToken(v tokenView) (readyJSON, error) {
	b := jsonappend.String(append(make([]byte, 0, 256), `{"token":`...), v.Token)
	b, err := jsonappend.Time(append(b, `,"expires_at":`...), v.ExpiresAt)
	return append(b, "}\n"...), err
}

// definitionView is a goods as an operator defines it.
type definitionView struct {
	GoodsID       string    `json:"goods_id"`
	Title         string    `json:"title"`
	Subtitle      string    `json:"subtitle"`
	Price         moneyView `json:"price"`
	OriginalPrice moneyView `json:"original_price"`
	Total         int       `json:"total"`
	LimitPerUser  int       `json:"limit_per_user"`
	StartsAt      time.Time `json:"starts_at"`
	EndsAt        time.Time `json:"ends_at"`
}

type goodsView struct {
	definitionView
	Left  int               `json:"left"`
	State seckill.SaleState `json:"state"`
}

func newGoodsView(v seckill.View) goodsView {
	return goodsView{newDefinitionView(v.Goods), v.Left, v.State}
}

// receiptView is an order as the purchase answers it.
type receiptView struct {
	OrderID  string      `json:"order_id"`
	GoodsID  string      `json:"goods_id"`
	Quantity int         `json:"quantity"`
	Amount   moneyView   `json:"amount"`
	State    order.State `json:"state"`
	PayBy    time.Time   `json:"pay_by"`
}

func newReceiptView(o order.Order) receiptView {
	return receiptView{o.ID, o.GoodsID, o.Quantity, moneyView{o.Amount, o.Currency}, o.State, o.PayBy.UTC()}
}

// readyReceipt returns what encoding/json would make of a receiptView, with a line's
// end.
func readyReceipt(v receiptView) (readyJSON, error) {
	b := jsonappend.String(append(make([]byte, 0, 256), `{"order_id":`...), v.OrderID)
	b = jsonappend.String(append(b, `,"goods_id":`...), v.GoodsID)
	b = strconv.AppendInt(append(b, `,"quantity":`...), int64(v.Quantity), 10)
	b = strconv.AppendInt(append(b, `,"amount":{"amount":`...), v.Amount.Amount, 10)
	b = jsonappend.String(append(b, `,"currency":`...), v.Amount.Currency)
	b = jsonappend.String(append(b, `},"state":`...), string(v.State))
	b, err := jsonappend.Time(append(b, `,"pay_by":`...), v.PayBy)
	return append(b, "}\n"...), err
}

// orderView is an order as its buyer reads it.
type orderView struct {
	receiptView
	Reason    string    `json:"reason,omitempty"`
	PaymentID string    `json:"payment_id,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func newOrderView(o order.Order) orderView {
	return orderView{newReceiptView(o), o.Reason, o.PaymentID, o.CreatedAt.UTC(), o.UpdatedAt.UTC()}
}

type ordersView struct {
	Orders []orderView `json:"orders"`
	// Next is where the next page begins, nil after the last one.
	Next *string `json:"next"`
}

func newOrdersView(list []order.Order, limit int) ordersView {
	more := len(list) > limit
	list = list[:min(len(list), limit)]
	v := ordersView{Orders: make([]orderView, len(list))}
	for i, o := range list {
		v.Orders[i] = newOrderView(o)
	}
	if more {
		v.Next = &list[limit-1].ID
	}
	return v
}

type paymentView struct {
	OrderID string         `json:"order_id"`
	State   payment.Status `json:"state"`
}

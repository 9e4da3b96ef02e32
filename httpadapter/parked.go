package httpadapter

import (
	"net/http"
	"strconv"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
)

func (a *api) parked(r *http.Request, _ seckill.Admin) (reply, error) {
	var after int64
	limit := 100
	if err := read(r, may("after", &after), may("limit", &limit)); err != nil {
		return reply{}, err
	}
	if after < 0 {
		return reply{}, invalid("after: want a whole number from 0")
	}
	list, total, err := a.engine.Parked(r.Context(), after, limit)
	return reply{status: http.StatusOK, body: newParkedPage(list, total, limit)}, err
}

func (a *api) retryParked(r *http.Request, admin seckill.Admin) (reply, error) {
	text, err := onlyPathID(r, "id")
	if err != nil {
		return reply{}, err
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return reply{}, invalid("id: want a whole number from 1")
	}
	done, err := admin.RetryParked(r.Context(), id)
	return reply{status: http.StatusOK, body: retriedView{done}}, err
}

type parkedView struct {
	ID      int64  `json:"id"`
	Lane    string `json:"lane"`
	OrderID string `json:"order_id"`
	// EventID and EventType are nil for an order that cannot be cancelled.
	EventID   *string   `json:"event_id"`
	EventType *string   `json:"event_type"`
	Reason    string    `json:"reason"`
	ParkedAt  time.Time `json:"parked_at"`
}

type parkedPage struct {
	Parked []parkedView `json:"parked"`
	Total  int          `json:"total"`
	Next   *int64       `json:"next"`
}

type retriedView struct {
	Done int `json:"done"`
}

// newParkedPage has the next page begin behind a full one.
func newParkedPage(list []order.Parked, total, limit int) parkedPage {
	v := parkedPage{Parked: make([]parkedView, len(list)), Total: total}
	for i, p := range list {
		v.Parked[i] = parkedView{ID: p.ID, Lane: string(p.Lane), OrderID: p.Key, Reason: p.Reason, ParkedAt: p.At.UTC()}
		if p.Event.ID != "" {
			v.Parked[i].EventID, v.Parked[i].EventType = &p.Event.ID, &p.Event.Type
		}
	}
	if len(list) > 0 && len(list) == limit {
		v.Next = &list[len(list)-1].ID
	}
	return v
}

package console

import (
	"net/http"
	"strconv"
	"time"

	"github.com/seckill-go/seckill/order"
)

// page is how many rows a list has at once.
const page = 50

type ordersView struct {
	Orders []order.Order `json:"orders"`
	// After is what to ask with for older ones, "" if there are none.
	After string `json:"after"`
}

// orders are those of one user or of one goods, newest first.
func (c *console) orders(r *http.Request, _ session) (any, error) {
	q := r.URL.Query()
	var list []order.Order
	var err error
	switch user, goods := q.Get("user"), q.Get("goods"); {
	case user == "" && goods == "":
		return nil, invalid("user, goods: want one of them")
	case goods != "":
		list, err = c.engine.Latest(r.Context(), goods, q.Get("after"), page+1)
	default:
		list, err = c.engine.Orders(r.Context(), user, q.Get("after"), page+1) // one more shows that there is a next page
	}
	v := ordersView{Orders: append([]order.Order{}, list[:min(len(list), page)]...)}
	if len(list) > page {
		v.After = list[page-1].ID
	}
	return v, err
}

type orderView struct {
	order.Order
	Timeline []stepView `json:"timeline"`
}

// stepView is one moment in an order's life. Due is true for one that is still to
// come.
type stepView struct {
	Step string    `json:"step"`
	At   time.Time `json:"at"`
	Due  bool      `json:"due"`
	// Node is who did it, "" if that is not on record.
	Node string `json:"node,omitempty"`
	// Note is the attempt, the reason of a cancel, the id of a payment.
	Note string `json:"note,omitempty"`
}

func (c *console) order(r *http.Request, _ session) (any, error) {
	o, steps, err := c.engine.History(r.Context(), r.PathValue("id"))
	return orderView{o, timeline(o, steps)}, err
}

func timeline(o order.Order, steps []order.Step) []stepView {
	notes := map[string]string{
		order.StepTicket: o.ID, string(order.Cancelled): o.Reason, string(order.Paid): o.PaymentID, string(order.RefundDue): o.PaymentID,
	}
	views := make([]stepView, len(steps), len(steps)+1)
	for i, s := range steps {
		views[i] = stepView{Step: s.Name, At: s.At, Node: s.Node, Note: notes[s.Name]}
	}
	if o.State == order.Pending {
		views = append(views, stepView{Step: "pay_by", At: o.PayBy, Due: true})
	}
	return views
}

type auditsView struct {
	Audits []auditView `json:"audits"`
	// Before is what to ask with for older ones, 0 if there are none.
	Before int64 `json:"before"`
}

func (c *console) audits(r *http.Request, _ session) (any, error) {
	before := int64(0)
	if text := r.URL.Query().Get("before"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return nil, invalid("before: want the id of a row")
		}
		before = n
	}
	list, err := c.engine.Audits(r.Context(), before, page+1)
	more := len(list) > page
	list = list[:min(len(list), page)]
	v := auditsView{Audits: make([]auditView, len(list))}
	for i, a := range list {
		v.Audits[i] = newAuditView(a)
	}
	if more {
		v.Before = list[page-1].ID
	}
	return v, err
}

type entryView struct {
	User    string     `json:"user"`
	Reason  string     `json:"reason"`
	AddedAt time.Time  `json:"added_at"`
	Expires *time.Time `json:"expires_at"` // nil: until removed
}

type blacklistView struct {
	Entries []entryView `json:"entries"`
}

func (c *console) blacklist(r *http.Request, _ session) (any, error) {
	list, err := c.engine.Blacklisted(r.Context())
	v := blacklistView{make([]entryView, len(list))}
	for i, e := range list {
		v.Entries[i] = entryView{User: e.User, Reason: e.Reason, AddedAt: e.AddedAt}
		if !e.ExpiresAt.IsZero() {
			v.Entries[i].Expires = &e.ExpiresAt
		}
	}
	return v, err
}

package httpadapter

import (
	"context"
	"encoding/json"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
)

// Patterns are those of every route that there can be.
func Patterns(e *seckill.Engine, o Options) ([]string, error) {
	routes, err := newAPI(e, o).all()
	patterns := make([]string, len(routes))
	for i, r := range routes {
		patterns[i] = r.pattern
	}
	return patterns, err
}

// Codes are all that a problem may have.
func Codes() []string {
	var codes []string
	for c := range problems {
		codes = append(codes, string(c))
	}
	return codes
}

// Inputs has one field of each type.
type Inputs struct {
	ID       id
	Text     string
	Int      int
	Int64    int64
	Bool     bool
	Duration time.Duration
	Time     time.Time
	Inner    int
}

// Parse reads inputs as a route does, none of them needed.
func Parse(body []byte, query string) (Inputs, error) {
	var in Inputs
	err := parse(typeJSON, body, query, []field{
		may("goods_id", &in.ID), may("text", &in.Text), may("int", &in.Int), may("int64", &in.Int64), may("bool", &in.Bool),
		may("duration", &in.Duration), may("time", &in.Time), may("outer.inner", &in.Inner),
	})
	return in, err
}

// Within returns a context that ends at a time, and what ends it before.
func Within(ctx context.Context, until time.Time) (context.Context, func()) {
	p := &patience{Context: ctx, until: until}
	return p, p.end
}

// Receipt returns a purchase's answer as it is written, and as encoding/json
// writes it.
func Receipt(o order.Order) (got, want []byte, err error) {
	v := newReceiptView(o)
	want, _ = json.Marshal(v)
	got, err = readyReceipt(v)
	return got, append(want, '\n'), err
}

// Token does the same for a ticket's answer.
func Token(token string, expires time.Time) (got, want []byte, err error) {
	v := tokenView{token, expires}
	want, _ = json.Marshal(v)
	got, err = readyToken(v)
	return got, append(want, '\n'), err
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/examples/bench/load"
	"github.com/seckill-go/seckill/examples/bench/peer"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/stock/redisstock"
	"github.com/seckill-go/seckill/ticket"
)

// stage is one path made ready for a run: over HTTP a handler and the requests of
// each buyer, in process what each buyer calls.
type stage struct {
	handler http.Handler
	next    func(buyer int) func(*fasthttp.Request)
	status  int

	call func(buyer int) load.Call

	// books compares what the buyers were told with what the backends say; nil if
	// nothing is sold.
	books func(ctx context.Context, told []string) (losses, error)
}

// path is a way that requests go.
type path struct {
	name      string
	inprocess bool
	open      func(ctx context.Context, m *market, buyers int) (stage, error)
}

var (
	hello    = path{name: "hello", open: openHello}
	helloGet = path{name: "hello_get", open: openHelloGet}

	full          = path{name: "full", open: openFull}
	fullInprocess = path{name: "full", inprocess: true, open: openInprocess}
	hundred       = path{name: "full_100_goods", open: openSpread}
	p0            = path{name: "p0", open: openPeer(peer.NewP0)}
	p2            = path{name: "p2", open: openPeer(peer.NewP2)}
	reserve       = path{name: "reserve", open: openReserve}
)

// named are the paths that can be measured alone.
var named = map[string]path{
	"full": full, "full_100_goods": hundred, "inprocess": fullInprocess, "p0": p0, "p2": p2, "reserve": reserve,
	"sold_out": soldOut, "forged": forged, "limited": limited, "blacklisted": blacklisted,
}

// openHello is what net/http does with a request like a purchase's of which nobody
// reads a word: it is what everything else is measured by.
func openHello(_ context.Context, m *market, _ int) (stage, error) {
	return stage{handler: http.HandlerFunc(sayHello), status: http.StatusOK, next: func(i int) func(*fasthttp.Request) {
		prepare := m.posts("/api/seckill", i)
		body := fmt.Appendf(nil, `{"goods_id":"hello","token":"%s"}`, m.ticket(i, "hello"))
		return func(r *fasthttp.Request) {
			prepare(r)
			r.SetBodyRaw(body)
		}
	}}, nil
}

// openHelloGet is the least that anybody can ask of net/http: no body, no session.
func openHelloGet(context.Context, *market, int) (stage, error) {
	return stage{handler: http.HandlerFunc(sayHello), status: http.StatusOK, next: func(int) func(*fasthttp.Request) {
		return func(r *fasthttp.Request) { r.SetRequestURI("http://bench/hello") }
	}}, nil
}

func sayHello(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = []string{"text/plain"}
	w.Write([]byte("hello\n"))
}

// openFull is the engine: gate, ledger, outbox, and the relay beside it.
func openFull(ctx context.Context, m *market, _ int) (stage, error) {
	goodsID, err := m.sell(ctx, m.engine, plenty)
	return stage{
		handler: m.handler, next: m.purchases(goodsID), status: http.StatusCreated,
		books: m.booksOf(goodsID),
	}, err
}

// spread is how many goods openSpread sells at the same time.
const spread = 100

// openSpread is openFull with many goods, each with a few of the buyers.
func openSpread(ctx context.Context, m *market, _ int) (stage, error) {
	var goodsIDs []string
	for range spread {
		goodsID, err := m.sell(ctx, m.engine, plenty)
		if err != nil {
			return stage{}, err
		}
		goodsIDs = append(goodsIDs, goodsID)
	}
	return stage{
		handler: m.handler, status: http.StatusCreated, books: m.booksOf(goodsIDs...),
		next: func(i int) func(*fasthttp.Request) { return m.purchases(goodsIDs[i%spread])(i) },
	}, nil
}

func openInprocess(ctx context.Context, m *market, _ int) (stage, error) {
	goodsID, err := m.sell(ctx, m.engine, plenty)
	return stage{call: m.purchasing(goodsID, m.engine), books: m.booksOf(goodsID)}, err
}

// purchasing has buyer i purchase from one of the engines, in process.
func (m *market) purchasing(goodsID string, engines ...*seckill.Engine) func(i int) load.Call {
	return func(i int) load.Call {
		e, ticket := engines[i%len(engines)], ahead(m.ahead, func() string { return m.ticket(i, goodsID) })
		return func(ctx context.Context) (string, error) {
			r, err := e.Purchase(ctx, user(i), goodsID, ticket())
			return r.Order.ID, err
		}
	}
}

// openReserve is the engine with a ledger that agrees to everything: what the
// gate and everything in front of it costs. It has a gate and goods of its own,
// which the other engine's sweep does not see.
func openReserve(ctx context.Context, m *market, _ int) (stage, error) {
	_, h, goodsID, err := m.variant(ctx, func(o *seckill.Options) {
		o.Orders, o.Catalog = agreeable{new(order.Memory)}, new(goods.Memory)
		o.Stock = redisstock.New(m.clients.Redis, redisstock.Options{Prefix: m.clients.Prefix + "-reserve"})
	})
	return stage{handler: h, next: m.purchases(goodsID), status: http.StatusCreated}, err
}

// agreeable books everything and keeps nothing.
type agreeable struct{ order.Store }

func (agreeable) Commit(_ context.Context, goodsID string, _ int64, drafts []order.Draft) ([]order.Outcome, error) {
	outcomes := make([]order.Outcome, len(drafts))
	for i, d := range drafts {
		outcomes[i] = order.Outcome{Status: order.Committed, Order: d.Order(goodsID)}
	}
	return outcomes, nil
}

type peers func(context.Context, standard.Clients, peer.Sale) (peer.Peer, error)

// openPeer is a design that pays for each order, behind the same door as the
// engine: session, body and ticket are checked alike.
func openPeer(open peers) func(context.Context, *market, int) (stage, error) {
	return func(ctx context.Context, m *market, _ int) (stage, error) {
		sale := peer.Sale{GoodsID: m.newGoods(), Total: plenty}
		p, err := open(ctx, m.clients, sale)
		if err == nil && m.offsets[peer.Topic] == nil { // what is there already is of an earlier benchmark
			m.offsets[peer.Topic], err = m.ends(ctx, peer.Topic)
		}
		if err != nil {
			return stage{}, err
		}
		return stage{
			handler: m.door(p, sale.GoodsID), next: m.purchases(sale.GoodsID), status: http.StatusCreated,
			books: m.booksOfPeer(p),
		}, nil
	}
}

// door is the way to a peer's Purchase.
func (m *market) door(p peer.Peer, goodsID string) http.Handler {
	authenticate := httpadapter.Sessions(m.sessions)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			GoodsID string `json:"goods_id"`
			Token   string `json:"token"`
		}
		user, err := authenticate(r)
		if err == nil {
			err = json.NewDecoder(r.Body).Decode(&body)
		}
		var t ticket.Ticket
		if err == nil {
			t, err = m.signer.Verify(body.Token, user, goodsID, time.Now())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		id, err := p.Purchase(r.Context(), t.Attempt, user)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header().Set("Location", "/api/orders/"+id)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "{\"order_id\":%q,\"goods_id\":%q,\"state\":\"pending\"}\n", id, goodsID)
	})
}

// purchases makes the requests of buyers who purchase with a new ticket each time.
func (m *market) purchases(goodsID string) func(i int) func(*fasthttp.Request) {
	return func(i int) func(*fasthttp.Request) {
		prepare := m.posts("/api/seckill", i)
		body := ahead(m.ahead, func() []byte {
			return fmt.Appendf(nil, `{"goods_id":"%s","token":"%s"}`, goodsID, m.ticket(i, goodsID))
		})
		return func(r *fasthttp.Request) {
			prepare(r)
			r.SetBodyRaw(body())
		}
	}
}

// ahead makes n of what a buyer will need, as tickets are got before a sale begins,
// and returns one after the other. When they are used up it makes new ones.
func ahead[T any](n int, another func() T) func() T {
	made := make([]T, n)
	for i := range made {
		made[i] = another()
	}
	return func() T {
		if len(made) == 0 {
			return another()
		}
		next := made[0]
		made = made[1:]
		return next
	}
}

// posts makes requests of user i without a body.
func (m *market) posts(to string, i int) func(*fasthttp.Request) {
	bearer := "Bearer " + m.tokens[i]
	made := false
	return func(r *fasthttp.Request) {
		if made {
			return
		}
		made = true
		r.SetRequestURI("http://bench" + to)
		r.Header.SetMethod("POST")
		r.Header.SetContentType("application/json")
		r.Header.Set("Authorization", bearer)
	}
}

// settled waits until nothing is left in the outbox, so that one run does not
// work off what another left.
func (m *market) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		_, q, err := m.options.Orders.Pending(ctx, 0)
		if err != nil || q.Pending == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d batches still in the outbox: %w", q.Pending, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

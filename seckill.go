// Package seckill is an engine for flash sales (秒杀): a few units, a very large
// crowd, a few seconds, and never one unit sold twice, lost or left behind.
//
// A shop builds an [Engine] from parts: its own, or the ones on Redis, etcd,
// MySQL and Kafka that package standard wires, or none at all for an engine in
// memory. A buyer gets a ticket, purchases with it and pays:
//
//	engine, err := seckill.New(seckill.Options{})
//	ticket, err := engine.Ticket(ctx, "user-1", "1001", 1)
//	receipt, err := engine.Purchase(ctx, "user-1", "1001", ticket.Token)
//	err = engine.Pay(ctx, "user-1", receipt.Order.ID, "")
//
// Buyers of one goods who arrive while a commit is under way share the next one,
// so the cost of an order falls as the crowd grows, and a lone buyer waits for
// nobody.
//
// [New] starts nothing. [Engine.Run] does the background work until its context
// ends: it sends events, takes payments in, cancels what was not paid, and gives
// back what was left over. An engine that does not run sells correctly; only its
// events, restores and payments are late.
package seckill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/cache"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/ticket"
)

// Engine sells. It is safe for concurrent use, and any number of engines on any
// number of nodes sell the same goods when they share their backends.
type Engine struct {
	o       Options
	log     *slog.Logger
	clock   *clock // nil if the caller has given one
	signer  *ticket.Signer
	goods   *cache.Cache[string, goods.Goods]
	ids     *cache.Cache[struct{}, map[string]bool]
	known   atomic.Pointer[map[string]bool] // the last of ids, however old
	counts  *cache.Cache[string, *stock.Counts]
	replays *cache.Cache[string, outcome]
	health  *cache.Cache[string, error] // faults of the parts
	open    attempts
	limited limited
	// switchedOff is how long the switch has been off.
	switchedOff span
	relays      []*relay
	closing     chan struct{} // closed when Run is over
	ran         atomic.Bool
	retryEvery  time.Duration // what is parked
	active      atomic.Int64  // goroutines that sell, watch a lease or rebuild
	tally       *tally

	mu         sync.Mutex
	sales      map[string]*sale
	rebuilding map[string]bool
}

// freshness bounds how old the goods and counts may be that requests are
// answered from.
const freshness = time.Second

// replayFreshness is the least time between two looks at what a refused ticket has
// bought, so a flood of one ticket costs ten looks a second. An order that was found
// is answered from memory meanwhile; that there is none is not, because another node
// may have sold since.
const replayFreshness = 100 * time.Millisecond

// New builds an engine. Its error names every option that is out of range.
func New(o Options) (*Engine, error) {
	var own *clock
	if o.Now == nil {
		own = newClock()
		o.Now = own.now
	}
	o = o.withDefaults()
	signer, err := o.validate()
	if err != nil {
		return nil, fmt.Errorf("seckill: options: %w", err)
	}
	o.TicketKeys = nil // the signer has them, where no way of printing finds them
	e := &Engine{
		o:          o,
		log:        o.Logger,
		clock:      own,
		signer:     signer,
		goods:      cache.New[string, goods.Goods](freshness, 10_000),
		ids:        cache.New[struct{}, map[string]bool](freshness, 1),
		counts:     cache.New[string, *stock.Counts](freshness, 10_000),
		replays:    cache.New[string, outcome](replayFreshness, 10_000),
		health:     cache.New[string, error](healthFor, 100),
		retryEvery: retryEvery,
		closing:    make(chan struct{}),
		tally:      newTally(),
		sales:      make(map[string]*sale),
		rebuilding: make(map[string]bool),
	}
	e.relays = e.newRelays()
	return e, nil
}

// Ticket is the permission to purchase.
type Ticket struct {
	Token     string
	ExpiresAt time.Time
}

// Ticket admits a user to a purchase of quantity units. user is who the shop's
// own authentication says it is.
//
// Refusals, in the order of the checks: InvalidRequest, Disabled, Blacklisted,
// GoodsNotFound, NotStarted, Ended, SoldOut, RateLimited; Busy when a backend
// does not answer. Only the last check, the rate limit, and once a second the
// ones before it, cost a call to a backend.
func (e *Engine) Ticket(ctx context.Context, user, goodsID string, quantity int) (Ticket, error) {
	ctx, stage := e.start(ctx, Stage{Name: StageTicket, GoodsID: goodsID, Size: 1})
	t, err := e.ticket(ctx, user, goodsID, quantity)
	stage.done(err)
	e.tally.tickets.add(CodeOf(err))
	return t, err
}

func (e *Engine) ticket(ctx context.Context, user, goodsID string, quantity int) (Ticket, error) {
	now := e.o.Now()
	if err := names(user, goodsID); err != nil {
		return Ticket{}, err
	}
	live, err := e.admit(ctx, user, now)
	if err != nil {
		return Ticket{}, err
	}
	g, err := e.onSale(ctx, goodsID, now)
	if err != nil {
		return Ticket{}, err
	}
	if most := e.mostPerTicket(g); quantity < 1 || quantity > most {
		return Ticket{}, refuse(InvalidRequest, fmt.Sprintf("quantity: want 1 to %d, got %d", most, quantity))
	}
	if err := e.inStock(ctx, goodsID, quantity); err != nil {
		return Ticket{}, err
	}
	if err := e.withinRate(ctx, user, live, now); err != nil {
		return Ticket{}, err
	}
	expires := now.Add(e.o.TicketTTL)
	if expires.After(g.EndsAt) {
		expires = g.EndsAt
	}
	token, err := e.signer.Sign(ticket.Ticket{
		Attempt: ticket.NewAttempt(now), User: user, Goods: goodsID, Quantity: quantity,
		NotBefore: now.Add(-skew), Expires: expires.Add(time.Millisecond),
	})
	if err != nil {
		return Ticket{}, err
	}
	return Ticket{Token: token, ExpiresAt: expires}, nil
}

// skew is how far a node's clock may be behind that of the node that signed a
// ticket. The window itself is checked by each node's own clock.
const skew = 30 * time.Second

// Receipt is what a purchase got.
type Receipt struct {
	Order order.Order
	// Replayed says that the order was there already: the same ticket was used
	// before.
	Replayed bool
}

// Purchase buys what the ticket permits. The same ticket again gets the same
// order, whenever and wherever it is presented, also after it has expired.
//
// Refusals: InvalidRequest, InvalidTicket, Disabled, Blacklisted, GoodsNotFound,
// NotStarted, Ended, SoldOut, LimitReached, Busy (nothing was sold; try again) and
// OutcomeUnknown (retry with the same ticket to learn the outcome). When ctx ends
// while the purchase is under way, the purchase goes on without its buyer, and the
// answer is OutcomeUnknown. It is OutcomeUnknown too while another call with the
// ticket is under way that may succeed where this one is refused.
func (e *Engine) Purchase(ctx context.Context, user, goodsID, token string) (Receipt, error) {
	ctx, stage := e.start(ctx, Stage{Name: StagePurchase, GoodsID: goodsID, Size: 1})
	r, err := e.purchase(ctx, user, goodsID, token)
	stage.done(err)
	e.tally.purchases.add(CodeOf(err))
	return r, err
}

func (e *Engine) purchase(ctx context.Context, user, goodsID, token string) (Receipt, error) {
	now := e.o.Now()
	if err := names(user, goodsID); err != nil {
		return Receipt{}, err
	}
	t, err := e.signer.Verify(token, user, goodsID, now)
	if err != nil && !errors.Is(err, ticket.ErrExpired) {
		return Receipt{}, refuse(InvalidTicket, "")
	}
	if _, err = e.mayPurchase(ctx, t, now); err != nil {
		return e.replayOr(ctx, t, err)
	}
	e.open.begin(t.Attempt)
	g, err := e.mayPurchase(ctx, t, e.o.Now())
	if err != nil {
		e.open.end(t.Attempt, false)
		return e.replayOr(ctx, t, err)
	}
	return e.sale(goodsID).join(ctx, e.traced(ctx, e.newBuyer(t, g, now)))
}

// mayPurchase checks a genuine ticket, cheapest first.
func (e *Engine) mayPurchase(ctx context.Context, t ticket.Ticket, now time.Time) (goods.Goods, error) {
	if !now.Before(t.Expires) || now.Before(t.NotBefore) {
		return goods.Goods{}, expired()
	}
	if _, err := e.admit(ctx, t.User, now); err != nil {
		return goods.Goods{}, err
	}
	return e.onSale(ctx, t.Goods, now)
}

func expired() error { return refuse(InvalidTicket, "it has expired") }

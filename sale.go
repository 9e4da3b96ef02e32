package seckill

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/ticket"
)

// sale is one goods on this node: the queue of buyers and the groups that are being
// committed. Buyers who arrive meanwhile are the next group; there is no timer,
// so a lone buyer is a group of one at once.
type sale struct {
	e       *Engine
	goodsID string
	lease   tenure

	mu      sync.Mutex
	queue   []*buyer
	selling int           // goroutines that work the queue off
	taken   int           // buyers of the group that was taken last
	more    chan struct{} // wakes one that has nothing to do

	conclusions
}

// buyer is one purchase on its way through a group.
type buyer struct {
	draft  order.Draft
	since  time.Time       // the ticket is not older than that
	answer chan answer     // buffered: nobody waits for a buyer who left
	ctx    context.Context // for an observer, who links the group to it; else nil

	expires   time.Time // the ticket
	open      *attempts // has it until it is answered
	answered  bool
	otherwise error // the answer if the ledger has no order of it
}

type answer struct {
	receipt Receipt
	err     error
}

func (e *Engine) newBuyer(t ticket.Ticket, g goods.Goods, now time.Time) *buyer {
	return &buyer{
		draft: order.Draft{
			ID: t.Attempt, UserID: t.User,
			Quantity: t.Quantity, Limit: g.LimitPerUser,
			Amount: g.Price * int64(t.Quantity), Currency: g.Currency,
			CreatedAt: now, PayBy: now.Add(e.o.PayWithin), Node: e.o.Node,
		},
		since: t.NotBefore, answer: make(chan answer, 1), expires: t.Expires, open: &e.open,
	}
}

func (b *buyer) refuse(err error) { b.reply(answer{err: err}, false) }

// settle refuses by the ledger's word.
func (b *buyer) settle(err error) { b.reply(answer{err: err}, true) }

func (b *buyer) sell(o order.Order, replayed bool) {
	b.reply(answer{receipt: Receipt{Order: o, Replayed: replayed}}, true)
}

func (b *buyer) reply(a answer, settled bool) {
	b.answered = true
	b.open.end(b.draft.ID, settled)
	b.answer <- a
}

// busy refuses a buyer to whom this call sold nothing.
func (s *sale) busy(b *buyer, cause error) { b.refuse(s.e.busyFor(b.draft.ID, 1, cause)) }

// sale returns the goods' sale on this node.
func (e *Engine) sale(goodsID string) *sale {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.sales[goodsID]
	if !ok {
		s = &sale{e: e, goodsID: goodsID, more: make(chan struct{})}
		s.hurry = make(chan struct{}, 1)
		s.lease.e, s.lease.goodsID, s.lease.settled = e, goodsID, s.settled
		e.sales[goodsID] = s
	}
	return s
}

// join queues the buyer and waits for the answer.
func (s *sale) join(ctx context.Context, b *buyer) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		s.busy(b, err)
	} else if !s.enqueue(b) {
		s.busy(b, errQueueFull)
	}
	select {
	case a := <-b.answer:
		return a.receipt, a.err
	case <-ctx.Done():
		return Receipt{}, outcomeUnknown(ctx.Err())
	}
}

const (
	// abreast is how many groups of a goods are under way on a node: while the
	// database makes one durable, the gate and the database's other core work for the
	// next.
	abreast = 2
	// enough is how many buyers a group beside another one has at least; fewer wait,
	// as a group costs nearly the same for one as for a dozen.
	enough = 16
)

// worthwhile reports whether a group beside another one is: it has as many buyers as
// that. Otherwise the two of them would share a crowd in ever smaller groups.
func (s *sale) worthwhile() bool { return len(s.queue) >= max(enough, s.taken) }

var errQueueFull = errors.New("the goods' queue is full")

func outcomeUnknown(cause error) *Refusal {
	return &Refusal{Code: OutcomeUnknown, RetryAfter: time.Second, Cause: cause}
}

func (s *sale) enqueue(b *buyer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= s.e.o.MaxQueue {
		return false
	}
	s.queue = append(s.queue, b)
	if s.selling == 0 || s.selling < abreast && s.worthwhile() {
		s.selling++
		select {
		case s.more <- struct{}{}:
		default:
			s.e.spawn(s.work)
		}
	}
	return true
}

// work sells group after group until nobody has waited for a while.
func (s *sale) work() {
	for waits := true; waits; waits = s.linger() {
		for group := s.next(); group != nil; group = s.next() {
			ctx, stage := s.startGroup(group)
			err := guard(func() error { s.sell(ctx, group); return nil })
			if err != nil {
				s.e.log.Error("a group was not sold to its end", "goods", s.goodsID, "error", err)
			}
			for _, b := range group {
				if err != nil && !b.answered {
					b.refuse(outcomeUnknown(err))
				}
			}
			stage.done(err)
		}
	}
}

// linger waits for buyers and reports whether some came. A goroutine that has sold
// has a stack that fits; a new one grows its own first, for which a lone buyer
// would wait.
func (s *sale) linger() bool {
	enough := time.NewTimer(50 * time.Millisecond)
	defer enough.Stop()
	select {
	case <-s.more:
		return true
	case <-enough.C:
	case <-s.e.closing:
	}
	return false
}

// next takes the next group off the queue, or ends the work: there is nobody, or too
// few for a group beside the one that is under way, whose goroutine takes them next.
func (s *sale) next() []*buyer {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.queue), s.e.o.MaxGroup)
	if n == 0 {
		s.queue = nil
	}
	if n == 0 || s.selling > 1 && !s.worthwhile() {
		s.selling--
		return nil
	}
	s.taken = n
	group := s.queue[:n:n]
	s.queue = s.queue[n:]
	return group
}

package crowd

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"time"

	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/client"
	"github.com/seckill-go/seckill/examples/simulate/measure"
)

// How visitors go who got no order for another reason than a refusal.
const (
	ordered    = "order"
	faulted    = "fault"
	unfinished = "unfinished" // the run ended first
)

// person is a visitor on the way.
type person struct {
	*Crowd
	Visitor
	session string
	// due is when the next request should be sent.
	due time.Time
}

// shop is a buyer's visit: a ticket, a purchase, and whatever the intent is.
func (p *person) shop(ctx context.Context) string {
	arrived := p.due
	with := p.buy(ctx, arrived)
	if with != ordered && with != unfinished {
		p.ended(measure.Visit, arrived)
	}
	return with
}

func (p *person) buy(ctx context.Context, arrived time.Time) string {
	var ticket string
	a := p.persist(ctx, measure.Ticket, func(ctx context.Context) (a client.Answer) {
		ticket, a = p.Client.Ticket(ctx, p.session, p.GoodsID)
		return a
	})
	p.Book.Refused(a)
	if !a.OK() {
		return outcome(ctx, a)
	}
	p.dropped.drop(p.Index%len(p.Sessions), ticket)
	at := p.Book.Open(p.Index%len(p.Sessions), "")
	second := p.clickAgain(ctx, at, ticket)
	order, a := p.purchase(ctx, measure.Purchase, at, ticket)
	<-second
	if !a.OK() {
		return outcome(ctx, a)
	}
	p.ended(measure.Visit, arrived)
	p.decide(ctx, at, order)
	return ordered
}

// purchase presents the ticket until there is an order, a refusal, or no patience.
func (p *person) purchase(ctx context.Context, step measure.Step, at *audit.Attempt, ticket string) (o client.Order, a client.Answer) {
	a = p.persist(ctx, step, func(ctx context.Context) (a client.Answer) {
		o, a = p.Client.Purchase(ctx, p.session, p.GoodsID, ticket)
		p.Book.Answered(at, o, a)
		return a
	})
	return o, a
}

// clickAgain presents the same ticket at the same time, if the visitor is one who
// does, and once more after that.
func (p *person) clickAgain(ctx context.Context, at *audit.Attempt, ticket string) (done chan struct{}) {
	done = make(chan struct{})
	if !p.Double {
		close(done)
		return done
	}
	twin := &person{Crowd: p.Crowd, Visitor: p.Visitor, session: p.session, due: time.Now()}
	twin.random = rand.New(rand.NewPCG(p.random.Uint64(), 0))
	go func() {
		defer close(done)
		if _, a := twin.purchase(ctx, measure.Click, at, ticket); a.OK() {
			twin.purchase(ctx, measure.Click, at, ticket)
		}
	}()
	return done
}

// decide does with an order what the visitor wants.
func (p *person) decide(ctx context.Context, at *audit.Attempt, o client.Order) {
	if p.Intent == Abandons {
		return
	}
	success := p.Intent == Pays
	var known bool
	a := p.persist(ctx, measure.Pay, func(ctx context.Context) client.Answer {
		a := p.Client.Pay(ctx, p.session, o.ID, success)
		if !known {
			p.Book.Paid(at, success, a)
			known = a.OK()
		}
		return a
	})
	if a.OK() && success {
		p.follow(ctx, at, o.ID)
	}
}

// follow looks at the order until it is paid, or should be. It is late only if the
// shop says so when it is asked after the time, not if this program is late to ask.
func (p *person) follow(ctx context.Context, at *audit.Attempt, id string) {
	accepted, pause := time.Now(), 20*time.Millisecond
	for {
		late := time.Since(accepted) > p.PaidWithin
		o, a := p.Client.Order(ctx, p.session, id)
		switch {
		case a.OK() && (o.State == "paid" || o.State == "refund_due"):
			p.Book.Saw(at, o.State, false)
			p.ended(measure.Settled, accepted)
			return
		case a.OK() && late:
			p.Book.Saw(at, o.State, true)
			return
		case a.Code != "" && !a.Retryable, time.Since(accepted) > p.PaidWithin+timeout, !sleep(ctx, pause):
			return // the audit looks again
		}
		pause = min(2*pause, 500*time.Millisecond)
	}
}

// persist sends a request, and again where that makes sense, as often and as late
// as the shop asks for. Each of them is measured from when it was due.
func (p *person) persist(ctx context.Context, step measure.Step, send func(context.Context) client.Answer) (a client.Answer) {
	for tries := 0; ; tries++ {
		a = p.once(ctx, step, send)
		if a.OK() || ctx.Err() != nil || tries >= p.Plan.Retries || a.Err == nil && !a.Retryable {
			return a
		}
		// A crowd that came back in step would be the next spike.
		pause := max(a.RetryAfter, 100*time.Millisecond)
		pause += time.Duration(p.random.Int64N(int64(pause)/4 + 1))
		if until, ok := ctx.Deadline(); ok && time.Until(until) < pause {
			return a
		}
		p.due = time.Now().Add(pause)
		if !sleep(ctx, pause) {
			return a
		}
	}
}

// once sends one request, due when p says so; the next one is due now.
func (p *person) once(ctx context.Context, step measure.Step, send func(context.Context) client.Answer) client.Answer {
	asked, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	a := send(asked)
	now := time.Now()
	if ctx.Err() == nil || a.Err == nil { // else it was us who went
		p.Recorder.Add(measure.Sample{
			Step: step, Due: p.due.Sub(p.start), Took: now.Sub(p.due), Code: a.Code, Fault: fault(a),
		})
	}
	p.due = now
	return a
}

// ended measures a span that ends now.
func (p *person) ended(step measure.Step, since time.Time) {
	p.Recorder.Add(measure.Sample{Step: step, Due: since.Sub(p.start), Took: time.Since(since)})
}

// outcome is what a visitor goes with who was not granted something.
func outcome(ctx context.Context, a client.Answer) string {
	switch {
	case a.Err != nil && ctx.Err() != nil:
		return unfinished
	case a.Err != nil:
		return faulted
	}
	return a.Code
}

// fault is a short name of why there is no answer that the API knows.
func fault(a client.Answer) string {
	var network net.Error
	switch {
	case a.Err == nil:
		return ""
	case errors.Is(a.Err, context.DeadlineExceeded), errors.As(a.Err, &network) && network.Timeout():
		return "timeout"
	case a.Status == 0:
		return "connection"
	}
	return "not of this API"
}

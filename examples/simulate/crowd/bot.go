package crowd

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/seckill-go/seckill/examples/simulate/client"
	"github.com/seckill-go/seckill/examples/simulate/measure"
)

// burst is how often a bot asks for a ticket in a row, minding nobody's
// Retry-After, and how many forgeries it tries.
const (
	burst     = 15
	forgeries = 5
)

// hammer is a bot's visit: tickets as fast as they are answered, a purchase for
// each of them, and forged ones between.
func (p *person) hammer(ctx context.Context) string {
	with, genuine := unfinished, ""
	for i := range burst {
		var ticket string
		a := p.once(ctx, measure.BotTicket, func(ctx context.Context) (a client.Answer) {
			ticket, a = p.Client.Ticket(ctx, p.session, p.GoodsID)
			return a
		})
		p.Book.Refused(a)
		if a.OK() {
			genuine = ticket
			a = p.grab(ctx, ticket)
		}
		if with != ordered {
			with = outcome(ctx, a)
		}
		if a.OK() {
			with = ordered
		}
		if ctx.Err() != nil {
			break
		}
		if i < forgeries {
			p.forge(ctx, genuine)
		}
	}
	return with
}

// grab purchases with a genuine ticket. A bot does not pay.
func (p *person) grab(ctx context.Context, ticket string) client.Answer {
	p.dropped.drop(p.Index%len(p.Sessions), ticket)
	at := p.Book.Open(p.Index%len(p.Sessions), "")
	return p.once(ctx, measure.BotBuys, func(ctx context.Context) client.Answer {
		o, a := p.Client.Purchase(ctx, p.session, p.GoodsID, ticket)
		p.Book.Answered(at, o, a)
		return a
	})
}

// forge presents a ticket that the shop did not give to this user.
func (p *person) forge(ctx context.Context, genuine string) {
	kind, ticket := "an invented", p.invent()
	switch p.random.IntN(3) {
	case 0:
		if genuine != "" {
			kind, ticket = "an altered", alter(genuine)
		}
	case 1:
		if found := p.dropped.find(p.Index % len(p.Sessions)); found != "" && p.Fresh {
			kind, ticket = "somebody else's", found
		}
	}
	at := p.Book.Open(p.Index%len(p.Sessions), kind)
	p.once(ctx, measure.Forged, func(ctx context.Context) client.Answer {
		o, a := p.Client.Purchase(ctx, p.session, p.GoodsID, ticket)
		p.Book.Answered(at, o, a)
		return a
	})
}

// invent makes a ticket of the right form.
func (p *person) invent() string {
	payload := fmt.Appendf(nil, "%d %d", p.Index, p.random.Uint64())
	sum := sha256.Sum256(payload)
	return "st1.k1." + base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString(sum[:])
}

// alter changes a ticket's signature: a character in the middle of its last part,
// as the last character may have bits that nobody reads.
func alter(ticket string) string {
	from := strings.LastIndexByte(ticket, '.') + 1
	at := from + (len(ticket)-from)/2
	with := byte('A')
	if ticket[at] == with {
		with = 'B'
	}
	return ticket[:at] + string(with) + ticket[at+1:]
}

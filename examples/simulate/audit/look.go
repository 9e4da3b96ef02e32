package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seckill-go/seckill/examples/simulate/client"
)

// Look is how to see a shop from outside.
type Look struct {
	Client *client.Client
	// Sessions are the buyers' tokens.
	Sessions []string
	// Fresh says that the sessions have no orders of before.
	Fresh bool
	// Admin is an operator's token, "" for none.
	Admin   string
	GoodsID string
	Before  client.Goods
	// PaidWithin is how long a payment may take.
	PaidWithin time.Duration
}

const (
	// stale is how old what the shop shows of a goods may be, and a bit.
	stale = 1200 * time.Millisecond
	// patience is how long a read of the audit is tried.
	patience = 10 * time.Second
	// abreast is how many reads are under way at a time.
	abreast = 16
	// strangers is how many orders are tried with somebody else's session.
	strangers = 10
)

// See reads what the shop shows of everybody in the book, when the crowd has gone.
// The goods and the operator's numbers are read first, and the orders after them:
// units that come back between the two then make no false alarm.
func (l Look) See(ctx context.Context, b *Book) Facts {
	s := &seeing{Look: l, Facts: Facts{
		GoodsID: l.GoodsID, Before: l.Before, Orders: make(map[string]Shown), Fresh: l.Fresh, Within: l.PaidWithin.String(),
	}}
	sleep(ctx, stale)
	s.After = read(ctx, s, "the goods", func(ctx context.Context) (client.Goods, client.Answer) {
		return l.Client.Goods(ctx, l.Sessions[0], l.GoodsID)
	})
	b.OnSale(s.After.Total)
	s.status(ctx)
	s.Attempts, s.SoldOut, s.Most = b.take()
	s.orders(ctx)
	s.late(ctx)
	s.others(ctx)
	return s.Facts
}

// seeing is a look under way.
type seeing struct {
	Look
	mu sync.Mutex // guards Orders and Unread while several reads are under way
	Facts
}

// read asks until there is an answer, for as long as patience lasts.
func read[T any](ctx context.Context, s *seeing, what string, ask func(context.Context) (T, client.Answer)) T {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var v T
	for s.reading() {
		var a client.Answer
		v, a = ask(ctx)
		if a.OK() {
			return v
		}
		if a.Err == nil && !a.Retryable || !sleep(ctx, max(a.RetryAfter, 200*time.Millisecond)) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.Unread = append(s.Unread, fmt.Sprintf("%s: %v", what, a))
			return v
		}
	}
	return v
}

// reading is false once something could not be read: the rest would not be either,
// and one is enough for an open verdict.
func (s *seeing) reading() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.Unread) == 0
}

// status asks the operator's numbers, a few times if they do not add up: what is
// under way may still settle.
func (s *seeing) status(ctx context.Context) {
	if s.Admin == "" {
		return
	}
	for range 4 {
		now := read(ctx, s, "the status", func(ctx context.Context) (client.Status, client.Answer) {
			now, found, a := s.Client.Status(ctx, s.Admin, s.Look.GoodsID)
			if a.OK() && !found {
				a.Err = fmt.Errorf("goods %s is not in it", s.Look.GoodsID)
			}
			return now, a
		})
		if now.GoodsID == "" {
			return
		}
		s.Status = &now
		if now.Conserved || !sleep(ctx, 500*time.Millisecond) {
			return
		}
	}
}

// orders lists the orders of everybody who presented a ticket, and reads by its id
// each that was told and is not in the list.
func (s *seeing) orders(ctx context.Context) {
	buyers := make(map[int]bool)
	for _, a := range s.Attempts {
		buyers[a.Buyer] = true
	}
	told := s.told()
	each(slices.Sorted(maps.Keys(buyers)), func(buyer int) {
		list := read(ctx, s, fmt.Sprintf("the orders of buyer %d", buyer), func(ctx context.Context) ([]client.Order, client.Answer) {
			return s.Client.Orders(ctx, s.Sessions[buyer])
		})
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, o := range list {
			if o.GoodsID == s.Look.GoodsID && (s.Look.Fresh || told[o.ID] != nil && told[o.ID][0].Buyer == buyer) {
				s.Orders[o.ID] = Shown{o, buyer}
			}
		}
	})
	each(slices.Sorted(maps.Keys(told)), func(id string) {
		s.mu.Lock()
		known := s.Orders[id].ID != ""
		s.mu.Unlock()
		if !known {
			s.show(ctx, id, told[id][0].Buyer)
		}
	})
}

// show reads an order into the facts; one that is not there is a fact too.
func (s *seeing) show(ctx context.Context, id string, buyer int) (state string) {
	o := read(ctx, s, "order "+id, func(ctx context.Context) (client.Order, client.Answer) {
		o, a := s.Client.Order(ctx, s.Sessions[buyer], id)
		if a.Code == "order_not_found" {
			return client.Order{}, client.Answer{}
		}
		return o, a
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.ID != "" {
		s.Orders[id] = Shown{o, buyer}
	}
	return o.State
}

// late gives payments under way the rest of their time.
func (s *seeing) late(ctx context.Context) {
	var waiting []*Attempt
	for i := range s.Attempts {
		a := &s.Attempts[i]
		if !a.Payment.Accepted.IsZero() && !a.Payment.Fails && !a.Payment.Late && len(a.Receipts) > 0 {
			waiting = append(waiting, a)
		}
	}
	each(waiting, func(a *Attempt) {
		id := a.Receipts[0].ID
		s.mu.Lock()
		state := s.Orders[id].State
		s.mu.Unlock()
		for over := false; state == "pending" || state == "cancelled"; {
			if over || !sleep(ctx, 50*time.Millisecond) {
				return
			}
			over = time.Since(a.Payment.Accepted) > s.PaidWithin
			state = s.show(ctx, id, a.Buyer)
		}
	})
}

// others tries a few orders with the next buyer's session.
func (s *seeing) others(ctx context.Context) {
	if !s.Look.Fresh {
		return // two sessions may be one user's
	}
	ids := slices.Sorted(maps.Keys(s.Orders))
	for _, id := range ids[:min(len(ids), strangers)] {
		stranger := (s.Orders[id].Buyer + 1) % len(s.Sessions)
		if stranger == s.Orders[id].Buyer {
			return
		}
		if o, a := s.Client.Order(ctx, s.Sessions[stranger], id); a.OK() && o.ID == id {
			s.Shared = append(s.Shared, id)
		}
	}
}

func each[T any](all []T, f func(T)) {
	var group errgroup.Group
	group.SetLimit(abreast)
	for _, one := range all {
		group.Go(func() error { f(one); return nil })
	}
	group.Wait()
}

// sleep returns false if ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

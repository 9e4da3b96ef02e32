package gormorder

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// crowd is the groups under way. A few, and every large one, are booked side by side,
// each in a transaction of its own. When there are more, small ones share
// transactions, groups of different goods: a transaction costs a database more than
// a few rows. Those that come while a shared one is under way are in the next;
// there is no timer that gathers them.
//
// A goods whose row is kept locked goes by itself until it is free: a shared
// transaction waits for all of its rows.
type crowd struct {
	mu      sync.Mutex
	alone   map[string]*lone // transactions of one group under way, by goods
	count   int              // of them
	waiting []*group
	sharing bool // somebody books those who wait
}

// lone is a goods' transactions of one group.
type lone struct {
	count int
	since time.Time
}

const (
	// few groups need not share: a goods that sells by itself has two under way.
	few = 2
	// large is how many drafts a group has that costs more than its transaction: of 256
	// buyers on four goods such groups did as much as without sharing, and with small
	// ones shared, a hundred goods did twice as much (examples/bench).
	large = 16
	// patience bounds a shared transaction.
	patience = 2 * time.Second
	// stuck is how long a goods' own transactions may be under way before its groups
	// share no more.
	stuck = 500 * time.Millisecond
)

// book books the group, with others or by itself.
func (s *Store) book(ctx context.Context, g *group) error {
	if s.share(ctx, g) {
		select {
		case booked := <-g.told:
			if booked {
				return nil
			}
			s.crowd.enter(g.goodsID)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer s.crowd.leave(g.goodsID)
	return s.commit(ctx, g)
}

func (c *crowd) enter(goodsID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin(goodsID)
}

// begin counts a transaction of one group; the caller holds mu.
func (c *crowd) begin(goodsID string) {
	if c.alone == nil {
		c.alone = make(map[string]*lone)
	}
	l := c.alone[goodsID]
	if l == nil {
		l = &lone{since: time.Now()}
		c.alone[goodsID] = l
	}
	l.count++
	c.count++
}

func (c *crowd) leave(goodsID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count--
	l := c.alone[goodsID]
	l.since = time.Now()
	if l.count--; l.count == 0 {
		delete(c.alone, goodsID)
	}
}

// share has the group wait for a shared transaction, if there are many; otherwise it
// counts as one by itself. One that waits hears whether it was booked. If not,
// whatever the reason, it goes by itself, which finds what the shared one did and
// returns what is wrong.
func (s *Store) share(ctx context.Context, g *group) (waits bool) {
	trusted := g.decideOnTrust()
	c := &s.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.alone[g.goodsID]
	if !trusted || len(g.drafts) >= large || !c.sharing && c.count < few || l != nil && time.Since(l.since) > stuck {
		c.begin(g.goodsID)
		return false
	}
	g.ctx, g.told = ctx, make(chan bool, 1)
	c.waiting = append(c.waiting, g)
	if !c.sharing {
		c.sharing = true
		go s.bookWaiting()
	}
	return true
}

// bookWaiting books those who wait until no group does.
func (s *Store) bookWaiting() {
	for groups := s.crowd.next(); groups != nil; groups = s.crowd.next() {
		err := s.commitShared(groups)
		for _, g := range groups {
			g.told <- err == nil
		}
	}
}

// next takes the groups of the next shared transaction, in the order of their goods:
// one of each, and as many as fit. It is nil when none waits any more.
func (c *crowd) next() []*group {
	c.mu.Lock()
	defer c.mu.Unlock()
	size, goods := 0, make(map[string]bool)
	var taken, left []*group
	for _, g := range c.waiting {
		switch {
		case g.ctx.Err() != nil: // its caller has left
		case goods[g.goodsID] || size > 0 && size+len(g.drafts) > chunk:
			left = append(left, g)
		default:
			taken = append(taken, g)
			size, goods[g.goodsID] = size+len(g.drafts), true
		}
	}
	c.waiting, c.sharing = left, len(taken) > 0
	slices.SortFunc(taken, func(a, b *group) int { return cmp.Compare(a.goodsID, b.goodsID) })
	return taken
}

// commitShared books all of the groups on trust, or none. A panic is an error here: the
// groups meet it again where their callers can see it.
func (s *Store) commitShared(groups []*group) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(groups[0].ctx), patience)
	defer cancel()
	return s.writeGroups(ctx, 1, groups...)
}

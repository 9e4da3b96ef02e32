package gormorder

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// crowd is the groups under way. A few, and every large one, are booked side by side,
// each in a transaction of its own. When there are more, small ones share
// transactions, groups of different goods: a transaction costs a database more than
// a few rows. Those that come while a shared one is under way are in the next;
// there is no timer that gathers them.
//
// A shared transaction waits for no stock row, so that a goods whose row is kept
// locked does not hold up the others.
type crowd struct {
	mu      sync.Mutex
	alone   int // transactions of one group under way
	waiting []*group
	sharing bool // somebody books those who wait
	cannot  bool // the database is too old
}

const (
	// few groups need not share: a goods that sells by itself has two under way.
	few = 2
	// large is how many drafts a group has that costs more than its transaction: of 256
	// buyers on four goods such groups did as much as without sharing, and with small
	// ones shared, a hundred goods did twice as much (examples/bench).
	large = 16
	// maxSkips is how many shared transactions that found its stock row locked a group
	// waits for; then it waits for the row.
	maxSkips = 8
	// patience bounds a shared transaction.
	patience = 2 * time.Second
)

// book books the group, with others or by itself.
func (s *Store) book(ctx context.Context, g *group) error {
	if s.share(ctx, g) {
		select {
		case booked := <-g.told:
			if booked {
				return nil
			}
			s.crowd.count(1)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer s.crowd.count(-1)
	return s.commit(ctx, g)
}

func (c *crowd) count(alone int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alone += alone
}

// share has the group wait for a shared transaction, if there are many; otherwise it
// counts as one by itself. One that waits is told whether it was booked. If not,
// whatever the reason, it goes by itself, which finds what the shared one did and
// hears what is wrong.
func (s *Store) share(ctx context.Context, g *group) (waits bool) {
	c := &s.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cannot || len(g.drafts) >= large || !c.sharing && c.alone < few {
		c.alone++
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

// bookWaiting books those who wait until nobody does.
func (s *Store) bookWaiting() {
	for groups := s.crowd.next(); groups != nil; groups = s.crowd.next() {
		err := s.commitShared(groups)
		for _, g := range groups {
			switch {
			case err != nil || g.fenced() || g.outcomes == nil && g.skips == maxSkips:
				g.told <- false
			case g.outcomes != nil:
				g.told <- true
			default:
				g.skips++
				s.crowd.wait(g)
			}
		}
	}
}

func (c *crowd) wait(g *group) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, g)
}

// next takes the groups of the next shared transaction, in the order of their goods:
// one of each, and as many as fit. It is nil when nobody waits any more.
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

// commitShared books those of the groups that have outcomes after it. A panic is an
// error here: the groups meet it again where their callers can see it.
func (s *Store) commitShared(groups []*group) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(groups[0].ctx), patience)
	defer cancel()
	err = s.transactAt(ctx, sql.LevelDefault, func(tx *gorm.DB) error { return s.commitFree(tx, groups) })
	if refused, ok := errors.AsType[*mysql.MySQLError](err); ok && (refused.Number == syntaxError || refused.Number == notYet) {
		s.crowd.mu.Lock()
		defer s.crowd.mu.Unlock()
		s.crowd.cannot = true // SKIP LOCKED
	}
	return err
}

// notYet is the answer to what a server does not do.
const notYet = 1235

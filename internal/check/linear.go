package check

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/anishathalye/porcupine"
)

// The model of one goods: how many units are taken, by whom, and which attempts
// are known. A history fits if its answers can be put in one order, each within
// its call, in which all of them are right.
//
// What is not told need not be searched. A unit of a cancelled order comes back at
// some moment that nobody sees; it is best for every refusal that it comes as late
// as possible, and for every order that it comes when it is needed, so the model
// gives it back on demand: hard units are those of live orders, soft ones those
// that may be back. For the same reason a refusal is left out whose call lies
// around that of another one with the same question. Both keep the search short:
// most histories are decided in one pass.

// step is one input of the model.
type step struct {
	kind    stepKind
	attempt int // number, -1 for none
	user    int
	units   int
	aside   bool // count for the user alone
	op      *Op
}

type stepKind uint8

const (
	takes    stepKind = iota // units for a live order
	borrows                  // units for an order that was cancelled later
	holds                    // units of an attempt that may hold them
	soldOuts                 // fewer units are left
	limits                   // the user has too many
	totals                   // the total changes
)

// state is a moment of the model. The search never changes one.
type state struct {
	total, hard, soft int
	users             []int32 // hard and soft units of each user, in pairs
	known             []byte  // what became of each attempt
	hash              uint64  // of what was done since the start
}

// What an attempt is known for.
const (
	unknown byte = iota
	aside
	held
	sold
)

// history is the claims as porcupine takes them.
func (c *claims) history() []porcupine.Operation {
	var h []porcupine.Operation
	add := func(from, to int64, s step) {
		h = append(h, porcupine.Operation{Input: s, Call: from, Return: to})
	}
	attempts, users := map[string]int{}, map[string]int{}
	for i, t := range c.takes {
		attempts[t.attempt] = i
		kind := borrows
		switch {
		case t.certain:
			kind = takes
		case t.perhaps:
			kind = holds
		}
		add(t.from, t.to, step{kind, i, number(users, t.user), t.units, t.aside, &c.takes[i].op})
	}
	for _, r := range c.telling(attempts) {
		kind, attempt := soldOuts, -1
		if r.limit {
			kind = limits
		}
		if i, ok := attempts[r.op.Attempt]; ok {
			attempt = i
		}
		add(r.from, r.to, step{kind, attempt, number(users, r.op.User), r.units, false, &r.op})
	}
	for _, op := range c.totals {
		if op.Code == Accepted && !op.Pending() {
			add(op.Call, op.Return, step{totals, -1, 0, op.Quantity, false, &op})
		}
	}
	lanes(h)
	return h
}

func number(known map[string]int, name string) int {
	if n, ok := known[name]; ok {
		return n
	}
	known[name] = len(known)
	return known[name]
}

// telling leaves out each refusal that follows from another one: the same question,
// asked by somebody who has nothing, in a call that lies within its own.
func (c *claims) telling(attempts map[string]int) []read {
	type question struct {
		units   int
		user    string
		attempt string
	}
	shortest := map[question][]read{}
	reads := slices.SortedFunc(slices.Values(c.reads), func(x, y read) int {
		return cmp.Or(cmp.Compare(x.to, y.to), cmp.Compare(y.from, x.from), cmp.Compare(x.op.ID, y.op.ID))
	})
	var telling []read
	for _, r := range reads {
		q := question{units: r.units}
		if r.limit {
			q.user = r.op.User
		}
		if _, ok := attempts[r.op.Attempt]; ok {
			q.attempt = r.op.Attempt
		}
		if kept := shortest[q]; len(kept) > 0 && kept[len(kept)-1].from >= r.from {
			continue
		}
		shortest[q] = append(shortest[q], r)
		telling = append(telling, r)
	}
	return telling
}

// lanes numbers the clients for the drawing: calls of one lane do not overlap.
func lanes(h []porcupine.Operation) {
	slices.SortStableFunc(h, func(x, y porcupine.Operation) int { return cmp.Compare(x.Call, y.Call) })
	var free []int64
	for i := range h {
		lane := slices.IndexFunc(free, func(end int64) bool { return end < h[i].Call })
		if lane < 0 {
			lane = len(free)
			free = append(free, 0)
		}
		free[lane], h[i].ClientId = h[i].Return, lane
	}
}

func (c *claims) model(start *state) porcupine.Model {
	seed := maphash.MakeSeed()
	return porcupine.Model{
		Init: func() any { return start },
		Step: func(s, input, _ any) (bool, any) {
			ok, after := s.(*state).step(input.(step), c.limit, seed)
			return ok, after
		},
		Equal: func(x, y any) bool { return x.(*state).equal(y.(*state)) },
		Hash: func(s any) uint64 {
			at := s.(*state)
			return at.hash ^ uint64(at.total)<<40 ^ uint64(at.hard)<<20 ^ uint64(at.soft)
		},
		DescribeOperation: func(input, _ any) string { return input.(step).String() },
		DescribeState:     func(s any) string { return s.(*state).String() },
	}
}

// step answers one input, and gives the moment after it.
func (s *state) step(i step, limit int, seed maphash.Seed) (bool, *state) {
	switch i.kind {
	case soldOuts:
		return s.hard+s.soft-s.own(i) > s.total-i.units && s.mayBeRefused(i), s
	case limits:
		return int(s.users[2*i.user]+s.users[2*i.user+1])-s.own(i) > limit-i.units && s.mayBeRefused(i), s
	case totals:
		after := *s
		after.total = i.units
		return i.units >= s.hard, &after
	case holds:
		return true, s.after(i, 0, i.units, i.holding(), seed)
	}
	if s.hard+i.units > s.total || limit > 0 && int(s.users[2*i.user])+i.units > limit {
		return false, s
	}
	if i.kind == borrows {
		return true, s.after(i, 0, i.units, sold, seed)
	}
	return true, s.after(i, i.units, 0, sold, seed)
}

// holding is what an attempt is known for that may hold units.
func (s step) holding() byte {
	if s.aside {
		return aside
	}
	return held
}

// own is what the attempt that asks has itself.
func (s *state) own(i step) int {
	if i.attempt < 0 || s.known[i.attempt] == unknown || s.known[i.attempt] == aside && i.kind == soldOuts {
		return 0
	}
	return i.units
}

// mayBeRefused: an attempt with an order gets that order.
func (s *state) mayBeRefused(i step) bool { return i.attempt < 0 || s.known[i.attempt] != sold }

func (s *state) after(i step, hard, soft int, what byte, seed maphash.Seed) *state {
	after := *s
	after.users, after.known = slices.Clone(s.users), bytes.Clone(s.known)
	after.add(i, hard, soft, what)
	after.hash ^= maphash.Comparable(seed, [2]int{i.attempt, int(what)})
	return &after
}

func (s *state) add(i step, hard, soft int, what byte) {
	if s.hard += hard; !i.aside {
		s.soft += soft
	}
	s.users[2*i.user] += int32(hard)
	s.users[2*i.user+1] += int32(soft)
	s.known[i.attempt] = what
}

func (s *state) equal(t *state) bool {
	return s.hash == t.hash && s.total == t.total && s.hard == t.hard && s.soft == t.soft &&
		slices.Equal(s.users, t.users) && bytes.Equal(s.known, t.known)
}

func (s *state) String() string {
	return fmt.Sprintf("%d of %d in live orders, %d that may be back", s.hard, s.total, s.soft)
}

func (s step) String() string {
	what := [...]string{"order", "order, cancelled later", "perhaps held", "sold out", "limit reached", "total"}[s.kind]
	return fmt.Sprintf("%s: %d, user %s, attempt %s, on %s", what, s.units, s.op.User, s.op.Attempt, s.op.Node)
}

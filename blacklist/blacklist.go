// Package blacklist is the contract for the list of users who may not buy.
//
// [Memory] serves one process; package etcdblacklist serves many. Backends prove
// themselves with package blacklisttest.
package blacklist

import (
	"context"
	"errors"
	"regexp"
	"time"
)

// ErrInvalidUser says that the user of an entry does not match
// ^[A-Za-z0-9_-]{1,64}$.
var ErrInvalidUser = errors.New("blacklist: invalid user: want 1 to 64 letters, digits, _ or -")

// Entry is one user on the list.
type Entry struct {
	// User is the user's id.
	User string
	// Reason is for the operators; buyers do not see it.
	Reason string
	// AddedAt is when the entry was added. Add sets it to its now when it is zero.
	AddedAt time.Time
	// ExpiresAt is when the entry ends by itself. Zero means never.
	ExpiresAt time.Time
}

// Expired reports whether the entry has ended at now.
func (e Entry) Expired(now time.Time) bool {
	return !e.ExpiresAt.IsZero() && !now.Before(e.ExpiresAt)
}

var userPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Validate returns [ErrInvalidUser] or nil.
func (e Entry) Validate() error {
	if !userPattern.MatchString(e.User) {
		return ErrInvalidUser
	}
	return nil
}

// Finder is what the request path needs.
//
// now is the caller's time, by the clock that all nodes share. It alone decides whether
// an entry has ended: the clock of the node is not asked.
type Finder interface {
	// Find looks a user up. It answers from memory whenever it can: what was added
	// or removed on one node is seen on every node within one second, and at once
	// on the node itself. When the backend is out of reach it answers what it last
	// knew; it fails only if it never knew anything of that user. An entry that has
	// expired at now is not found.
	Find(ctx context.Context, user string, now time.Time) (Entry, bool, error)
}

// List is a whole blacklist backend. Implementations are safe for concurrent use.
// One that also has a method Run(context.Context) error keeps its memory fresh
// while Run runs; without it a lookup may cost a read of the backend once a
// second. now is as for a [Finder].
type List interface {
	Finder
	// Add puts the entry on the list, in place of an earlier one of the same user.
	// An entry that has expired at now is not listed, so it ends an earlier one.
	//
	// Errors: [ErrInvalidUser], nothing was added, or a fault.
	Add(ctx context.Context, e Entry, now time.Time) error
	// Remove takes the user off the list and reports whether the user was on it at
	// now.
	Remove(ctx context.Context, user string, now time.Time) (bool, error)
	// Entries returns every entry that has not expired at now, sorted by user, as the
	// backend has them now.
	Entries(ctx context.Context, now time.Time) ([]Entry, error)
}

// Package session is the contract for login sessions: who is at the other end.
//
// [Sessions] issues signed tokens and verifies them locally, then asks a [Store]
// whether the session was revoked, through a cache of at most one second. Many who
// ask at once share a call of the store.
// [Memory] serves one process; package redissession serves many. Backends prove
// themselves with package sessiontest.
package session

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrInvalid says that a token is not one of ours, was altered, has expired or
	// was revoked. It does not say which: the caller must not learn.
	ErrInvalid = errors.New("session: invalid token")
	// ErrNotFound says that a [Store] has no session of that id.
	ErrNotFound = errors.New("session: not found")
)

// Session is one login.
type Session struct {
	// ID names the session. User is who logged in.
	ID, User string
	// ExpiresAt is when the session ends by itself, kept in UTC to the millisecond.
	ExpiresAt time.Time
}

// Answer is what a [Store] says to one id.
type Answer struct {
	// Session is that of the id, if Err is nil.
	Session Session
	// Err is [ErrNotFound] (never there, expired or deleted) or a fault.
	Err error
}

// Store keeps sessions until they expire. Implementations are safe for
// concurrent use.
type Store interface {
	// Put keeps the session for the time from now to its ExpiresAt, or up to five
	// seconds longer. now is the caller's time, by the clock that all nodes share; the clock of
	// the node is not asked. The caller judges by ExpiresAt whether the session has
	// ended, as [Sessions] does.
	Put(ctx context.Context, s Session, now time.Time) error
	// Get returns an answer to each id, in their order; an id may come twice. One that
	// fails does not fail the others. It is called with up to 256 ids, which should
	// share what they cost.
	Get(ctx context.Context, ids ...string) []Answer
	// Delete ends the session; one that is not there is no error.
	Delete(ctx context.Context, id string) error
}

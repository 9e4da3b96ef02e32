package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/seckill-go/seckill/internal/cache"
	"github.com/seckill-go/seckill/internal/seal"
)

// Key signs tokens. ID is 1 to 16 characters of A-Z a-z 0-9 _ -; Secret has at
// least 32 bytes.
type Key struct {
	ID     string
	Secret []byte
}

// Format writes the key's ID and not its secret, whatever the verb.
func (k Key) Format(w fmt.State, _ rune) { io.WriteString(w, seal.Shown(k.ID)) }

// MarshalText does as Format; JSON and slog ask for it.
func (k Key) MarshalText() ([]byte, error) { return []byte(seal.Shown(k.ID)), nil }

// Options of [New].
type Options struct {
	// Keys sign tokens, the first, and are accepted, all; every node needs the same.
	// At least one is needed.
	Keys []Key
	// TTL is how long a session lasts, 1 s to 1 year. Zero means 24 hours.
	TTL time.Duration
	// CacheFor is how long a node believes a session without asking the store, and
	// so how long a revoked one may still pass elsewhere: at most 1 s. Zero means 1
	// s, negative means that the store is always asked.
	CacheFor time.Duration
	// Now is the clock, which all nodes should share, for example the Now of a
	// seckill.Engine. Zero means time.Now.
	Now func() time.Time
}

// Sessions issues and verifies tokens. It is safe for concurrent use.
type Sessions struct {
	store   Store
	ring    *seal.Ring
	known   *known
	lookups *lookups
	o       Options
}

// known has what this node knows, by the fingerprints of genuine tokens: what is
// found in it was verified, and a forged token never comes into it.
type (
	known = cache.Cache[fingerprint, Session]
	entry = cache.Entry[fingerprint, Session]
)

// fingerprint is SHA-256 of a token's text. A map compares keys byte by byte, and the
// time of that could tell a guesser how far a guess agrees with a token that is known
// here; how far two hashes agree tells nothing of the tokens. Nor does the cache hold
// what would log anybody in. As a token has one spelling (package seal), a session
// has one fingerprint.
type fingerprint [sha256.Size]byte

func fingerprintOf(token string) fingerprint {
	var room [192]byte // on the stack, for every token of ours
	return sha256.Sum256(append(room[:0], token...))
}

// maxKnown bounds how many sessions a node keeps in memory, some 35 MB.
const maxKnown = 100_000

// New returns sessions that are kept in the store. The error names every option
// that is wrong.
func New(store Store, o Options) (*Sessions, error) {
	keys := make([]seal.Key, len(o.Keys))
	for i, k := range o.Keys {
		keys[i] = seal.Key(k)
	}
	ring, err := seal.New("ss1", keys)
	if o.TTL == 0 {
		o.TTL = 24 * time.Hour
	}
	if o.TTL < time.Second || o.TTL > 365*24*time.Hour {
		err = errors.Join(err, fmt.Errorf("TTL: want 1s to 1 year, got %v", o.TTL))
	}
	if o.CacheFor == 0 {
		o.CacheFor = time.Second
	}
	o.CacheFor = max(o.CacheFor, -1) // however negative, what was just read is fresh for who waited for it
	if o.CacheFor > time.Second {
		err = errors.Join(err, fmt.Errorf("CacheFor: want at most 1s, got %v", o.CacheFor))
	}
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	o.Keys = nil // the ring has them, where no way of printing finds them
	known := cache.New[fingerprint, Session](o.CacheFor, maxKnown)
	return &Sessions{store: store, ring: ring, known: known, lookups: &lookups{store: store, known: known, room: maxWaiting}, o: o}, nil
}

var userPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Issue begins a session of the user and returns its token. The caller has made
// sure who the user is. user is 1 to 64 letters, digits, _ or -.
func (s *Sessions) Issue(ctx context.Context, user string) (string, Session, error) {
	if !userPattern.MatchString(user) {
		return "", Session{}, fmt.Errorf("session: user: want 1 to 64 letters, digits, _ or -, got %.80q", user)
	}
	var id [idSize]byte
	rand.Read(id[:])
	now := s.clock(time.Now())
	session := Session{
		ID: hex.EncodeToString(id[:]), User: user,
		ExpiresAt: now.Add(s.o.TTL).UTC().Truncate(time.Millisecond),
	}
	if err := s.store.Put(ctx, session, now); err != nil {
		return "", Session{}, err
	}
	payload := append(id[:], make([]byte, 8)...)
	binary.BigEndian.PutUint64(payload[idSize:], uint64(session.ExpiresAt.UnixMilli()))
	return s.ring.Seal(append(payload, user...)), session, nil
}

const idSize = 16

// Verify returns the session of the token. Every reason to refuse it is
// [ErrInvalid]; any other error means that the store did not answer. A forged or
// expired token costs no I/O, a good one a share in a call of the store once a
// CacheFor. If ctx ends first, its error is returned.
func (s *Sessions) Verify(ctx context.Context, token string) (Session, error) {
	f, now := fingerprintOf(token), time.Now()
	session, ok := s.known.Kept(f, now)
	if !ok {
		var err error
		if session, err = s.read(token, now); err == nil {
			session, err = s.ask(ctx, f, session, now)
		}
		if err != nil {
			return Session{}, err
		}
	}
	if session.ID == "" || s.ended(session, now) {
		return Session{}, ErrInvalid
	}
	return session, nil
}

// ask returns the session of a genuine token if the store has it, or else the zero
// Session.
func (s *Sessions) ask(ctx context.Context, f fingerprint, session Session, now time.Time) (Session, error) {
	for {
		e, first := s.known.Find(f)
		if first {
			s.lookups.add(lookup{session, e, ctx})
		}
		kept, err := e.Wait(ctx)
		// What others have asked long ago may be older than a CacheFor.
		if err != nil || first || e.Fresh(now) {
			return kept, err
		}
	}
}

// Revoke ends the session of the token: at once on this node, within CacheFor on
// the others. A token that is invalid already is no error.
func (s *Sessions) Revoke(ctx context.Context, token string) error {
	session, err := s.read(token, time.Now())
	if err != nil {
		return nil
	}
	if err := s.store.Delete(ctx, session.ID); err != nil {
		return err
	}
	s.known.Forget(fingerprintOf(token))
	return nil
}

// read returns what a genuine token says that has not expired.
func (s *Sessions) read(token string, now time.Time) (Session, error) {
	b, err := s.ring.Open(token)
	if err != nil || len(b) <= idSize+8 {
		return Session{}, ErrInvalid
	}
	session := Session{
		ID:        hex.EncodeToString(b[:idSize]),
		User:      string(b[idSize+8:]),
		ExpiresAt: time.UnixMilli(int64(binary.BigEndian.Uint64(b[idSize:]))).UTC(),
	}
	if s.ended(session, now) {
		return Session{}, ErrInvalid
	}
	return session, nil
}

func (s *Sessions) ended(session Session, now time.Time) bool {
	return !s.clock(now).Before(session.ExpiresAt)
}

// clock returns the time by the options' clock; now is the computer's.
func (s *Sessions) clock(now time.Time) time.Time {
	if s.o.Now != nil {
		return s.o.Now()
	}
	return now
}

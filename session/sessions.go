package session

import (
	"context"
	"crypto/rand"
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
	// Now is the clock. Zero means time.Now.
	Now func() time.Time
}

// Sessions issues and verifies tokens. It is safe for concurrent use.
type Sessions struct {
	store Store
	ring  *seal.Ring
	known *cache.Cache[string, Session]
	o     Options
}

// maxKnown bounds how many sessions a node keeps in memory, some 30 MB.
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
	if o.CacheFor > time.Second {
		err = errors.Join(err, fmt.Errorf("CacheFor: want at most 1s, got %v", o.CacheFor))
	}
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Keys = nil // the ring has them, where no way of printing finds them
	return &Sessions{store: store, ring: ring, known: cache.New[string, Session](o.CacheFor, maxKnown), o: o}, nil
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
	session := Session{
		ID: hex.EncodeToString(id[:]), User: user,
		ExpiresAt: s.o.Now().Add(s.o.TTL).UTC().Truncate(time.Millisecond),
	}
	if err := s.store.Put(ctx, session); err != nil {
		return "", Session{}, err
	}
	payload := append(id[:], make([]byte, 8)...)
	binary.BigEndian.PutUint64(payload[idSize:], uint64(session.ExpiresAt.UnixMilli()))
	return s.ring.Seal(append(payload, user...)), session, nil
}

const idSize = 16

// Verify returns the session of the token. Every reason to refuse it is
// [ErrInvalid]; any other error means that the store did not answer. A forged or
// expired token costs no I/O, a good one a read of the store once a CacheFor.
func (s *Sessions) Verify(ctx context.Context, token string) (Session, error) {
	session, err := s.read(token)
	if err != nil {
		return Session{}, err
	}
	kept, err := s.known.Get(ctx, session.ID, func(ctx context.Context) (Session, error) {
		ctx, cancel := context.WithTimeout(ctx, storePatience)
		defer cancel()
		kept, err := s.store.Get(ctx, session.ID)
		if errors.Is(err, ErrNotFound) {
			return Session{}, nil // kept as well: a revoked token may not load the store
		}
		return kept, err
	})
	if err != nil {
		return Session{}, err
	}
	if kept.User != session.User {
		return Session{}, ErrInvalid
	}
	return session, nil
}

// storePatience bounds a read that a request waits for.
const storePatience = 2 * time.Second

// Revoke ends the session of the token: at once on this node, within CacheFor on
// the others. A token that is invalid already is no error.
func (s *Sessions) Revoke(ctx context.Context, token string) error {
	session, err := s.read(token)
	if err != nil {
		return nil
	}
	if err := s.store.Delete(ctx, session.ID); err != nil {
		return err
	}
	s.known.Forget(session.ID)
	return nil
}

// read returns what a genuine token says that has not expired.
func (s *Sessions) read(token string) (Session, error) {
	b, err := s.ring.Open(token)
	if err != nil || len(b) <= idSize+8 {
		return Session{}, ErrInvalid
	}
	session := Session{
		ID:        hex.EncodeToString(b[:idSize]),
		User:      string(b[idSize+8:]),
		ExpiresAt: time.UnixMilli(int64(binary.BigEndian.Uint64(b[idSize:]))).UTC(),
	}
	if !s.o.Now().Before(session.ExpiresAt) {
		return Session{}, ErrInvalid
	}
	return session, nil
}

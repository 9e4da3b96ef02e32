// Package ticket makes and checks purchase tickets (秒杀令牌): the signed,
// single-use permission to purchase one goods.
//
// A ticket is checked without any I/O: it carries the user, the goods, the
// quantity, when it is valid and a random nonce, all under an HMAC-SHA256. The
// nonce names the purchase attempt: whatever is done with one ticket, however
// often and on however many nodes, is the same attempt.
package ticket

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/seckill-go/seckill/internal/seal"
)

// ErrInvalid says that a ticket is forged, altered, signed with an unknown key,
// or made for another user or goods.
var ErrInvalid = errors.New("ticket: invalid")

// ErrExpired says that a genuine ticket is outside its time.
var ErrExpired = errors.New("ticket: outside its time")

// Key signs tickets. ID is 1 to 16 characters of A-Z a-z 0-9 _ -; Secret has at
// least 32 bytes.
type Key struct {
	ID     string
	Secret []byte
}

// Format writes the key's ID and not its secret, whatever the verb.
func (k Key) Format(w fmt.State, _ rune) { io.WriteString(w, seal.Shown(k.ID)) }

// MarshalText does as Format; JSON and slog ask for it.
func (k Key) MarshalText() ([]byte, error) { return []byte(seal.Shown(k.ID)), nil }

// Ticket is what a token says.
type Ticket struct {
	// Attempt is the nonce: 16 bytes as 22 characters of base64url.
	Attempt string
	User    string
	Goods   string
	// Quantity is in units, 1 to 65535.
	Quantity int
	// NotBefore and Expires bound its time, in whole milliseconds.
	NotBefore, Expires time.Time
}

// Signer makes and checks tokens. It is safe for concurrent use.
type Signer struct{ ring *seal.Ring }

// NewSigner returns a signer that signs with the first key and accepts all. To
// change keys, put the new one behind the old one everywhere, then in front,
// then drop the old one once its tickets have expired.
func NewSigner(keys ...Key) (*Signer, error) {
	own := make([]seal.Key, len(keys))
	for i, k := range keys {
		own[i] = seal.Key(k)
	}
	ring, err := seal.New("st1", own)
	if err != nil {
		return nil, fmt.Errorf("ticket: %w", err)
	}
	return &Signer{ring}, nil
}

// NewAttempt returns a nonce: the millisecond of now in 6 bytes, then 10 random ones. So
// attempts of the same time are neighbours in a ledger's index, which is much less
// work for a database than ones scattered over all of it.
func NewAttempt(now time.Time) string {
	var b [nonceSize]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixMilli())<<16)
	rand.Read(b[6:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// IssuedAt returns when the ticket of an attempt was signed, to the millisecond and
// by the clock of the engine that did, and whether the attempt is one of
// [NewAttempt]'s.
func IssuedAt(attempt string) (time.Time, bool) {
	b, err := base64.RawURLEncoding.DecodeString(attempt)
	if err != nil || len(b) != nonceSize {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b) >> 16)).UTC(), true
}

const (
	nonceSize = 16
	fixedSize = nonceSize + 8 + 8 + 2
	maxName   = 64
)

// nonces has one spelling for each nonce.
var nonces = base64.RawURLEncoding.Strict()

// Sign returns the token of t. Names are 1 to 64 bytes; a field out of range is
// named.
func (s *Signer) Sign(t Ticket) (string, error) {
	b, err := nonces.AppendDecode(make([]byte, 0, fixedSize+1+2*maxName), []byte(t.Attempt))
	switch {
	case err != nil || len(b) != nonceSize:
		return "", fmt.Errorf("ticket: attempt: want 22 characters of base64url, got %.40q", t.Attempt)
	case len(t.User) < 1 || len(t.User) > maxName:
		return "", fmt.Errorf("ticket: user: want 1 to %d bytes, got %d", maxName, len(t.User))
	case len(t.Goods) < 1 || len(t.Goods) > maxName:
		return "", fmt.Errorf("ticket: goods: want 1 to %d bytes, got %d", maxName, len(t.Goods))
	case t.Quantity < 1 || t.Quantity > 65535:
		return "", fmt.Errorf("ticket: quantity: want 1 to 65535, got %d", t.Quantity)
	case !t.NotBefore.Before(t.Expires):
		return "", errors.New("ticket: expires: want a time after not-before")
	}
	b = binary.BigEndian.AppendUint64(b, uint64(t.NotBefore.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(t.Expires.UnixMilli()))
	b = binary.BigEndian.AppendUint16(b, uint16(t.Quantity))
	b = append(b, byte(len(t.User)))
	b = append(b, t.User...)
	b = append(b, t.Goods...)
	return s.ring.Seal(b), nil
}

// Verify returns what the token says, if it is genuine, made for this user and
// goods, and now is within its time. With [ErrExpired] the ticket is returned
// too; with [ErrInvalid] it is zero.
func (s *Signer) Verify(token, user, goods string, now time.Time) (Ticket, error) {
	b, err := s.ring.Open(token)
	if err != nil {
		return Ticket{}, ErrInvalid
	}
	t, ok := decode(b, user, goods)
	if !ok {
		return Ticket{}, ErrInvalid
	}
	if now.Before(t.NotBefore) || !now.Before(t.Expires) {
		return t, ErrExpired
	}
	return t, nil
}

// decode returns the ticket in b if it is for this user and goods.
func decode(b []byte, user, goods string) (Ticket, bool) {
	if len(b) < fixedSize+1 {
		return Ticket{}, false
	}
	names, first := b[fixedSize+1:], int(b[fixedSize])
	if first > len(names) || string(names[:first]) != user || string(names[first:]) != goods {
		return Ticket{}, false
	}
	return Ticket{
		Attempt:   base64.RawURLEncoding.EncodeToString(b[:nonceSize]),
		NotBefore: time.UnixMilli(int64(binary.BigEndian.Uint64(b[nonceSize:]))).UTC(),
		Expires:   time.UnixMilli(int64(binary.BigEndian.Uint64(b[nonceSize+8:]))).UTC(),
		Quantity:  int(binary.BigEndian.Uint16(b[nonceSize+16:])),
		User:      user, Goods: goods,
	}, true
}

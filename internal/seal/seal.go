// Package seal makes short signed tokens: a payload that anyone may read and
// only a holder of the key can make.
package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"strings"
	"sync"
)

// ErrInvalid is every reason for which Open refuses a token.
var ErrInvalid = errors.New("seal: invalid token")

// MinSecret is the shortest secret accepted, in bytes.
const MinSecret = 32

// Key signs tokens. Its ID travels in the token, so that keys can be changed
// while tokens of the older one are still about.
type Key struct {
	ID     string
	Secret []byte
}

// Shown is what may be printed of a key.
func Shown(id string) string { return id + ":[redacted]" }

// Ring seals with its first key and opens with any. It is safe for concurrent use.
type Ring struct {
	kind string
	keys []signer
}

type signer struct {
	id   string
	macs *sync.Pool
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)

// New returns a ring for tokens of one kind, a short word without a dot; tokens of
// another kind do not open, even if sealed with the same key.
func New(kind string, keys []Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("keys: want at least one, got none")
	}
	r := &Ring{kind: kind}
	for i, k := range keys {
		if !keyID.MatchString(k.ID) { // not shown: it may be the secret, put in the wrong field
			return nil, fmt.Errorf("keys[%d].ID: want 1 to 16 letters, digits, _ or -, got %d bytes", i, len(k.ID))
		}
		if len(k.Secret) < MinSecret {
			return nil, fmt.Errorf("keys[%d].Secret: want at least %d bytes, got %d", i, MinSecret, len(k.Secret))
		}
		if r.find(k.ID) != nil {
			return nil, fmt.Errorf("keys[%d].ID: want ids that differ, got %q twice", i, k.ID)
		}
		secret := append([]byte(nil), k.Secret...)
		r.keys = append(r.keys, signer{k.ID, &sync.Pool{New: func() any { return &signature{hash: hmac.New(sha256.New, secret)} }}})
	}
	return r, nil
}

// Seal returns kind.keyID.payload.mac, the last two in base64url.
func (r *Ring) Seal(payload []byte) string {
	k := &r.keys[0]
	m := k.macs.Get().(*signature)
	defer k.macs.Put(m)
	m.in = append(m.in[:0], r.kind+"."+k.id+"."...)
	m.in = base64.RawURLEncoding.AppendEncode(m.in, payload)
	m.sign()
	m.in = append(append(m.in, '.'), m.text[:]...)
	return string(m.in)
}

// Open returns the payload of a token that Seal made, or [ErrInvalid]. It is so
// small that the compiler puts it into its caller, who then has the payload on his
// stack.
func (r *Ring) Open(token string) ([]byte, error) {
	return r.open(make([]byte, 0, usual), token)
}

// usual is how long a payload may be that costs no memory, in bytes.
const usual = 128

// open appends the payload to into.
func (r *Ring) open(into []byte, token string) ([]byte, error) {
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 {
		return nil, ErrInvalid
	}
	signed, mac := token[:cut], token[cut+1:]
	kind, rest, _ := strings.Cut(signed, ".")
	id, payload, _ := strings.Cut(rest, ".")
	k := r.find(id)
	if kind != r.kind || k == nil {
		return nil, ErrInvalid
	}
	// The text is compared, not the bytes it stands for: a base64 decoder skips
	// line breaks, so the same bytes have many spellings, and a token only one.
	if !k.signs(signed, mac) {
		return nil, ErrInvalid
	}
	opened, err := base64.RawURLEncoding.AppendDecode(into, []byte(payload))
	if err != nil {
		return nil, ErrInvalid
	}
	return opened, nil
}

func (r *Ring) find(id string) *signer {
	for i := range r.keys {
		if r.keys[i].id == id {
			return &r.keys[i]
		}
	}
	return nil
}

// signature is a hash with room for what goes in and comes out, so that a token
// costs no memory beside its payload.
type signature struct {
	hash hash.Hash
	in   []byte
	sum  []byte
	text [macSize]byte
}

// macSize is the length of a signature in base64url.
const macSize = (sha256.Size*8 + 5) / 6

// sign sets text to the signature of in, in base64url.
func (m *signature) sign() {
	m.hash.Reset()
	m.hash.Write(m.in)
	m.sum = m.hash.Sum(m.sum[:0])
	base64.RawURLEncoding.Encode(m.text[:], m.sum)
}

func (s *signer) signs(signed, mac string) bool {
	m := s.macs.Get().(*signature)
	defer s.macs.Put(m)
	m.in = append(m.in[:0], signed...)
	m.sign()
	return subtle.ConstantTimeCompare(append(m.in[:0], mac...), m.text[:]) == 1
}

// Package door is what the ways in for operators share: tokens that are known by
// their hash, and log lines that a crowd does not multiply.
package door

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
)

// minToken is how many characters 128 random bits have at least, in base64.
const minToken = 22

// Hash is what is kept of a token.
type Hash [sha256.Size]byte

// NewHash returns the hash of the token, or the one that is given in hex for a
// configuration that shall not have the token itself. The error names field.
func NewHash(field, token, inHex string) (Hash, error) {
	if token != "" {
		if len(token) < minToken {
			return Hash{}, fmt.Errorf("%s: want 128 random bits or more, in at least %d characters", field, minToken)
		}
		return sha256.Sum256([]byte(token)), nil
	}
	sum, err := hex.DecodeString(inHex)
	if err != nil || len(sum) != sha256.Size {
		return Hash{}, fmt.Errorf("%sSHA256: want 64 hexadecimal digits", field)
	}
	return Hash(sum), nil
}

// Is reports whether it is the hash of the token. Hashes are compared, so the time
// says nothing about the token, not even its length.
func (h Hash) Is(token string) bool {
	got := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(got[:], h[:]) == 1
}

// Actor names who has the token in the audit log.
func (h Hash) Actor() string { return "token " + hex.EncodeToString(h[:4]) }

// Redacted is what may be printed of a secret: whether there is one.
func Redacted(secret string) string {
	if secret == "" {
		return "none"
	}
	return "[redacted]"
}

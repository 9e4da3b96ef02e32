package conf

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

const redacted = "[redacted]"

// Secret is a string that no way of printing shows; string(s) is its value.
type Secret string

// Format writes [redacted], whatever the verb.
func (s Secret) Format(w fmt.State, _ rune) { io.WriteString(w, s.String()) }

// String returns [redacted], or nothing for no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// MarshalText returns [redacted]; JSON, YAML and slog ask for it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Key signs tokens.
type Key struct {
	// ID is 1 to 16 letters, digits, _ or -.
	ID string
	// Secret is at least 32 raw bytes.
	Secret Secret
}

// ParseKeys reads keys written as id:base64, with commas between them. The
// base64 is what "openssl rand -base64 32" prints; the URL alphabet and missing
// padding are fine too.
func ParseKeys(text string) ([]Key, bool) {
	var keys []Key
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(text, ",") {
		id, encoded, _ := strings.Cut(strings.TrimSpace(part), ":")
		secret, ok := decode(encoded)
		if !keyID.MatchString(id) || seen[id] || !ok || len(secret) < 32 {
			return nil, false
		}
		seen[id] = true
		keys = append(keys, Key{id, Secret(secret)})
	}
	return keys, true
}

var oneAlphabet = strings.NewReplacer("-", "+", "_", "/")

func decode(text string) ([]byte, bool) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(oneAlphabet.Replace(text), "="))
	return b, err == nil
}

package payment

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrSignature is matched by every error of [Webhook.Verify]. What it says beyond
// that is for the log; the sender must not learn it.
var ErrSignature = errors.New("payment: bad signature")

// Tolerance is how far a callback's timestamp may be from now, on either side.
const Tolerance = 5 * time.Minute

// The headers of a callback, in canonical spelling.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// Webhook signs callbacks and checks their signatures, in the symmetric scheme of
// the Standard Webhooks specification 1.0.0: an HMAC-SHA256 over the id, the time
// and the body. It is safe for concurrent use.
type Webhook struct {
	// Now is the clock. Zero means time.Now, and within an API of package httpadapter
	// the clock of its engine.
	Now func() time.Time

	keys [][]byte
}

// NewWebhook returns a webhook for secrets of the form "whsec_" and 24 to 64
// random bytes in base64. It signs with the first secret and accepts all: to
// change the secret, put the new one in front, and drop the old one once the
// provider has stopped using it.
func NewWebhook(secrets ...string) (*Webhook, error) {
	if len(secrets) == 0 {
		return nil, errors.New("payment: webhook secrets: want at least one, got none")
	}
	w := new(Webhook)
	for i, s := range secrets {
		encoded, prefixed := strings.CutPrefix(s, "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !prefixed || err != nil || len(key) < 24 || len(key) > 64 {
			return nil, fmt.Errorf(`payment: webhook secrets[%d]: want "whsec_" and 24 to 64 bytes in base64`, i)
		}
		w.keys = append(w.keys, key)
	}
	return w, nil
}

// Format writes how many secrets there are and none of them, whatever the verb.
func (w Webhook) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "{%d secrets}", len(w.keys)) }

// Sign puts the three headers on a callback. id names what is told, not the
// attempt to tell it, and has no full stop. header is an http.Header.
func (w *Webhook) Sign(header map[string][]string, id string, body []byte) {
	stamp := strconv.FormatInt(w.now().Unix(), 10)
	sum := base64.StdEncoding.EncodeToString(mac(w.keys[0], id, stamp, body))
	header[HeaderID] = []string{id}
	header[HeaderTimestamp] = []string{stamp}
	header[HeaderSignature] = []string{scheme + sum}
}

// scheme begins every signature that is an HMAC-SHA256.
const scheme = "v1,"

// Verify checks that a callback was signed with one of the secrets, less than
// [Tolerance] ago. It may carry several signatures, of which one has to fit. A
// callback may come again within that time: it is for the caller to do each event
// once. header is an http.Header. Error: [ErrSignature].
func (w *Webhook) Verify(header map[string][]string, body []byte) error {
	id, stamp := header[HeaderID], header[HeaderTimestamp]
	if len(id) != 1 || len(stamp) != 1 {
		return fmt.Errorf("%w: want one id and one timestamp", ErrSignature)
	}
	// With a full stop in the id, one signature would fit two readings of the content.
	if id[0] == "" || strings.Contains(id[0], ".") {
		return fmt.Errorf("%w: want an id without full stops", ErrSignature)
	}
	seconds, err := strconv.ParseInt(stamp[0], 10, 64)
	if err != nil {
		return fmt.Errorf("%w: want a timestamp in seconds", ErrSignature)
	}
	if age := w.now().Sub(time.Unix(seconds, 0)); age > Tolerance || age < -Tolerance {
		return fmt.Errorf("%w: signed %v ago", ErrSignature, age)
	}
	given := signatures(header[HeaderSignature])
	for _, key := range w.keys {
		want := mac(key, id[0], stamp[0], body)
		for _, sum := range given {
			if hmac.Equal(sum, want) {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: none of %d fits", ErrSignature, len(given))
}

// maxSignatures bounds the work that a forged callback causes.
const maxSignatures = 16

// signatures returns the HMACs among the signatures, which other schemes may stand
// between.
func signatures(lines []string) [][]byte {
	var sums [][]byte
	for s := range strings.FieldsSeq(strings.Join(lines, " ")) {
		encoded, ok := strings.CutPrefix(s, scheme)
		if !ok || len(sums) == maxSignatures {
			continue
		}
		if sum, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			sums = append(sums, sum)
		}
	}
	return sums
}

func (w *Webhook) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

func mac(key []byte, id, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

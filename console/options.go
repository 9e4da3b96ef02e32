package console

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/seckill-go/seckill/internal/door"
)

// role is what somebody who has logged in may do.
type role string

const (
	nobody   role = ""
	observer role = "observer" // sees everything
	operator role = "operator" // and changes it
)

// credential is a token, of which only the hash is kept, and what it is good for.
type credential struct {
	role role
	hash door.Hash
}

// actor is how the audit log names whoever has the token.
func (c credential) actor() string { return "console, " + c.hash.Actor() }

// mark tells a token's sessions from those of others. It says nothing of the token.
func (c credential) mark() [8]byte {
	sum := sha256.Sum256(c.hash[:])
	return [8]byte(sum[:])
}

// validate returns the tokens, or all that is wrong.
func (o Options) validate() ([]credential, error) {
	var faults []error
	check := func(ok bool, field, want string, got any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s: want %s, got %v", field, want, got))
		}
	}
	check(time.Minute <= o.SessionTTL && o.SessionTTL <= 7*24*time.Hour, "SessionTTL", "1m to 7 days", o.SessionTTL)
	check(1 <= o.MaxWatchers && o.MaxWatchers <= 10_000, "MaxWatchers", "1 to 10000", o.MaxWatchers)
	if (o.AdminToken == "") == (o.AdminTokenSHA256 == "") {
		faults = append(faults, errors.New("AdminToken, AdminTokenSHA256: want exactly one of them"))
	}
	if o.ReadToken != "" && o.ReadTokenSHA256 != "" {
		faults = append(faults, errors.New("ReadToken, ReadTokenSHA256: want at most one of them"))
	}
	admin, adminErr := newCredential(operator, "AdminToken", o.AdminToken, o.AdminTokenSHA256)
	tokens := []credential{admin}
	var readErr error
	if o.ReadToken != "" || o.ReadTokenSHA256 != "" {
		var read credential
		read, readErr = newCredential(observer, "ReadToken", o.ReadToken, o.ReadTokenSHA256)
		check(read.hash != admin.hash, "ReadToken", "another token than AdminToken", "the same")
		tokens = append(tokens, read)
	}
	return tokens, errors.Join(append(faults, adminErr, readErr)...)
}

func newCredential(r role, field, token, hash string) (credential, error) {
	if token == "" && hash == "" {
		return credential{role: r}, nil // reported as missing
	}
	h, err := door.NewHash(field, token, hash)
	return credential{r, h}, err
}

// find returns whose token it is. All are compared, so the time does not say which.
func find(all []credential, token string) (found credential, ok bool) {
	for _, c := range all {
		if c.hash.Is(token) {
			found, ok = c, true
		}
	}
	return found, ok
}

// Format writes which options are set, and of the tokens no more than that, whatever
// the verb.
func (o Options) Format(w fmt.State, _ rune) { io.WriteString(w, o.summary()) }

// MarshalText does as Format; JSON and slog ask for it.
func (o Options) MarshalText() ([]byte, error) { return []byte(o.summary()), nil }

func (o Options) summary() string {
	return fmt.Sprintf("{AdminToken:%s AdminTokenSHA256:%s ReadToken:%s ReadTokenSHA256:%s SessionTTL:%v MaxWatchers:%d}",
		door.Redacted(o.AdminToken), door.Redacted(o.AdminTokenSHA256), door.Redacted(o.ReadToken), door.Redacted(o.ReadTokenSHA256), o.SessionTTL, o.MaxWatchers)
}

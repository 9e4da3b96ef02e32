package httpadapter

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/session"
)

// Sessions authenticates users by the session token that they send as
// "Authorization: Bearer <token>". It is for [Options.Authenticate].
func Sessions(s *session.Sessions) func(*http.Request) (user string, err error) {
	return func(r *http.Request) (string, error) {
		token, ok := bearerToken(r)
		if !ok {
			return "", ErrUnauthenticated
		}
		login, err := s.Verify(r.Context(), token)
		switch {
		case errors.Is(err, session.ErrInvalid):
			return "", ErrUnauthenticated
		case err != nil:
			return "", busy(err)
		}
		return login.User, nil
	}
}

func busy(cause error) error { return &seckill.Refusal{Code: seckill.Busy, Cause: cause} }

// bearerToken returns the one token of the request.
func bearerToken(r *http.Request) (string, bool) {
	given := r.Header["Authorization"]
	if len(given) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(given[0], " ")
	return token, ok && token != "" && strings.EqualFold(scheme, "Bearer")
}

// minToken is how many characters 128 random bits have at least, in base64.
const minToken = 22

// adminAuthentication returns the one way of authenticating operators.
func (o Options) adminAuthentication() (func(*http.Request) (string, error), error) {
	ways := 0
	for _, given := range []bool{o.AdminToken != "", o.AdminTokenSHA256 != "", o.AuthenticateAdmin != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return nil, errors.New("AdminToken, AdminTokenSHA256, AuthenticateAdmin: want exactly one of them")
	case o.AuthenticateAdmin != nil:
		return o.AuthenticateAdmin, nil
	case o.AdminToken != "":
		if len(o.AdminToken) < minToken {
			return nil, errors.New("AdminToken: want 128 random bits or more, in at least 22 characters")
		}
		return adminToken(sha256.Sum256([]byte(o.AdminToken))), nil
	}
	sum, err := hex.DecodeString(o.AdminTokenSHA256)
	if err != nil || len(sum) != sha256.Size {
		return nil, errors.New("AdminTokenSHA256: want 64 hexadecimal digits")
	}
	return adminToken([sha256.Size]byte(sum)), nil
}

// adminToken authenticates whoever presents the token with that hash. Hashes are
// compared, so the time says nothing about the token, not even its length.
func adminToken(want [sha256.Size]byte) func(*http.Request) (string, error) {
	actor := "token " + hex.EncodeToString(want[:4])
	return func(r *http.Request) (string, error) {
		token, ok := bearerToken(r)
		got := sha256.Sum256([]byte(token))
		if !ok || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			return "", ErrUnauthenticated
		}
		return actor, nil
	}
}

package httpadapter

import (
	"errors"
	"net/http"
	"strings"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/door"
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
	}
	h, err := door.NewHash("AdminToken", o.AdminToken, o.AdminTokenSHA256)
	if err != nil {
		return nil, err
	}
	return adminToken(h), nil
}

// adminToken authenticates whoever presents the token with that hash.
func adminToken(want door.Hash) func(*http.Request) (string, error) {
	actor := want.Actor()
	return func(r *http.Request) (string, error) {
		token, ok := bearerToken(r)
		if !want.Is(token) || !ok {
			return "", ErrUnauthenticated
		}
		return actor, nil
	}
}

// Package mount shows the API inside a shop that has a web framework and an
// authentication of its own: gin, chi, echo, fiber, or net/http alone. It is a
// module of its own, so that nobody who imports seckill inherits them.
//
// In each it is the same three steps: the shop's middleware finds out who the user
// is, the API is mounted below a prefix that the handler does not see, and
// Authenticate reads what the middleware found. The API's answers, problems and
// headers come out as they are.
package mount

import (
	"context"
	"net/http"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
)

// Prefix is where the shop has the flash sale: /flash/api/seckill and so on.
const Prefix = "/flash"

// userKey is under what the shop's middleware leaves the user's id.
type userKey struct{}

// user is who the shop's own login says sent the request, "" for nobody. A shop
// looks a session up here; this one believes a header, which is for an example.
func user(header string) string { return header }

const userHeader = "X-Example-User"

func withUser(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), userKey{}, user(r.Header.Get(userHeader))))
}

// Buyers is the user API for the users that the shop's middleware found, below
// Prefix.
func Buyers(e *seckill.Engine) (http.Handler, error) {
	h, err := httpadapter.User(e, httpadapter.Options{
		Authenticate: func(r *http.Request) (string, error) {
			if id, _ := r.Context().Value(userKey{}).(string); id != "" {
				return id, nil
			}
			return "", httpadapter.ErrUnauthenticated
		},
	})
	if err != nil {
		return nil, err
	}
	return http.StripPrefix(Prefix, h), nil
}

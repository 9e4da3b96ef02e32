package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

const cookieName = "seckill_console"

// cookie has no path: the browser then takes that of the request, which is the
// console's api/ under whatever prefix, and nobody else gets it. Without encryption it
// stays on this machine.
func cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil || !isLoopback(r.Host),
	}
}

func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || err == nil && a.IsLoopback()
}

// who returns the session of a request.
func (c *console) who(r *http.Request) (s session, ok bool) {
	given := r.CookiesNamed(cookieName)
	if len(given) != 1 {
		return session{}, false
	}
	s, ok = c.sessions.find(given[0].Value)
	return s, ok
}

func (c *console) login(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token *string `json:"token"`
	}
	if err := c.origin.Check(r); err != nil {
		refuse(w, forbidden, "the request comes from a page of another origin")
		return
	}
	if err := read(r, &in); err != nil {
		c.fail(w, r, err)
		return
	}
	if in.Token == nil {
		c.fail(w, r, missing("token"))
		return
	}
	found, ok := find(c.tokens, *in.Token)
	if !ok {
		if unheard, due := c.failures.Due(); due {
			c.log.Warn("console: a login with a wrong token", "not_logged_before", unheard)
		}
		refuse(w, unauthenticated, "token: it is not one of this shop's")
		return
	}
	if old, ok := c.who(r); ok {
		c.sessions.end(old)
	}
	s, value := c.sessions.begin(found)
	http.SetCookie(w, cookie(r, value, int(c.sessions.ttl.Seconds())))
	send(w, http.StatusOK, newMe(s))
}

func (c *console) logout(w http.ResponseWriter, r *http.Request) {
	if err := c.origin.Check(r); err != nil {
		refuse(w, forbidden, "the request comes from a page of another origin")
		return
	}
	if s, ok := c.who(r); ok {
		c.sessions.end(s)
	}
	http.SetCookie(w, cookie(r, "", -1))
	send(w, http.StatusOK, newMe(session{}))
}

// me tells who the browser's cookie belongs to; nobody is an answer too.
func (c *console) me(_ *http.Request, s session) (any, error) { return newMe(s), nil }

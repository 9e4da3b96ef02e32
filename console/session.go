package console

import (
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// session is somebody who has logged in.
type session struct {
	role  role
	actor string
	ends  time.Time
}

// maxSessions bounds the memory that logins take; only who has a token makes one.
const maxSessions = 1000

// sessions are kept under the hash of their cookie, so that who reads the memory, or
// measures the look-up, has no cookie.
type sessions struct {
	ttl time.Duration

	mu  sync.Mutex
	all map[[sha256.Size]byte]session
}

func newSessions(ttl time.Duration) *sessions {
	return &sessions{ttl: ttl, all: make(map[[sha256.Size]byte]session)}
}

// begin returns a new session and its cookie's value.
func (s *sessions) begin(c credential) (session, string) {
	text := rand.Text()
	begun := session{c.role, c.actor(), time.Now().Add(s.ttl)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= maxSessions {
		s.makeRoom()
	}
	s.all[sha256.Sum256([]byte(text))] = begun
	return begun, text
}

// makeRoom drops the session that ends first.
func (s *sessions) makeRoom() {
	var first [sha256.Size]byte
	var ends time.Time
	for key, one := range s.all {
		if ends.IsZero() || one.ends.Before(ends) {
			first, ends = key, one.ends
		}
	}
	delete(s.all, first)
}

// find returns the session of a cookie, unless it has ended.
func (s *sessions) find(text string) (session, bool) {
	key := sha256.Sum256([]byte(text))
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[key]
	if ok && time.Now().After(found.ends) {
		delete(s.all, key)
		return session{}, false
	}
	return found, ok
}

func (s *sessions) end(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(text)))
}

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
func (c *console) who(r *http.Request) (s session, value string, ok bool) {
	given := r.CookiesNamed(cookieName)
	if len(given) != 1 {
		return session{}, "", false
	}
	s, ok = c.sessions.find(given[0].Value)
	return s, given[0].Value, ok
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
	if _, old, ok := c.who(r); ok {
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
	if _, value, ok := c.who(r); ok {
		c.sessions.end(value)
	}
	http.SetCookie(w, cookie(r, "", -1))
	send(w, http.StatusOK, newMe(session{}))
}

// me tells who the browser's cookie belongs to; nobody is an answer too.
func (c *console) me(_ *http.Request, s session) (any, error) { return newMe(s), nil }

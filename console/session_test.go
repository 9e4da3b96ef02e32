package console_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
)

var options = console.Options{AdminToken: adminToken, ReadToken: readToken, SessionTTL: time.Hour, MaxWatchers: 1}

// with is the options with one thing changed.
func with(change func(*console.Options)) console.Options {
	o := options
	change(&o)
	return o
}

func TestALoginIsGoodOnEveryNode(t *testing.T) {
	t.Parallel()
	first, second := open(t, seckill.Options{}), open(t, seckill.Options{})
	c := first.login(readToken)
	cookie := c.http.Jar.Cookies(address(t, first.url+"api/state"))[0]
	there := second.client().call("GET", "api/me", "", "Cookie", cookie.Name+"="+cookie.Value)
	if there.body["role"] != "observer" {
		t.Errorf("the other node: %d %s", there.status, there.text)
	}
	if a := second.client().call("POST", "api/switch", `{"enabled":true}`, "Cookie", cookie.Name+"="+cookie.Value); a.status != 403 {
		t.Errorf("an observer changes something on the other node: %d", a.status)
	}
}

func TestAForgedCookieIsNoSession(t *testing.T) {
	t.Parallel()
	s := console.NewSessions(options)
	good := s.Begin(1)
	if s.Role(good) != "observer" {
		t.Fatal("the cookie as it was made is refused")
	}
	for i := range good {
		forged := []byte(good)
		if forged[i] == 'A' {
			forged[i] = 'B'
		} else {
			forged[i] = 'A'
		}
		if role := s.Role(string(forged)); role != "" {
			t.Errorf("byte %d is another one: %s", i, role)
		}
	}
	parts := strings.Split(good, ".")
	admins := strings.Split(s.Begin(0), ".")
	for what, forged := range map[string]string{
		"empty": "", "no signature": strings.Join(parts[:3], "."), "another's signature": strings.Join(append(parts[:3:3], admins[3]), "."),
		"nothing inside": parts[0] + "." + parts[1] + "..", "with a line break": good + "\n", "longer": good + "A",
	} {
		if role := s.Role(forged); role != "" {
			t.Errorf("%s: %s", what, role)
		}
	}
}

func TestACookieHasNothingOfTheToken(t *testing.T) {
	t.Parallel()
	value := console.NewSessions(options).Begin(0)
	sum := sha256.Sum256([]byte(adminToken))
	inside, err := base64.RawURLEncoding.DecodeString(strings.Split(value, ".")[2])
	must(t, err)
	if strings.Contains(value, adminToken[:8]) || bytes.Contains(inside, sum[:4]) {
		t.Errorf("%s", value)
	}
}

func TestASessionEndsWithItsTokens(t *testing.T) {
	t.Parallel()
	s := console.NewSessions(options)
	operator, observer := s.Begin(0), s.Begin(1)
	sum := sha256.Sum256([]byte(adminToken))
	inHex := hex.EncodeToString(sum[:])
	for _, other := range []struct {
		name                        string
		o                           console.Options
		operator, observer, ownRole string
	}{
		{"the same tokens", options, "operator", "observer", "operator"},
		{"another admin token", with(func(o *console.Options) { o.AdminToken += "2" }), "", "", "operator"},
		{"another read token", with(func(o *console.Options) { o.ReadToken += "2" }), "operator", "", "operator"},
		{"no read token", with(func(o *console.Options) { o.ReadToken = "" }), "operator", "", "operator"},
		{"tokens changed places", with(func(o *console.Options) { o.AdminToken, o.ReadToken = o.ReadToken, o.AdminToken }), "", "", "operator"},
		{"the hash alone", with(func(o *console.Options) { o.AdminToken, o.AdminTokenSHA256 = "", inHex }), "", "", "operator"},
	} {
		there := console.NewSessions(other.o)
		if a, b, own := there.Role(operator), there.Role(observer), there.Role(there.Begin(0)); a != other.operator || b != other.observer || own != other.ownRole {
			t.Errorf("%s: operator is %q, observer %q, one of its own %q", other.name, a, b, own)
		}
	}
}

// Who knows the hash cannot make a cookie: two nodes with it have different keys.
func TestAHashIsNoKey(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(adminToken))
	o := with(func(o *console.Options) { o.AdminToken, o.AdminTokenSHA256 = "", hex.EncodeToString(sum[:]) })
	if role := console.NewSessions(o).Role(console.NewSessions(o).Begin(0)); role != "" {
		t.Errorf("a cookie made with the hash alone is %s", role)
	}
}

func TestSessionsEndWithTheirTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := console.NewSessions(options)
		value := s.Begin(0)
		time.Sleep(59 * time.Minute)
		if s.Role(value) != "operator" {
			t.Error("the hour is not over, the session is")
		}
		time.Sleep(time.Minute + time.Second)
		if s.Role(value) != "" {
			t.Error("an hour is over, the session is not")
		}
	})
}

func TestEndedSessionsAreRememberedInBoundedMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := console.NewSessions(options)
		s.End(s.Begin(0))
		time.Sleep(time.Minute)
		last := ""
		for range console.MaxEnded {
			last = s.Begin(0)
			s.End(last)
		}
		if s.Ended() != console.MaxEnded || s.Role(last) != "" {
			t.Errorf("%d are remembered, the last is %q", s.Ended(), s.Role(last))
		}
		time.Sleep(time.Hour)
		s.End(s.Begin(0))
		if s.Ended() != 1 {
			t.Errorf("all but one are over, %d are remembered", s.Ended())
		}
	})
}

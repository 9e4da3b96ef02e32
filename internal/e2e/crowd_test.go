package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/standard"
)

// 5,000 buyers who are logged in come for 2,000 units, each on a connection of its
// own that stays open from the first to the last. All have their tickets before
// the first purchases, so all 5,000 get as far as the queue.
func TestFiveThousandConnectionsForTwoThousandUnits(t *testing.T) { sellOut(t) }

// The same with queues that are too short, so most are told to come later.
func TestFiveThousandConnectionsAtShortQueues(t *testing.T) {
	sellOut(t, func(o *seckill.Options) { o.MaxQueue, o.MaxGroup = 256, 256 })
}

func sellOut(t *testing.T, change ...func(*seckill.Options)) {
	n := crowdSize(t)
	units := n * 2 / 5
	m := open(t, units, 1, change...)
	street := m.serve()
	buyers := make([]*visitor, n)
	for i := range buyers {
		token, _, err := street.sessions.Issue(t.Context(), user(i))
		require.NoError(t, err)
		buyers[i] = street.visitor(i, token)
	}
	start := time.Now()
	tickets := saletest.Crowd(n, func(i int) answer {
		return buyers[i].insist("/api/seckill/token", `{"goods_id":"1001"}`, http.StatusOK)
	})
	require.Equal(t, map[string]int{"200": n}, outcomes(tickets))
	require.EqualValues(t, n, street.connected.Load(), "connections at the same time")
	ready := time.Now()
	got := saletest.Crowd(n, func(i int) answer {
		return buyers[i].insist("/api/seckill", fmt.Sprintf(`{"goods_id":"1001","token":"%s"}`, tickets[i].Token), http.StatusCreated)
	})
	t.Logf("%d tickets in %v, then %d purchases in %v, told to come later %d times",
		n, ready.Sub(start).Round(time.Millisecond), n, time.Since(ready).Round(time.Millisecond), street.told.Load())
	require.Equal(t, map[string]int{"201": units, "409 sold_out": n - units}, outcomes(got))
	require.EqualValues(t, n, street.opened.Load(), "nobody had to come again")

	var won []saletest.Bought
	orders := make(map[string]bool)
	for i, a := range got {
		if a.status == http.StatusCreated {
			b := saletest.Bought{User: user(i), Goods: "1001", Token: tickets[i].Token}
			b.Receipt.Order.ID, b.Receipt.Order.Quantity = a.OrderID, 1
			won, orders[a.OrderID] = append(won, b), true
		}
	}
	require.Len(t, orders, units)
	m.sound(won)
	for o, err := range m.parts.Orders.Sales(t.Context(), "1001") {
		require.NoError(t, err)
		require.True(t, orders[o.ID], "order %s, of which nobody was told", o.ID)
		delete(orders, o.ID)
	}
	require.Empty(t, orders, "orders of which buyers were told")
}

// crowdSize is how many buyers fit. The race detector ends a process that has more
// than 8,128 goroutines, and here a buyer has up to three. A connection takes two
// file descriptors, as both its ends are in this process; Go itself raises the soft
// limit to the hard one.
func crowdSize(t *testing.T) int {
	const all = 5000
	if raced() {
		t.Log("1,000 buyers for 400 units, because of the race detector")
		return 1000
	}
	if limit := descriptors(); limit < 12_000 {
		n := int(limit) / 5 * 2 / 5 * 5
		t.Logf("%d buyers, because this process may open %d files only", n, limit)
		return n
	}
	return all
}

func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// street is the way to the engines, over TCP.
type street struct {
	t                 testing.TB
	sessions          *session.Sessions
	addrs             []string
	opened, connected atomic.Int64
	told              atomic.Int64
}

// serve has each engine behind a server of its own until the test ends.
func (m *mall) serve() *street {
	sessions, err := session.New(standard.Sessions(m.clients), session.Options{
		Keys: []session.Key{{ID: "e2e", Secret: []byte("0123456789abcdef0123456789abcdef")}},
	})
	require.NoError(m.t, err)
	s := &street{t: m.t, sessions: sessions}
	for _, e := range m.engines {
		h, err := httpadapter.User(e, httpadapter.Options{Authenticate: httpadapter.Sessions(sessions)})
		require.NoError(m.t, err)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(m.t, err)
		server := httpadapter.Server("", h)
		server.ConnState = func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.opened.Add(1)
				s.connected.Add(1)
			case http.StateClosed:
				s.connected.Add(-1)
			}
		}
		m.background(func(context.Context) { require.ErrorIs(m.t, server.Serve(l), http.ErrServerClosed) })
		m.t.Cleanup(func() { require.NoError(m.t, server.Close()) })
		s.addrs = append(s.addrs, l.Addr().String())
	}
	return s
}

// visitor is a buyer on one connection. net/http's client would take most of the
// machine for itself.
type visitor struct {
	host   fasthttp.HostClient
	bearer string
	told   *atomic.Int64 // counts how often somebody was told to come later
}

func (s *street) visitor(i int, token string) *visitor {
	v := &visitor{told: &s.told, bearer: "Bearer " + token, host: fasthttp.HostClient{
		Addr: s.addrs[i%len(s.addrs)], MaxConns: 1, MaxIdleConnDuration: 5 * time.Minute, MaxIdemponentCallAttempts: 1,
		ReadTimeout: time.Minute, WriteTimeout: time.Minute,
		Dial: func(addr string) (net.Conn, error) { return net.DialTimeout("tcp", addr, time.Minute) },
	}}
	s.t.Cleanup(v.host.CloseIdleConnections)
	return v
}

// answer is what a visitor was told in the end.
type answer struct {
	Token, Code string
	OrderID     string `json:"order_id"`
	status      int
	err         error
}

// insist sends a request, again for as long as the server says when to, until it
// has the status or is refused for good.
func (v *visitor) insist(path, body string, status int) (a answer) {
	var request fasthttp.Request
	var response fasthttp.Response
	for deadline := time.Now().Add(time.Minute); ; {
		request.SetRequestURI("http://shop" + path)
		request.Header.SetMethod(http.MethodPost)
		request.Header.SetContentType("application/json")
		request.Header.Set("Authorization", v.bearer)
		request.SetBodyString(body)
		if a.err = v.host.Do(&request, &response); a.err != nil {
			return a
		}
		a = answer{status: response.StatusCode()}
		a.err = json.Unmarshal(response.Body(), &a)
		if a.err != nil || a.status == status || a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests {
			return a
		}
		seconds, err := strconv.Atoi(string(response.Header.Peek("Retry-After")))
		if err != nil || seconds < 1 || time.Now().After(deadline) {
			a.err = fmt.Errorf("%d %s with Retry-After %q", a.status, a.Code, response.Header.Peek("Retry-After"))
			return a
		}
		v.told.Add(1)
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

// outcomes counts the answers by status and code.
func outcomes(all []answer) map[string]int {
	counts := make(map[string]int)
	for _, a := range all {
		switch {
		case a.err != nil:
			counts[a.err.Error()]++
		case a.Code != "":
			counts[fmt.Sprintf("%d %s", a.status, a.Code)]++
		default:
			counts[strconv.Itoa(a.status)]++
		}
	}
	return counts
}

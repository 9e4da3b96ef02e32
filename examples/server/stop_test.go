package main_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The buyers know the rules: they wait when they are told to, and take a
// connection that cannot be opened for a server that is gone. Everything else
// that is no answer is a broken promise.
func TestNoRequestBreaksWhenTheServerIsStoppedUnderLoad(t *testing.T) {
	t.Parallel()
	const crowd = 48
	dir := t.TempDir()
	p := open(t, nil, "-data", dir)
	postJSON(t, p, "/api/admin/goods", `{"goods_id":"crowd","title":"For a crowd","price":{"amount":1,"currency":"CNY"},"total":1000000,
		"starts_at":"2020-01-01T00:00:00Z","ends_at":"2100-01-01T00:00:00Z"}`)
	must(t, "POST", p.url+"/api/admin/preload/crowd", p.adminToken)

	var sold atomic.Int64
	orders := make([][]string, crowd)
	faults := make([]error, crowd)
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() {
			c := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
			defer c.CloseIdleConnections()
			for n := 0; faults[i] == nil; n++ {
				bought, err := buy(c, always(p.url), fmt.Sprintf("user-%d-%d", i, n), "crowd")
				switch {
				case err == nil:
					sold.Add(1)
					orders[i] = append(orders[i], bought.order)
				case isGone(err):
					return
				default:
					faults[i] = err
				}
			}
		})
	}
	require.Eventually(t, func() bool { return sold.Load() > 200 }, 20*time.Second, time.Millisecond)
	must(t, "GET", p.url+"/readyz", "")
	ask := asker(t, p)
	p.signal(t)
	require.Eventually(t, func() bool { return strings.Contains(p.stderr.String(), "msg=stopping") }, 30*time.Second, time.Millisecond)
	require.Eventually(t, func() bool { return ask() == http.StatusServiceUnavailable }, 30*time.Second, time.Millisecond)
	require.Equal(t, 0, p.wait(t))
	all.Wait()
	require.NoError(t, errors.Join(faults...))

	again := open(t, nil, "-data", dir)
	kept := 0
	for _, g := range must(t, "GET", again.url+"/api/admin/status", again.adminToken).body.Goods {
		if g.GoodsID == "crowd" {
			require.True(t, g.Conserved)
			require.Equal(t, 1_000_000, g.Left+g.Sold)
			kept = g.Sold
		}
	}
	require.EqualValues(t, sold.Load(), kept)
	for i, mine := range orders {
		n := len(mine) - 1 // each buyer's last order is the one in danger
		login := must(t, "POST", fmt.Sprintf("%s/api/auth/token?user_id=user-%d-%d", again.url, i, n), "").body.Token
		must(t, "GET", again.url+"/api/orders/"+mine[n], login)
	}
	again.stop(t)
}

// isGone reports whether the server could not even be reached.
func isGone(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}

// asker returns a function that asks /readyz over a connection that is open already
// and returns the status. The server waits for that connection when it goes down; for
// one that is opened then it may be gone.
func asker(t *testing.T, p *process) func() int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	conns := make(chan net.Conn, 1)
	conns <- conn
	close(conns)
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		if c, ok := <-conns; ok {
			return c, nil
		}
		return nil, errors.New("the connection was closed without an answer")
	}}
	return func() int {
		a, err := call(&http.Client{Transport: transport}, "GET", p.url+"/readyz", "")
		require.NoError(t, err)
		return a.status
	}
}

func TestTheSecondSignalEndsTheServerAtOnce(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	idle, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://")) // is waited for
	require.NoError(t, err)
	defer idle.Close()
	p.signal(t)
	require.Eventually(t, func() bool { return strings.Contains(p.stderr.String(), "msg=stopping") }, 30*time.Second, time.Millisecond)
	require.Eventually(t, func() bool { // one that comes right behind the first may be taken for it
		p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
			return true
		default:
			return false
		}
	}, 30*time.Second, 10*time.Millisecond)
	require.NotEqual(t, 0, p.wait(t))
	require.NotContains(t, p.stderr.String(), "msg=stopped")
}

package main_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The whole server with all its clients, as talkative as it can be, asked for all
// that goes right and much that goes wrong, and stopped: what it prints has none of
// its secrets, nor a token of anybody, in it.
func TestNothingThatTheServerPrintsHasASecretInIt(t *testing.T) {
	t.Parallel()
	secret := func(fill string) (raw, encoded string) {
		raw = strings.Repeat(fill, 32)
		return raw, base64.StdEncoding.EncodeToString([]byte(raw))
	}
	const admin = "an-admin-token-of-enough-bits"
	ticketRaw, ticket := secret("T")
	sessionRaw, session := secret("S")
	webhookRaw, webhook := secret("W")
	p := open(t, []string{
		"SECKILL_ADMIN_TOKEN=" + admin, "SECKILL_SERVER_TICKET_KEYS=k1:" + ticket, "SECKILL_SERVER_SESSION_KEYS=k1:" + session,
		"SECKILL_SERVER_WEBHOOK_SECRET=whsec_" + webhook, "SECKILL_LOG_LEVEL=debug",
	}, "-data", t.TempDir())

	bought, err := buy(http.DefaultClient, always(p.url), "alice", "1001")
	require.NoError(t, err)
	must(t, "POST", p.url+"/api/payment/simulate?order_id="+bought.order, bought.login)
	must(t, "GET", p.url+"/api/admin/status", admin)
	must(t, "POST", p.url+"/api/admin/blacklist/add?user_id=alice", admin)
	for _, wrong := range []struct{ method, path, bearer string }{
		{"POST", "/api/seckill?goods_id=1001&token=" + bought.ticket + "x", bought.login},
		{"POST", "/api/seckill?goods_id=9999&token=" + bought.ticket, bought.login},
		{"POST", "/api/seckill/token?goods_id=1001", bought.login},
		{"GET", "/api/orders/" + bought.order, bought.login + "x"},
		{"GET", "/api/orders?limit=x", bought.login},
		{"GET", "/api/admin/status", bought.login},
		{"POST", "/api/admin/goods", admin},
		{"POST", "/api/admin/preload/9999", admin},
		{"POST", "/api/payment/callback", admin},
		{"GET", "/api/nowhere?token=" + bought.ticket, admin},
	} {
		a, err := call(http.DefaultClient, wrong.method, p.url+wrong.path, wrong.bearer)
		require.NoError(t, err)
		require.GreaterOrEqual(t, a.status, 400, wrong.path)
	}
	p.stop(t)

	printed := p.stdout.String() + p.stderr.String()
	require.Contains(t, printed, "level=INFO")
	require.Contains(t, printed, "operator not authenticated")
	for _, s := range []string{ticketRaw, sessionRaw, webhookRaw, ticket, session, webhook, admin, bought.login, bought.ticket} {
		s = strings.TrimRight(s, "=")
		require.NotContains(t, printed, s)
		require.NotContains(t, printed, hex.EncodeToString([]byte(s)))
		require.NotContains(t, printed, s[len(s)-20:])
	}
}

func TestOnlyTheNamedHostsAreServed(t *testing.T) {
	t.Parallel()
	p := open(t, nil, "-hosts", "shop.example,127.0.0.1")
	must(t, "GET", p.url+"/api/admin/status", p.adminToken)
	for host, status := range map[string]int{"shop.example": 200, "evil.example": 421, "localhost": 421} {
		r, err := http.NewRequest("GET", p.url+"/api/admin/status", nil)
		require.NoError(t, err)
		r.Host = host
		r.Header.Set("Authorization", "Bearer "+p.adminToken)
		w, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, w.Body.Close())
		require.Equal(t, status, w.StatusCode, host)
	}
	p.stop(t)
	mistaken := launch(t, nil, "-addr", "127.0.0.1:0", "-hosts", "shop.example:443")
	require.NotEqual(t, 0, mistaken.wait(t))
	require.Contains(t, mistaken.stderr.String(), "-hosts: want names or addresses without ports")
}

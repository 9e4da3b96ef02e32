package gates_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/internal/counting"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/standard"
)

const (
	askTicket = "/api/seckill/token"
	purchase  = "/api/seckill"
)

// TestARefusedBuyerCostsNothing sends each request that is refused over HTTP, with
// a session, to a node that knows what there is to know.
func TestARefusedBuyerCostsNothing(t *testing.T) {
	d := openDoor(t)
	soon := time.Now().Add(30 * time.Minute)
	past := d.sign("user-1", "1001", time.Now().Add(-time.Minute))
	for name, r := range map[string]request{
		"ticket of a sold-out goods":          {"user-1", askTicket, "gone", "", "sold_out"},
		"ticket before the window":            {"user-1", askTicket, "later", "", "not_started"},
		"ticket after the window":             {"user-1", askTicket, "over", "", "ended"},
		"ticket of no goods":                  {"user-1", askTicket, "none", "", "goods_not_found"},
		"ticket of a blacklisted user":        {"scalper", askTicket, "1001", "", "blacklisted"},
		"ticket above the rate, again":        {"hammer", askTicket, "1001", "", "rate_limited"},
		"ticket without a session":            {"", askTicket, "1001", "", "unauthenticated"},
		"purchase without a session":          {"", purchase, "1001", "x", "unauthenticated"},
		"purchase with nonsense":              {"user-1", purchase, "1001", "x", "invalid_ticket"},
		"purchase with a forged ticket":       {"user-1", purchase, "1001", forge(past), "invalid_ticket"},
		"purchase with an expired ticket":     {"user-1", purchase, "1001", past, "invalid_ticket"},
		"purchase with another's ticket":      {"user-1", purchase, "1001", d.sign("user-2", "1001", soon), "invalid_ticket"},
		"purchase with another goods' ticket": {"user-1", purchase, "1001", d.sign("user-1", "gone", soon), "invalid_ticket"},
		"purchase of a blacklisted user":      {"scalper", purchase, "1001", d.sign("scalper", "1001", soon), "blacklisted"},
		"purchase before the window":          {"user-1", purchase, "later", d.sign("user-1", "later", soon), "not_started"},
		"purchase after the window":           {"user-1", purchase, "over", d.sign("user-1", "over", soon), "ended"},
	} {
		t.Run(name, func(t *testing.T) { d.costsNothing(t, r) })
	}
	d.set(func(live *settings.Settings) { live.Enabled = false })
	for name, r := range map[string]request{
		"ticket while off":   {"user-1", askTicket, "1001", "", "disabled"},
		"purchase while off": {"user-1", purchase, "1001", d.sign("user-1", "1001", soon), "disabled"},
	} {
		t.Run(name, func(t *testing.T) { d.costsNothing(t, r) })
	}
}

// forge changes the last letter but one of a ticket's signature: the last one has
// bits that mean nothing.
func forge(token string) string {
	forged := []byte(token)
	if at := len(forged) - 2; forged[at] == 'A' {
		forged[at] = 'B'
	} else {
		forged[at] = 'A'
	}
	return string(forged)
}

// request is one that is refused with a code.
type request struct{ user, path, goodsID, token, code string }

// door is a shop behind HTTP.
type door struct {
	*shop
	keys   []session.Key
	tokens map[string]string // of the sessions, by user
}

// openDoor opens a shop with a goods of each kind, and users who are logged in.
func openDoor(t *testing.T) *door {
	d := &door{
		shop: open(t, known), tokens: map[string]string{},
		keys: []session.Key{{ID: "gates", Secret: bytes.Repeat([]byte("s"), 32)}},
	}
	d.ended(d.Engine)
	d.set(func(live *settings.Settings) { live.RateLimit = settings.RateLimit{Limit: 1, Window: time.Hour} })
	d.put("1001", 100, 0)
	d.put("gone", 1, 0)
	_, err := d.Purchase(t.Context(), "user-2", "gone", d.sign("user-2", "gone", time.Now().Add(time.Minute)))
	require.NoError(t, err)
	d.settled("gone")
	d.put("later", 100, 24*time.Hour)
	d.put("over", 100, -24*time.Hour)
	_, err = d.Admin("test").Ban(t.Context(), "scalper", "too many", 0)
	require.NoError(t, err)
	for _, user := range []string{"user-1", "scalper", "hammer"} {
		d.tokens[user], _, err = d.sessions().Issue(t.Context(), user)
		require.NoError(t, err)
	}
	return d
}

// sessions returns sessions that know nothing yet.
func (d *door) sessions() *session.Sessions {
	s, err := session.New(standard.Sessions(d.clients), session.Options{Keys: d.keys})
	require.NoError(d.t, err)
	return s
}

// costsNothing sends the request again and again to a node that has just met it.
// What a node keeps it keeps for a second, and for a tenth of one what a ticket has
// bought: a burst that took longer says nothing, and another try is made. So it is
// while the node has not known for a second that the switch is off: a ticket's order
// is then looked for anew each time, as another node may be selling yet.
func (d *door) costsNothing(t *testing.T, r request) {
	const kept, tries, burst = 100 * time.Millisecond, 50, 20
	handler, err := httpadapter.User(d.another(), httpadapter.Options{Authenticate: httpadapter.Sessions(d.sessions())})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()
	for range tries {
		start := time.Now()
		for range 3 { // the second request of "hammer" is the first above the rate
			d.send(t, server.URL, r)
		}
		before := d.calls.Snapshot()
		for range burst {
			require.Equal(t, r.code, d.send(t, server.URL, r))
		}
		cost, took := d.calls.Snapshot().Minus(before), time.Since(start)
		if took < kept {
			require.Equal(t, counting.Counts{}, cost, "of %d requests", burst)
			return
		}
		t.Logf("%d requests took %v, trying again", burst, took)
	}
	t.Fatalf("never sent %d requests within %v", burst, kept)
}

// send returns the code that the request is refused with.
func (d *door) send(t *testing.T, url string, r request) string {
	body := fmt.Sprintf(`{"goods_id":%q}`, r.goodsID)
	if r.token != "" {
		body = fmt.Sprintf(`{"goods_id":%q,"token":%q}`, r.goodsID, r.token)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+r.path, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if r.user != "" {
		req.Header.Set("Authorization", "Bearer "+d.tokens[r.user])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var problem struct{ Code string }
	require.NoError(t, json.Unmarshal(text, &problem), string(text))
	return problem.Code
}

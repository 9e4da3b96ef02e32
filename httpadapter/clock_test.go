package httpadapter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/session"
)

// eachWrongClock runs f on a node whose clock is an hour off from the ledger's, by which the
// engine goes.
func eachWrongClock(t *testing.T, f func(w *world, off time.Duration)) {
	for _, off := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(fmt.Sprint("the ledger is ", off, " from here"), func(t *testing.T) {
			w := newWorld(t)
			w.put(func(g *goods.Goods) { g.StartsAt, g.EndsAt = g.StartsAt.Add(-9*time.Hour), g.EndsAt.Add(9*time.Hour) })
			w.ahead.Store(int64(off))
			f(w, off)
		})
	}
}

func TestANodeWithAWrongClockTakesGenuineCallbacks(t *testing.T) {
	eachWrongClock(t, func(w *world, off time.Duration) {
		c := told(w.buy("user-1", 1))
		if n := w.events(func() { w.want(c.signedBy(w.t, webhookSecret, off), 204, "") }); n != 1 {
			t.Errorf("%d events of a genuine callback", n)
		}
		w.want(c.signedBy(w.t, webhookSecret, 0), 401, "bad_signature") // an hour from the ledger's time
	})
}

func TestABanIsNeitherShiftedNorEndedByANodesClock(t *testing.T) {
	eachWrongClock(t, func(w *world, off time.Duration) {
		ban := call{method: "POST", path: "/api/admin/blacklist/add", bearer: adminToken, body: `{"user_id":"user-1","duration":"30m"}`}
		a := w.want(ban, 201, "")
		ends, err := time.Parse(time.RFC3339, fmt.Sprint(a.body["expires_at"]))
		if err != nil || ends.Sub(w.engine.Now().Add(30*time.Minute)).Abs() > time.Minute {
			t.Errorf("it ends at %v, %v", ends, err)
		}
		ask := call{method: "POST", path: "/api/seckill/token?goods_id=1001", bearer: w.login("user-1")}
		listed := func() int {
			a := w.want(call{method: "GET", path: "/api/admin/blacklist", bearer: adminToken}, 200, "")
			return len(a.body["entries"].([]any))
		}
		w.want(ask, 403, "blacklisted")
		if n := listed(); n != 1 {
			t.Errorf("%d entries", n)
		}
		w.ahead.Store(int64(off + 31*time.Minute))
		w.want(ask, 200, "")
		if n := listed(); n != 0 {
			t.Errorf("%d entries after its end", n)
		}
	})
}

func TestTicketsAndSessionsEndByTheLedgersClock(t *testing.T) {
	eachWrongClock(t, func(w *world, off time.Duration) {
		sessions, err := session.New(new(session.Memory), session.Options{
			Keys: []session.Key{{ID: "k1", Secret: sessionSecret}}, TTL: time.Hour, Now: w.engine.Now,
		})
		w.must(err)
		o := w.options
		o.DevLogin, o.Authenticate = sessions, httpadapter.Sessions(sessions)
		w.handler, err = httpadapter.New(w.engine, o)
		w.must(err)

		login := w.want(call{method: "POST", path: "/api/auth/token?user_id=user-1"}, 200, "")
		token := fmt.Sprint(login.body["token"])
		verify := call{method: "GET", path: "/api/auth/verify", bearer: token}
		w.want(verify, 200, "")
		ticket := w.want(call{method: "POST", path: "/api/seckill/token?goods_id=1001", bearer: token}, 200, "")
		buy := call{method: "POST", path: "/api/seckill?goods_id=1001&token=" + fmt.Sprint(ticket.body["token"]), bearer: token}
		w.ahead.Store(int64(off + 6*time.Minute))
		w.want(buy, 403, "invalid_ticket")
		w.ahead.Store(int64(off + 4*time.Minute))
		w.want(buy, 201, "")
		w.ahead.Store(int64(off + 59*time.Minute))
		w.want(verify, 200, "")
		w.ahead.Store(int64(off + 61*time.Minute))
		w.want(verify, 401, "unauthenticated")
	})
}

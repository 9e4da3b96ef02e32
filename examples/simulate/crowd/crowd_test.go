package crowd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/client"
	"github.com/seckill-go/seckill/examples/simulate/crowd"
	"github.com/seckill-go/seckill/examples/simulate/measure"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
)

// send sends a crowd to a handler, whose bearer tokens are the users' names.
func send(t *testing.T, ctx context.Context, h http.Handler, p crowd.Plan) (measure.Figures, *crowd.Crowd) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	shop := client.New(s.URL, 100)
	t.Cleanup(shop.Close)
	c := &crowd.Crowd{
		Plan: p, Client: shop, Aside: shop, GoodsID: "1001", Fresh: true, Recorder: measure.NewRecorder(p.Duration),
		Book: new(audit.Book), PaidWithin: 5 * time.Second,
	}
	for i := range p.Visitors {
		c.Sessions = append(c.Sessions, fmt.Sprintf("user-%d", i))
	}
	c.Run(ctx)
	return c.Recorder.Figures(), c
}

func refuse(w http.ResponseWriter, status int, code, retryAfter string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"code": code, "retryable": retryAfter != ""})
}

// only answers requests for tickets; the rest of the shop is away.
func only(ticket http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // else the server does not see who hangs up
		if r.URL.Path == "/api/seckill/token" {
			ticket(w, r)
			return
		}
		refuse(w, http.StatusNotFound, "not_found", "")
	})
}

// No answer is given before the last visitor has come: if arrivals waited for
// answers, it would never come.
func TestArrivalsDoNotWaitForAnswers(t *testing.T) {
	t.Parallel()
	const visitors = 40
	var came atomic.Int64
	all := make(chan struct{})
	f, _ := send(t, t.Context(), only(func(w http.ResponseWriter, r *http.Request) {
		if came.Add(1) == visitors {
			close(all)
		}
		select {
		case <-all:
		case <-r.Context().Done():
		}
		refuse(w, http.StatusConflict, "sold_out", "")
	}), crowd.Plan{Visitors: visitors, Duration: 400 * time.Millisecond, Curve: crowd.Constant, Mix: crowd.Mix{Pay: 100}, Seed: 1})
	require.Equal(t, map[string]int{"sold_out": visitors}, f.Visits)
}

// One connection and 100 ms an answer: the last of ten visitors, who all come
// within 100 ms, waits for a second, though the answer itself takes 100 ms.
func TestLatencyBeginsWhenTheVisitorComes(t *testing.T) {
	t.Parallel()
	var one sync.Mutex
	f, _ := send(t, t.Context(), only(func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		time.Sleep(100 * time.Millisecond) // the answer's own time, which this test is about
		refuse(w, http.StatusConflict, "sold_out", "")
	}), crowd.Plan{Visitors: 10, Duration: 100 * time.Millisecond, Curve: crowd.Constant, Mix: crowd.Mix{Pay: 100}, Seed: 1})
	for _, s := range f.Steps {
		if s.Step == measure.Ticket {
			require.GreaterOrEqual(t, s.Max, 900*time.Millisecond)
			require.GreaterOrEqual(t, s.P50, 300*time.Millisecond)
		}
	}
}

// Whoever is sent late, as this program has too much to do, was due earlier all
// the same.
func TestItsOwnDelayIsNotHidden(t *testing.T) {
	t.Parallel()
	p := crowd.Plan{Visitors: 1, Duration: 100 * time.Millisecond, Curve: crowd.Constant, Mix: crowd.Mix{Pay: 100}, Seed: 1}
	_, c := send(t, t.Context(), only(func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusConflict, "ended", "") }), p)
	c.Recorder = measure.NewRecorder(p.Duration)
	require.Equal(t, "ended", c.Come(t.Context(), crowd.Draw(p)[0], time.Minute))
	for _, s := range c.Recorder.Figures().Steps {
		require.GreaterOrEqual(t, s.P50, 59*time.Second, s.Step)
	}
}

func TestRetriesHonourRetryAfterAndEnd(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var at []time.Time
	f, _ := send(t, t.Context(), only(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		at = append(at, time.Now())
		mu.Unlock()
		refuse(w, http.StatusTooManyRequests, "rate_limited", "1")
	}), crowd.Plan{Visitors: 1, Duration: 100 * time.Millisecond, Curve: crowd.Constant, Mix: crowd.Mix{Pay: 100}, Retries: 2, Seed: 1})
	require.Len(t, at, 3)
	require.GreaterOrEqual(t, at[1].Sub(at[0]), time.Second)
	require.GreaterOrEqual(t, at[2].Sub(at[1]), time.Second)
	require.Equal(t, map[string]int{"rate_limited": 1}, f.Visits)
	require.Equal(t, map[string]int{"rate_limited": 3}, dropOthers(f.Refusals))
}

func dropOthers(refusals map[string]int) map[string]int {
	delete(refusals, "not_found")
	return refusals
}

func TestNobodyRetriesWhatIsFinal(t *testing.T) {
	t.Parallel()
	var came atomic.Int64
	send(t, t.Context(), only(func(w http.ResponseWriter, r *http.Request) {
		came.Add(1)
		refuse(w, http.StatusConflict, "ended", "")
	}), crowd.Plan{Visitors: 5, Duration: 100 * time.Millisecond, Curve: crowd.Constant, Mix: crowd.Mix{Pay: 100}, Retries: 20, Seed: 1})
	require.EqualValues(t, 5, came.Load())
}

func TestACrowdThatIsStoppedGoesAtOnce(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	began := time.Now()
	f, _ := send(t, ctx, only(func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	}), crowd.Plan{Visitors: 100, Duration: time.Hour, Curve: crowd.Spike, Mix: crowd.Mix{Pay: 100}, Bots: 50, Seed: 1})
	require.Less(t, time.Since(began), 10*time.Minute)
	require.Equal(t, f.Arrivals, f.Visits["unfinished"])
	require.Empty(t, f.Faults, "it was the crowd that went")
}

// A whole crowd at the real engine, with the race detector where the tests have it.
func TestACrowdBuysWhatThereIs(t *testing.T) {
	t.Parallel()
	const units = 30
	e, err := seckill.New(seckill.Options{})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	now := time.Now()
	_, err = e.Admin("test").PutGoods(ctx, goods.Goods{ID: "1001", Title: "Cup", Price: 1, Currency: "CNY", Total: units, StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour)})
	require.NoError(t, err)
	_, err = e.Admin("test").Preload(ctx, "1001")
	require.NoError(t, err)
	h, err := httpadapter.User(e, httpadapter.Options{Authenticate: func(r *http.Request) (string, error) {
		return r.Header.Get("Authorization")[len("Bearer "):], nil
	}})
	require.NoError(t, err)

	f, c := send(t, ctx, h, crowd.Plan{
		Visitors: 120, Duration: 300 * time.Millisecond, Curve: crowd.Spike, Mix: crowd.Mix{Pay: 60, Abandon: 20, Fail: 20},
		Bots: 10, Doubles: 50, Retries: 2, Seed: 9,
	})
	require.Equal(t, 120, f.Arrivals)
	require.GreaterOrEqual(t, f.Orders, units)
	require.Positive(t, f.Refusals["sold_out"])
	require.Positive(t, f.Refusals["invalid_ticket"])
	require.Empty(t, f.Faults)
	look := audit.Look{Client: c.Client, Sessions: c.Sessions, GoodsID: "1001", Fresh: true, Before: client.Goods{Total: units, Left: units}, PaidWithin: c.PaidWithin}
	for _, check := range audit.Judge(look.See(ctx, c.Book)) {
		require.Contains(t, []audit.Verdict{audit.Holds, audit.Unasked}, check.Verdict, "%+v", check)
	}
}

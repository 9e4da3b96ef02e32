package load_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/seckill-go/seckill/examples/bench/load"
)

// Calls take 30 ms, so they end at 30, 60, 90 … ms, and 100 ms to 1,100 ms are
// measured: the first that counts began in the warm-up, the last begins before the
// end and does not.
func TestOnlyWhatEndsInTheMeasuredTimeCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const buyers, counted, sent = 4, 33, 37
		var begun, ended time.Duration
		start := time.Now()
		r := load.Run(t.Context(), load.Plan{
			Buyers: buyers, Warm: 100 * time.Millisecond, Measured: time.Second,
			Begun: func() { begun = time.Since(start) }, Ended: func() { ended = time.Since(start) },
		}, func(i int) load.Call {
			n := 0
			return func(context.Context) (string, error) {
				time.Sleep(30 * time.Millisecond)
				n++
				return fmt.Sprintf("%d-%d", i, n), nil
			}
		})
		require.NoError(t, r.Err)
		require.Zero(t, r.Errors)
		require.Equal(t, buyers*counted, r.Answers)
		require.Equal(t, time.Second, r.Elapsed)
		require.InDelta(t, buyers*counted, r.PerSecond(), 1e-9)
		require.Equal(t, 100*time.Millisecond, begun)
		require.Equal(t, 1100*time.Millisecond, ended)
		for _, p := range []float64{0, 50, 99, 100} {
			require.Equal(t, 30*time.Millisecond, r.Percentile(p))
		}

		// The books need every order that there is, measured or not.
		var want []string
		for i := range buyers {
			for n := range sent {
				want = append(want, fmt.Sprintf("%d-%d", i, n+1))
			}
		}
		require.ElementsMatch(t, want, r.Orders)
	})
}

func TestCallsWithoutAnOrderCountAndNameNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := load.Run(t.Context(), load.Plan{Buyers: 2, Measured: 100 * time.Millisecond}, func(int) load.Call {
			return func(context.Context) (string, error) {
				time.Sleep(30 * time.Millisecond)
				return "", nil
			}
		})
		require.Equal(t, 6, r.Answers)
		require.Empty(t, r.Orders)
	})
}

func TestABuyerWhoseCallFailsStopsAndIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wrong := errors.New("want status 201, got 500")
		var calls [3]int
		r := load.Run(t.Context(), load.Plan{Buyers: 3, Measured: time.Second}, func(i int) load.Call {
			return func(context.Context) (string, error) {
				time.Sleep(30 * time.Millisecond)
				if calls[i]++; i < 2 && calls[i] == 3 {
					return "not an order", wrong
				}
				return fmt.Sprint(i), nil
			}
		})
		require.Equal(t, [3]int{3, 3, 34}, calls)
		require.Equal(t, 2, r.Errors)
		require.ErrorIs(t, r.Err, wrong)
		require.Equal(t, 2+2+33, r.Answers, "a failure is no answer")
		require.NotContains(t, r.Orders, "not an order")
		require.Len(t, r.Orders, 2+2+34)
	})
}

func TestALoadEndsWhenItsLastBuyerHasFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := load.Run(t.Context(), load.Plan{Buyers: 3, Measured: time.Hour}, func(i int) load.Call {
			return func(context.Context) (string, error) {
				time.Sleep(time.Duration(i) * time.Second)
				return "", errors.New("gone")
			}
		})
		require.Equal(t, 3, r.Errors)
		require.Zero(t, r.Answers)
		require.Equal(t, 2*time.Second, time.Since(start))
	})
}

func TestPercentilesAreThoseOfTheMeasuredCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The slow call of the warm-up does not count. Then 1, 2 … 100 ms, the longest
		// first: 5,050 ms.
		took := []time.Duration{time.Second}
		for n := 100; n > 0; n-- {
			took = append(took, time.Duration(n)*time.Millisecond)
		}
		ctx, stop := context.WithCancel(t.Context())
		r := load.Run(ctx, load.Plan{Buyers: 1, Warm: 1050 * time.Millisecond, Measured: time.Hour}, func(int) load.Call {
			return func(context.Context) (string, error) {
				time.Sleep(took[0])
				if took = took[1:]; len(took) == 0 {
					defer stop()
				}
				return "", nil
			}
		})
		require.Equal(t, 100, r.Answers)
		for p, want := range map[float64]int{0: 1, 1: 2, 50: 51, 99: 100, 100: 100} {
			require.Equal(t, time.Duration(want)*time.Millisecond, r.Percentile(p), "%g %%", p)
		}
	})
	require.Zero(t, load.Result{}.Percentile(50))
}

func TestALoadThatIsStoppedEndsWithTheCallsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var running atomic.Int64
		start := time.Now()
		time.AfterFunc(2*time.Second, stop)
		r := load.Run(ctx, load.Plan{Buyers: 5, Warm: time.Hour, Measured: time.Hour}, func(int) load.Call {
			return func(context.Context) (string, error) {
				running.Add(1)
				defer running.Add(-1)
				time.Sleep(30 * time.Millisecond)
				return "", nil
			}
		})
		require.NoError(t, r.Err)
		require.Zero(t, running.Load())
		require.Less(t, time.Since(start), 2100*time.Millisecond)
	})
}

// client sends requests to a handler until the test ends.
func client(t *testing.T, h http.HandlerFunc) *load.Client {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := load.NewClient(s.Listener.Addr().String(), 1)
	t.Cleanup(c.Close)
	return c
}

func get(r *fasthttp.Request) { r.SetRequestURI("http://bench/") }

func TestTheLocationNamesTheOrder(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{"/api/orders/abc": "abc", "": ""} {
		call := client(t, func(w http.ResponseWriter, _ *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(http.StatusCreated)
		}).Call(http.StatusCreated, get)
		for range 2 { // request and answer are used again
			id, err := call(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, id)
		}
	}
}

func TestAnotherStatusIsAnErrorWithTheAnswer(t *testing.T) {
	t.Parallel()
	id, err := client(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/api/orders/abc")
		http.Error(w, "a reason", http.StatusServiceUnavailable)
	}).Call(http.StatusCreated, get)(t.Context())
	require.EqualError(t, err, "want status 201, got 503: a reason\n")
	require.Empty(t, id)
}

func TestNoAnswerIsAnError(t *testing.T) {
	t.Parallel()
	_, err := load.NewClient("127.0.0.1:1", 1).Call(http.StatusOK, get)(t.Context())
	require.Error(t, err)

	var came atomic.Int64
	_, err = client(t, func(http.ResponseWriter, *http.Request) {
		came.Add(1)
		panic(http.ErrAbortHandler)
	}).Call(http.StatusOK, func(r *fasthttp.Request) {
		get(r)
		r.Header.SetMethod("POST")
	})(t.Context())
	require.Error(t, err)
	require.EqualValues(t, 1, came.Load(), "a purchase is not sent twice")
}

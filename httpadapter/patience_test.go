package httpadapter_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/httpadapter"
)

type name struct{}

// within is a context of a second, its parent's end and its own.
func within(t *testing.T) (ctx context.Context, leave, end func()) {
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), name{}, "value"))
	t.Cleanup(cancel)
	ctx, end = httpadapter.Within(parent, time.Now().Add(time.Second))
	return ctx, cancel, end
}

func TestPatienceEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, _, _ := within(t)
		time.Sleep(time.Second - 1) // nobody asked yet
		if err := ctx.Err(); err != nil {
			t.Errorf("a nanosecond before: %v", err)
		}
		<-ctx.Done()
		if err := ctx.Err(); err != context.DeadlineExceeded {
			t.Errorf("afterwards: %v", err)
		}
		late, _, _ := within(t)
		time.Sleep(2 * time.Second)
		if err := late.Err(); err != context.DeadlineExceeded {
			t.Errorf("asked too late: %v", err)
		}
	})
}

func TestPatienceEndsWhenTheClientLeaves(t *testing.T) {
	for _, asked := range []bool{false, true} {
		ctx, leave, _ := within(t)
		if asked {
			ctx.Done()
		}
		leave()
		<-ctx.Done()
		if err := ctx.Err(); err != context.Canceled {
			t.Errorf("asked before %v: %v", asked, err)
		}
	}
}

func TestPatienceEndsWithTheAnswer(t *testing.T) {
	for _, asked := range []bool{false, true} {
		ctx, _, end := within(t)
		if asked {
			ctx.Done()
		}
		end()
		<-ctx.Done()
		if err := ctx.Err(); err != context.Canceled {
			t.Errorf("asked before %v: %v", asked, err)
		}
		if ctx.Value(name{}) != "value" {
			t.Errorf("asked before %v: the value is gone", asked)
		}
	}
}

func TestPatienceEndsWhatHangsOnIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, _, end := within(t)
		child, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if until, _ := child.Deadline(); time.Until(until) != time.Second || child.Value(name{}) != "value" {
			t.Errorf("until %v, value %v", until, child.Value(name{}))
		}
		end() // tells its children before it returns, as they need no goroutine of their own
		if err := child.Err(); err != context.Canceled {
			t.Errorf("after the answer: %v", err)
		}
	})
}

func TestPatienceIsNotLongerThanTheRequestsOwn(t *testing.T) {
	own, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ctx, end := httpadapter.Within(own, time.Now().Add(time.Hour))
	defer end()
	want, _ := own.Deadline()
	if got, ok := ctx.Deadline(); !ok || !got.Equal(want) {
		t.Errorf("want %v, got %v", want, got)
	}
}

// What a shop's authentication is given has the patience of the request in it.
func TestAuthenticationIsPatientAsWell(t *testing.T) {
	w := newWorld(t)
	var seen context.Context
	w.options.Patience = time.Minute
	w.options.Authenticate = func(r *http.Request) (string, error) {
		seen = r.Context()
		return "user-1", nil
	}
	h, err := httpadapter.User(w.engine, w.options)
	w.must(err)
	h.ServeHTTP(httptest.NewRecorder(), call{method: "GET", path: "/api/orders"}.request(t))
	if until, ok := seen.Deadline(); !ok || time.Until(until) > time.Minute || !errors.Is(seen.Err(), context.Canceled) {
		t.Errorf("until %v, after the answer %v", until, seen.Err())
	}
}

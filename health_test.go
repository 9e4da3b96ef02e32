package seckill_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/lock"
)

// checkedLocker is a part whose Check is the test's.
type checkedLocker struct {
	lock.Locker
	check func(context.Context) error
}

func (l checkedLocker) Check(ctx context.Context) error { return l.check(ctx) }

func engineChecked(t *testing.T, check func(context.Context) error) *seckill.Engine {
	e, err := seckill.New(seckill.Options{Locker: checkedLocker{new(lock.Memory), check}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// faultOf returns the fault of the locker, and fails if another part has one.
func faultOf(t *testing.T, parts []seckill.Health) (fault error) {
	t.Helper()
	for _, h := range parts {
		if h.Part == "locker" {
			fault = h.Fault
		} else if h.Fault != nil {
			t.Errorf("%s: %v", h.Part, h.Fault)
		}
	}
	return fault
}

func TestAPartIsCheckedOnceASecondHoweverOftenItsHealthIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var checks atomic.Int64
		e := engineChecked(t, func(context.Context) error { checks.Add(1); return nil })
		for range 100 {
			for range 10 {
				go e.Health(t.Context())
			}
			time.Sleep(30 * time.Millisecond)
		}
		if n := checks.Load(); n != 3 {
			t.Errorf("in 3 s: want 3 checks, got %d", n)
		}
	})
}

func TestAFaultIsNewsWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed atomic.Bool
		broken := errors.New("OOM")
		e := engineChecked(t, func(context.Context) error {
			if failed.Load() {
				return broken
			}
			return nil
		})
		if fault := faultOf(t, e.Health(t.Context())); fault != nil {
			t.Fatal(fault)
		}
		for _, want := range []error{broken, nil} {
			failed.Store(want != nil)
			time.Sleep(time.Second)
			if fault := faultOf(t, e.Health(t.Context())); !errors.Is(fault, want) {
				t.Errorf("want %v, got %v", want, fault)
			}
		}
	})
}

func TestACheckThatHangsIsAFaultOfItsPartAndAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var checks atomic.Int64
		release := make(chan struct{})
		e := engineChecked(t, func(context.Context) error { checks.Add(1); <-release; return nil })
		for range 3 {
			began := time.Now()
			if fault := faultOf(t, e.Health(t.Context())); !errors.Is(fault, context.DeadlineExceeded) {
				t.Errorf("want a deadline, got %v", fault)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("the answer took %v", took)
			}
		}
		if n := checks.Load(); n != 1 {
			t.Errorf("%d checks hang, want 1", n)
		}
		close(release)
		synctest.Wait()
		if fault := faultOf(t, e.Health(t.Context())); fault != nil {
			t.Error(fault)
		}
	})
}

func TestACheckThatPanicsIsAFaultOfItsPart(t *testing.T) {
	e := engineChecked(t, func(context.Context) error { panic("ouch") })
	if fault := faultOf(t, e.Health(t.Context())); fault == nil || !strings.Contains(fault.Error(), "ouch") {
		t.Errorf("want the panic as a fault, got %v", fault)
	}
}

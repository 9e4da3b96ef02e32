package lock_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/lock"
)

var exclusive = lock.Options{Mode: lock.Exclusive}

func TestWithinFailsFastWithoutAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := taken(t)
		started := time.Now()
		_, err := lock.Within(t.Context(), m, "goods", exclusive, 0)
		if !errors.Is(err, lock.ErrNotObtained) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v, want ErrNotObtained alone", err)
		}
		if took := time.Since(started); took != 0 {
			t.Errorf("waited %v", took)
		}
	})
}

func TestWithinGivesUpAfterTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := taken(t)
		started := time.Now()
		_, err := lock.Within(t.Context(), m, "goods", exclusive, time.Minute)
		if !errors.Is(err, lock.ErrNotObtained) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v, want ErrNotObtained and DeadlineExceeded", err)
		}
		if took := time.Since(started); took != time.Minute {
			t.Errorf("waited %v, want 1m", took)
		}
	})
}

// The lease must not end with the wait that got it.
func TestWithinGivesALeaseThatOutlivesTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m lock.Memory
		lease, err := lock.Within(t.Context(), &m, "goods", exclusive, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		select {
		case <-lease.Lost():
			t.Error("the lease is lost")
		default:
		}
	})
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"1001", "a_B-c.d:e", strings.Repeat("x", lock.MaxName)} {
		if err := lock.CheckName(name); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
	for _, name := range []string{"", "a/b", "a{b}", "é", strings.Repeat("x", lock.MaxName+1)} {
		if lock.CheckName(name) == nil {
			t.Errorf("%q is not refused", name)
		}
	}
}

func TestModesHaveNames(t *testing.T) {
	if got := lock.Shared.String() + " " + lock.Exclusive.String(); got != "shared exclusive" {
		t.Error(got)
	}
}

// taken is a Memory whose "goods" somebody holds.
func taken(t *testing.T) *lock.Memory {
	m := new(lock.Memory)
	if _, err := m.TryAcquire(t.Context(), "goods", exclusive); err != nil {
		t.Fatal(err)
	}
	return m
}

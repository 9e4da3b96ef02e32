package lock_test

import (
	"testing"

	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/lock/locktest"
)

func TestMemory(t *testing.T) {
	locktest.Run(t, func(*testing.T) locktest.Fixture {
		m := new(lock.Memory)
		return locktest.Fixture{Locker: m, Other: m}
	})
}

func BenchmarkMemory(b *testing.B) {
	var m lock.Memory
	for b.Loop() {
		lease, err := m.TryAcquire(b.Context(), "goods", lock.Options{Mode: lock.Exclusive})
		if err != nil {
			b.Fatal(err)
		}
		if err := lease.Release(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

package etcdmirror_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/etcdmirror"
)

var (
	errQuestion = errors.New("a question")
	errDown     = errors.New("down")
)

func mirror(client etcdmirror.Client) *etcdmirror.Mirror[string] {
	return etcdmirror.New(client, etcdmirror.Config[string]{Prefix: prefix, Decode: upper, ReadEvery: 30 * time.Second})
}

// run runs the mirror until the test's bubble ends, or stop.
func run(t *testing.T, m *etcdmirror.Mirror[string]) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := m.Run(ctx); err != nil {
			t.Errorf("Run: want nil when ctx ends, got %v", err)
		}
	})
	synctest.Wait()
	return func() { cancel(); running.Wait() }
}

// holds wants the value under a name; "" means none.
func holds(t *testing.T, m *etcdmirror.Mirror[string], name, want string) {
	t.Helper()
	got, ok, err := m.Get(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, want != "", ok)
}

func bubble(name string, t *testing.T, f func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string])) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			etcd := newFake()
			f(t, etcd, mirror(etcd))
		})
	})
}

func TestWithoutRun(t *testing.T) {
	bubble("ReadsAtMostOnceASecond", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.put("a", "x")
		for range 100 {
			holds(t, m, "a", "X")
			time.Sleep(30 * time.Millisecond)
		}
		require.Equal(t, 3, etcd.reads(), "in 3 seconds")
	})
	bubble("AskersShareOneRead", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.answered = func() { time.Sleep(100 * time.Millisecond) }
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { holds(t, m, "a", "") })
		}
		all.Wait()
		require.Equal(t, 1, etcd.reads())
	})
	bubble("FailsOnlyIfNothingWasEverKnown", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.fail(errDown)
		for range 10 {
			_, _, err := m.Get(t.Context(), "a")
			require.ErrorIs(t, err, errDown)
		}
		require.Equal(t, 1, etcd.reads(), "a failed read is not tried again at once")
		etcd.fail(nil)
		etcd.put("a", "x")
		time.Sleep(time.Second)
		holds(t, m, "a", "X")
		known := m.ReadAt()
		etcd.fail(errDown)
		time.Sleep(time.Hour)
		holds(t, m, "a", "X")
		require.Equal(t, known, m.ReadAt(), "it was not current since")
	})
	bubble("WhoeverAsksMayLeave", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.answered = func() { time.Sleep(100 * time.Millisecond) }
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _, err := m.Get(ctx, "a")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		holds(t, m, "a", "")
		require.Equal(t, 1, etcd.reads(), "the read went on")
	})
}

func TestOwnWritesNeverGoBack(t *testing.T) {
	bubble("SeenBeforeAnyRead", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		holds(t, m, "a", "")
		m.Wrote("a", "X", etcd.put("a", "x"), time.Now())
		holds(t, m, "a", "X")
		m.Removed("a", etcd.delete("a"), time.Now())
		holds(t, m, "a", "")
	})
	bubble("AReadThatBeganBeforeDoesNotUndoAWrite", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.answered = func() { m.Wrote("a", "X", etcd.put("a", "x"), time.Now()) }
		require.NoError(t, m.Read(t.Context()))
		holds(t, m, "a", "X")
	})
	bubble("AReadThatBeganBeforeDoesNotUndoARemoval", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.put("a", "x")
		etcd.answered = func() { m.Removed("a", etcd.delete("a"), time.Now()) }
		require.NoError(t, m.Read(t.Context()))
		holds(t, m, "a", "")
		etcd.answered = nil
		require.NoError(t, m.Read(t.Context()))
		holds(t, m, "a", "")
		etcd.put("a", "y")
		require.NoError(t, m.Read(t.Context()))
		holds(t, m, "a", "Y")
	})
	bubble("AnEarlierEventDoesNotUndoThem", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		defer run(t, m)()
		before, removed := etcd.put("a", "x"), etcd.delete("a")
		m.Removed("a", removed, time.Now())
		etcd.tell("a", "x", before)
		synctest.Wait()
		holds(t, m, "a", "")
		etcd.tell("a", "", removed)
		synctest.Wait()
		m.Removed("a", removed, time.Now()) // an answer slower than the watch
		again := etcd.put("a", "y")
		etcd.tell("a", "y", again)
		synctest.Wait()
		holds(t, m, "a", "Y")
	})
	bubble("AnOlderOwnWriteDoesNotUndoALaterOne", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		holds(t, m, "a", "")
		first, second := etcd.put("a", "x"), etcd.put("a", "y")
		m.Wrote("a", "Y", second, time.Now())
		m.Wrote("a", "X", first, time.Now())
		holds(t, m, "a", "Y")
	})
}

func TestTheWatchIsNotUndone(t *testing.T) {
	bubble("ByAnOwnWriteWhoseAnswerIsSlow", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		defer run(t, m)()
		written := etcd.put("a", "x")
		etcd.tell("a", "x", written)
		etcd.tell("a", "", etcd.delete("a")) // by another node
		synctest.Wait()
		m.Wrote("a", "X", written, time.Now())
		holds(t, m, "a", "")
	})
	bubble("ByAReadWhoseAnswerIsSlow", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.put("a", "x")
		defer run(t, m)()
		etcd.answered = func() {
			etcd.tell("a", "", etcd.delete("a"))
			synctest.Wait()
		}
		require.NoError(t, m.Read(t.Context()))
		holds(t, m, "a", "")
	})
}

func TestWhatCannotBeDecoded(t *testing.T) {
	bubble("LeavesTheLastGoodValue", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		defer run(t, m)()
		etcd.tell("a", "x", etcd.put("a", "x"))
		etcd.tell("a", "?", etcd.put("a", "?"))
		synctest.Wait()
		holds(t, m, "a", "X")
		etcd.tell("a", "??", etcd.put("a", "??"))
		synctest.Wait()
		holds(t, m, "a", "X")
		etcd.tell("a", "y", etcd.put("a", "y"))
		synctest.Wait()
		holds(t, m, "a", "Y")
	})
	bubble("IsAnErrorIfThereWasNoGoodOne", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.put("a", "?")
		etcd.put("b", "x")
		_, _, err := m.Get(t.Context(), "a")
		require.ErrorIs(t, err, errQuestion)
		holds(t, m, "b", "X")
		for name := range m.All() {
			require.Equal(t, "b", name)
		}
	})
}

func TestRun(t *testing.T) {
	bubble("HearsOfChangesWithoutReading", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.put("a", "x")
		stop := run(t, m)
		holds(t, m, "a", "X")
		time.Sleep(20 * time.Second)
		etcd.tell("a", "y", etcd.put("a", "y"))
		synctest.Wait()
		holds(t, m, "a", "Y")
		require.Equal(t, time.Now(), m.ReadAt())
		etcd.tell("a", "", etcd.delete("a"))
		synctest.Wait()
		holds(t, m, "a", "")
		require.Equal(t, 1, etcd.reads())
		require.Equal(t, []int64{3}, etcd.opened(), "watched from the revision after the read")
		stop()
		etcd.put("a", "z")
		time.Sleep(time.Second)
		holds(t, m, "a", "Z") // nobody tells any more, so it reads
	})
	bubble("ReadsAgainAfterACompaction", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		defer run(t, m)()
		etcd.put("a", "x")
		etcd.send(clientv3.WatchResponse{CompactRevision: 2})
		time.Sleep(time.Second)
		holds(t, m, "a", "X")
		require.Equal(t, []int64{2, 3}, etcd.opened())
	})
	bubble("TheBeltCatchesWhatTheWatchMissed", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		defer run(t, m)()
		etcd.put("a", "x")
		holds(t, m, "a", "")
		time.Sleep(30 * time.Second)
		synctest.Wait()
		holds(t, m, "a", "X")
	})
	bubble("AnswersAtOnceWhileEtcdIsAway", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		etcd.put("a", "x")
		defer run(t, m)()
		known := m.ReadAt()
		etcd.fail(errDown)
		etcd.send(clientv3.WatchResponse{Canceled: true})
		time.Sleep(time.Hour)
		start := time.Now()
		holds(t, m, "a", "X")
		require.Zero(t, time.Since(start))
		require.Equal(t, known, m.ReadAt())
		etcd.put("a", "y")
		etcd.fail(nil)
		time.Sleep(time.Second)
		holds(t, m, "a", "Y")
	})
	bubble("AWatchThatDoesNotOpenIsTriedAgain", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		var tries atomic.Int64
		etcd.open = func(ctx context.Context) {
			if tries.Add(1) == 1 {
				<-ctx.Done()
			}
		}
		defer run(t, m)()
		time.Sleep(etcdmirror.Timeout + time.Second)
		synctest.Wait()
		require.EqualValues(t, 2, tries.Load())
		etcd.tell("a", "x", etcd.put("a", "x"))
		synctest.Wait()
		holds(t, m, "a", "X")
	})
	bubble("FollowsAnEtcdThatWentBackInTime", t, func(t *testing.T, etcd *fake, m *etcdmirror.Mirror[string]) {
		for range 100 {
			etcd.put("a", "x")
		}
		defer run(t, m)()
		m.Wrote("mine", "M", etcd.put("mine", "m"), time.Now())
		etcd.mu.Lock()
		etcd.rev = 10 // restored from a snapshot
		etcd.kvs["a"].ModRevision = 9
		delete(etcd.kvs, "mine")
		etcd.mu.Unlock()
		etcd.put("b", "y")
		time.Sleep(31 * time.Second)
		holds(t, m, "b", "Y")
		holds(t, m, "mine", "")
		require.Equal(t, []int64{102, 12}, etcd.opened(), "watched from where etcd is now")
		etcd.tell("b", "z", etcd.put("b", "z"))
		synctest.Wait()
		holds(t, m, "b", "Z")
	})
}

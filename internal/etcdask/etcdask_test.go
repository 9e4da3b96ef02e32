package etcdask_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/blacklist/etcdblacklist"
	"github.com/seckill-go/seckill/internal/etcdask"
	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/lock/etcdlock"
	"github.com/seckill-go/seckill/settings/etcdsettings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An etcd without space answers every read.
func TestAnEtcdWithoutSpaceIsNamedByEachBackendAndACheckLeavesNoRevision(t *testing.T) {
	server, err := etcdserver.Start(t.Context(), "")
	require.NoError(t, err)
	defer server.Close()
	c, err := server.Client()
	require.NoError(t, err)
	defer c.Close()
	checks := map[string]func(context.Context) error{
		"lock":      etcdlock.New(c, etcdlock.Options{}).Check,
		"settings":  etcdsettings.New(c, etcdsettings.Options{}).Check,
		"blacklist": etcdblacklist.New(c, etcdblacklist.Options{}).Check,
	}
	before, err := c.Get(t.Context(), "a")
	require.NoError(t, err)
	for name, check := range checks {
		require.NoError(t, check(t.Context()), name)
	}
	after, err := c.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, before.Header.Revision, after.Header.Revision)

	_, err = pb.NewMaintenanceClient(c.ActiveConnection()).Alarm(t.Context(), &pb.AlarmRequest{
		Action: pb.AlarmRequest_ACTIVATE, Alarm: pb.AlarmType_NOSPACE, MemberID: after.Header.MemberId,
	})
	require.NoError(t, err)
	for name, check := range checks {
		require.ErrorContains(t, check(t.Context()), "database space exceeded", name)
	}
}

func TestFirstAsksAnotherWhileOneHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began, tries := time.Now(), make(chan int, 10)
		tries <- 0
		value, release, err := etcdask.First(ctx, func(ctx context.Context) (int, error) {
			n := <-tries
			tries <- n + 1
			if n == 0 {
				<-ctx.Done()
			}
			return n, ctx.Err()
		})
		require.NoError(t, err)
		require.Equal(t, 1, value)
		require.Equal(t, 150*time.Millisecond, time.Since(began))
		release()
	})
}

func TestFirstEndsWithItsContextAndAsksEverMoreSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		tries := make(chan bool, 100)
		_, release, err := etcdask.First(ctx, func(ctx context.Context) (int, error) {
			tries <- true
			<-ctx.Done()
			return 0, ctx.Err()
		})
		release()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Len(t, tries, 4) // at 0, 150, 450 and 1050 ms
	})
}

func TestAnErrorIsAnAnswer(t *testing.T) {
	denied := errors.New("permission denied")
	_, release, err := etcdask.First(t.Context(), func(context.Context) (int, error) { return 0, denied })
	release()
	require.ErrorIs(t, err, denied)
}

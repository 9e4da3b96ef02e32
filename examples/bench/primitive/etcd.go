package primitive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/seckill-go/seckill/examples/bench/peer"
	"github.com/seckill-go/seckill/standard"
)

// EtcdMutex16 measures how often a second the lock of etcd's own client,
// concurrency.Mutex, changes hands among 16 contenders, each with a session of its
// own, that do nothing while they hold it.
func EtcdMutex16(ctx context.Context, c standard.Clients, d time.Duration) (perSecond float64, err error) {
	const contenders = 16
	key := prefix(c) + "/bench/mutex/" + unique()
	var sessions []*concurrency.Session
	defer clearUp(ctx, &err, func(context.Context) (failed error) {
		for _, s := range sessions {
			failed = errors.Join(failed, s.Close())
		}
		return failed
	})
	for range contenders {
		s, err := peer.NewSession(ctx, c.Etcd)
		if err != nil {
			return 0, err
		}
		sessions = append(sessions, s)
	}
	return measure(ctx, d, contenders, 1, func(ctx context.Context, worker, _ int) error {
		mutex := concurrency.NewMutex(sessions[worker], key)
		if err := mutex.Lock(ctx); err != nil {
			return fmt.Errorf("primitive: lock: %w", err)
		}
		return mutex.Unlock(ctx)
	})
}

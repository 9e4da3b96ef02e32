package primitive

import (
	"context"
	"errors"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

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
		s, err := session(ctx, c.Etcd)
		if err != nil {
			return 0, fmt.Errorf("primitive: open a session: %w", err)
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

// session returns one whose lease lasts 30 s when nobody keeps it. It waits for
// etcd even if ctx ends: a lease whose grant is cut off may be there all the same.
func session(ctx context.Context, client *clientv3.Client) (*concurrency.Session, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	lease, err := client.Grant(ctx, 30)
	if err != nil {
		return nil, err
	}
	s, err := concurrency.NewSession(client, concurrency.WithLease(lease.ID), concurrency.WithTTL(30))
	if err == nil && s == nil {
		err = errors.New("its lease was not kept alive")
	}
	return s, err
}

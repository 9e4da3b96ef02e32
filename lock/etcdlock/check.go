package etcdlock

import (
	"context"

	"github.com/seckill-go/seckill/internal/etcdask"
)

// Check returns why no lease can be had: etcd does not answer, has no quorum or
// takes no writes. It writes nothing: the condition of its write is never true.
func (l *Locker) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	if err := etcdask.Writable(ctx, l.client, l.prefix+"/lock/"); err != nil {
		return l.fault(ctx, "check", "etcd", err)
	}
	return nil
}

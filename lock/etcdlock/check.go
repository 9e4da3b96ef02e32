package etcdlock

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Check tells why no lease can be had: etcd does not answer, or has no quorum.
func (l *Locker) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	_, err := l.client.Get(ctx, l.prefix+"/lock/", clientv3.WithLimit(1), clientv3.WithKeysOnly())
	if err != nil {
		return l.fault(ctx, "check", "etcd", err)
	}
	return nil
}

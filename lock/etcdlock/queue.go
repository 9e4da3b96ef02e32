package etcdlock

import (
	"context"
	"errors"
	"fmt"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/lock"
)

var errPlaceLost = errors.New("the request's key is gone from the queue")

// keys are those of one request.
type keys struct {
	name      string // what all of them start with
	queue     string // what the keys of all requests start with
	exclusive string // what the keys of exclusive requests start with
	own       string
	fence     string
}

func keysOf(prefix, name string, mode lock.Mode, id string) keys {
	root := prefix + "/lock/" + name
	k := keys{name: root + "/", queue: root + "/q/", exclusive: root + "/q/x/", fence: root + "/fence"}
	k.own = k.queue + "s/" + id
	if mode == lock.Exclusive {
		k.own = k.exclusive + id
	}
	return k
}

// enter puts the request into the queue and reports whether it was granted at
// once. A request that would have to wait enters only if it wants to.
func (l *lease) enter(ctx context.Context, wait bool) (granted bool, err error) {
	excluding := l.keys.exclusive
	if l.mode == lock.Exclusive {
		excluding = l.keys.queue
	}
	put := clientv3.OpPut(l.keys.own, l.value, clientv3.WithLease(l.id))
	nobody := clientv3.Compare(clientv3.CreateRevision(excluding), "=", 0).WithPrefix()
	var otherwise []clientv3.Op
	if wait {
		otherwise = append(otherwise, put)
	}
	return l.commit(ctx, nobody, append([]clientv3.Op{put}, l.grant()...), otherwise)
}

// confirm grants the request that has come to the front. Its key keeps every
// later request back, so that the key is still there is all it takes.
func (l *lease) confirm(ctx context.Context) error {
	there := clientv3.Compare(clientv3.CreateRevision(l.keys.own), ">", 0)
	granted, err := l.commit(ctx, there, l.grant(), nil)
	if err == nil && !granted {
		err = errPlaceLost
	}
	return err
}

// grant is what a grant does in etcd. It ends with reading the fence: until the
// release, or a take-over, nobody has a higher one.
func (l *lease) grant() []clientv3.Op {
	fence := clientv3.OpGet(l.keys.fence)
	if l.mode == lock.Shared {
		return []clientv3.Op{fence}
	}
	return []clientv3.Op{clientv3.OpPut(l.keys.fence, hex(l.id)), fence}
}

func (l *lease) commit(ctx context.Context, when clientv3.Cmp, then, otherwise []clientv3.Op) (granted bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.locker.timeout)
	defer cancel()
	r, err := l.locker.client.Txn(ctx).If(when).Then(then...).Else(otherwise...).Commit()
	if err != nil || !r.Succeeded {
		return false, err
	}
	l.fence = 1
	if kvs := r.Responses[len(r.Responses)-1].GetResponseRange().Kvs; len(kvs) > 0 {
		l.fence = kvs[0].ModRevision
	}
	return true, nil
}

// handOver grants the lease to the next request by the write that gives it up, if
// both are exclusive: so the next one need not write before it begins.
func (l *lease) handOver(ctx context.Context) {
	next := l.next.Load()
	if l.mode == lock.Shared || next == nil || !strings.HasPrefix(next.key, l.keys.exclusive) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, l.locker.timeout)
	defer cancel()
	_, _ = l.locker.client.Txn(ctx).
		If(clientv3.Compare(clientv3.CreateRevision(l.keys.own), ">", 0),
			clientv3.Compare(clientv3.CreateRevision(next.key), "=", next.revision)).
		Then(clientv3.OpDelete(l.keys.own), clientv3.OpPut(l.keys.fence, strings.TrimPrefix(next.key, l.keys.exclusive))).
		Commit()
}

// takeOver ends the lease of a holder that is overdue. The fence is raised too, as
// a shared lease that is granted next writes none.
func (l *lease) takeOver(ctx context.Context, holder rival) error {
	ctx, cancel := context.WithTimeout(ctx, l.locker.timeout)
	defer cancel()
	_, err := l.locker.client.Txn(ctx).
		If(clientv3.Compare(clientv3.CreateRevision(holder.key), "=", holder.revision)).
		Then(clientv3.OpDelete(holder.key), clientv3.OpPut(l.keys.fence, "")).
		Commit()
	return err
}

// excludedBy reports whether the request of that key and this one keep each other
// out.
func (l *lease) excludedBy(key string) bool {
	return key != l.keys.own && (l.mode == lock.Exclusive || strings.HasPrefix(key, l.keys.exclusive))
}

func hex(id clientv3.LeaseID) string { return fmt.Sprintf("%016x", int64(id)) }

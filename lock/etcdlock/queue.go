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
	queue     string // what the keys of all requests start with
	exclusive string // what the keys of exclusive requests start with
	own       string
	fence     string
}

func keysOf(prefix, name string, mode lock.Mode, id string) keys {
	root := prefix + "/lock/" + name
	k := keys{queue: root + "/q/", exclusive: root + "/q/x/", fence: root + "/fence"}
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
	put := clientv3.OpPut(l.keys.own, "", clientv3.WithLease(l.id))
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

// grant is what a grant does in etcd. It ends with reading the fence: between the
// grant and the release no exclusive request can write it.
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

// excludedBy reports whether the request of that key and this one keep each other
// out.
func (l *lease) excludedBy(key string) bool {
	return key != l.keys.own && (l.mode == lock.Exclusive || strings.HasPrefix(key, l.keys.exclusive))
}

func hex(id clientv3.LeaseID) string { return fmt.Sprintf("%016x", int64(id)) }

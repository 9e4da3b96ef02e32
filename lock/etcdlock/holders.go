package etcdlock

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/lock"
)

// namesAtOnce is how many queues one transaction reads; etcd allows 128 by default.
const namesAtOnce = 100

// Holders implements [lock.Holders]: one read of etcd for a hundred names.
func (l *Locker) Holders(ctx context.Context, names []string) ([][]lock.Holder, error) {
	all := make([][]lock.Holder, 0, len(names))
	for names := range slices.Chunk(names, namesAtOnce) {
		some, err := l.readHolders(ctx, names)
		if err != nil {
			return nil, l.fault(ctx, "read the holders of", fmt.Sprintf("%s … %s", names[0], names[len(names)-1]), err)
		}
		all = append(all, some...)
	}
	return all, nil
}

func (l *Locker) readHolders(ctx context.Context, names []string) ([][]lock.Holder, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	gets := make([]clientv3.Op, len(names))
	for i, name := range names {
		gets[i] = clientv3.OpGet(keysOf(l.prefix, name, lock.Shared, "").name, clientv3.WithPrefix(),
			clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend))
	}
	r, err := l.client.Txn(ctx).Then(gets...).Commit()
	if err != nil {
		return nil, err
	}
	all := make([][]lock.Holder, len(names))
	for i, one := range r.Responses {
		all[i] = holdersOf(one.GetResponseRange().Kvs, keysOf(l.prefix, names[i], lock.Shared, ""))
	}
	return all, nil
}

// holdersOf picks the requests of a queue that are granted, or are to be granted as
// soon as they ask: nobody else can be.
func holdersOf(kvs []*mvccpb.KeyValue, k keys) (all []lock.Holder) {
	var fence *mvccpb.KeyValue
	if i := slices.IndexFunc(kvs, func(kv *mvccpb.KeyValue) bool { return string(kv.Key) == k.fence }); i >= 0 {
		fence = kvs[i]
	}
	for _, kv := range kvs {
		if !strings.HasPrefix(string(kv.Key), k.queue) {
			continue
		}
		id, exclusive := strings.CutPrefix(string(kv.Key), k.exclusive)
		if exclusive && len(all) > 0 {
			break
		}
		_, node := readValue(kv.Value)
		all = append(all, lock.Holder{Node: node, Fence: fenceOf(kv, fence, id, exclusive)})
		if exclusive {
			all[0].Mode = lock.Exclusive
			break
		}
	}
	return all
}

// fenceOf is the fence with which a request was granted, as far as the queue tells:
// that of an exclusive one once it has written it; that of a shared one unless
// somebody was taken over, and it may have been granted before that.
func fenceOf(request, fence *mvccpb.KeyValue, id string, exclusive bool) int64 {
	switch {
	case exclusive && (fence == nil || string(fence.Value) != id):
		return 0
	case fence == nil:
		return 1
	case len(fence.Value) == 0 && request.CreateRevision < fence.ModRevision:
		return 0
	}
	return fence.ModRevision
}

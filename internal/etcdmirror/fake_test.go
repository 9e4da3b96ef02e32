package etcdmirror_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/internal/etcdmirror"
)

const prefix = "test/"

// fake is an etcd of a few lines, for what a real one cannot be made to do. It
// has no sockets, so it runs in a synctest bubble.
type fake struct {
	mu       sync.Mutex
	rev      int64
	kvs      map[string]*mvccpb.KeyValue
	watchers []chan clientv3.WatchResponse
	froms    []int64
	gets     int
	err      error                 // what Get returns
	answered func()                // runs between a read and its answer
	open     func(context.Context) // runs before a watch opens
}

var _ etcdmirror.Client = (*fake)(nil)

func newFake() *fake { return &fake{rev: 1, kvs: make(map[string]*mvccpb.KeyValue)} }

func (f *fake) Get(context.Context, string, ...clientv3.OpOption) (*clientv3.GetResponse, error) {
	f.mu.Lock()
	f.gets++
	resp := &clientv3.GetResponse{Header: &pb.ResponseHeader{Revision: f.rev}, Kvs: slices.Collect(maps.Values(f.kvs))}
	err, answered := f.err, f.answered
	f.mu.Unlock()
	if answered != nil {
		answered()
	}
	return resp, err
}

func (f *fake) Watch(ctx context.Context, _ string, opts ...clientv3.OpOption) clientv3.WatchChan {
	if len(clientv3.OpGet("", opts...).RangeBytes()) == 0 {
		return nil // a question whether the member answers
	}
	if f.open != nil {
		f.open(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	ch := make(chan clientv3.WatchResponse, 100)
	f.watchers = append(f.watchers, ch)
	f.froms = append(f.froms, clientv3.OpGet("", opts...).Rev())
	return ch
}

// put writes and tells nobody; tell does.
func (f *fake) put(name, value string) (rev int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rev++
	f.kvs[name] = &mvccpb.KeyValue{Key: []byte(prefix + name), Value: []byte(value), ModRevision: f.rev}
	return f.rev
}

func (f *fake) delete(name string) (rev int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rev++
	delete(f.kvs, name)
	return f.rev
}

// tell sends the last watcher an event.
func (f *fake) tell(name, value string, rev int64) {
	kv := &mvccpb.KeyValue{Key: []byte(prefix + name), Value: []byte(value), ModRevision: rev}
	kind := clientv3.EventTypePut
	if value == "" {
		kind = clientv3.EventTypeDelete
	}
	f.send(clientv3.WatchResponse{Header: &pb.ResponseHeader{Revision: rev}, Events: []*clientv3.Event{{Type: kind, Kv: kv}}})
}

func (f *fake) send(resp clientv3.WatchResponse) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[len(f.watchers)-1] <- resp
}

func (f *fake) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gets
}

// opened returns the revisions that watches were opened from.
func (f *fake) opened() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.froms)
}

func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// upper decodes by shouting, and cannot shout a question.
func upper(_ string, value []byte) (string, error) {
	if strings.Contains(string(value), "?") {
		return "", errQuestion
	}
	return strings.ToUpper(string(value)), nil
}

package etcdmirror

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/metadata"

	"github.com/seckill-go/seckill/internal/etcdask"
)

// pulseEvery is the time between an answer of the member that a watch is open at
// and the next question, and how long the member has for the answer. Together with
// opening another watch that leaves a quarter of the second in which a change arrives.
const pulseEvery = 300 * time.Millisecond

// errSilent ends a watch whose member does not answer.
var errSilent = errors.New("watch: the member is silent")

// watch is an open watch, at one member of etcd.
type watch struct {
	ctx    context.Context // of the watch, with the cause of its end
	end    context.CancelCauseFunc
	events clientv3.WatchChan
}

// streams counts the watches of the process. An etcd client sends all watches whose
// metadata agree to one member, in one stream; each of these is to have its own.
var streams atomic.Int64

// watch opens a watch from the first revision that the mirror does not have, at
// the first member that answers. Without a leader the server ends it: a server that
// was cut off from the others must not pass for one that has nothing to tell.
func (m *Mirror[V]) watch(ctx context.Context) (*watch, error) {
	from := m.at() + 1
	ctx, end := context.WithCancelCause(ctx)
	late := time.AfterFunc(Timeout, func() { end(fmt.Errorf("watch: not open within %v", Timeout)) })
	w, _, err := etcdask.First(ctx, func(ctx context.Context) (*watch, error) {
		ctx = metadata.AppendToOutgoingContext(clientv3.WithRequireLeader(ctx), "seckill-watch", strconv.FormatInt(streams.Add(1), 10))
		events := m.client.Watch(ctx, m.Prefix, clientv3.WithPrefix(), clientv3.WithRev(from))
		return &watch{ctx, end, events}, context.Cause(ctx)
	})
	if !late.Stop() || err != nil {
		err = cmp.Or(context.Cause(ctx), err)
		end(err)
		return nil, err
	}
	return w, nil
}

// pulse ends the watch with errSilent when its member does not answer within
// patience. A member that hangs keeps its connection open and looks like one that has
// nothing to tell. The question is to open one more watch in the same stream, which
// every version of etcd answers at once.
func (m *Mirror[V]) pulse(w *watch, patience time.Duration) {
	for {
		pause(w.ctx, pulseEvery)
		if w.ctx.Err() != nil {
			return
		}
		asked := time.Now()
		late := time.AfterFunc(patience, func() { w.end(errSilent) })
		question, done := context.WithCancel(w.ctx)
		m.client.Watch(question, m.Prefix)
		done()
		late.Stop()
		if time.Since(asked) < pulseEvery/2 {
			patience = pulseEvery
		}
	}
}

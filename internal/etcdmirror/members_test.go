package etcdmirror_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc/metadata"

	"github.com/seckill-go/seckill/internal/etcdserver"
)

// members is an etcd of three, whose client takes them in turn and keeps a stream
// at the member where it began. A member that hangs answers nothing.
type members struct {
	*fake
	turn sync.Mutex
	next int
	at   map[string]int // by stream
	last int            // where the last watch was opened
	hung int            // none if negative
	slow time.Duration  // of each answer
}

func (c *members) take() int {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.next = (c.next + 1) % 3
	return c.next
}

// hangs waits for the end of ctx if the member does not answer.
func (c *members) hangs(ctx context.Context, member int) error {
	c.turn.Lock()
	hung := member == c.hung
	c.turn.Unlock()
	if hung {
		<-ctx.Done()
	}
	select {
	case <-ctx.Done():
	case <-time.After(c.slow):
	}
	return ctx.Err()
}

func (c *members) Get(ctx context.Context, key string, opts ...clientv3.OpOption) (*clientv3.GetResponse, error) {
	if err := c.hangs(ctx, c.take()); err != nil {
		return nil, err
	}
	return c.fake.Get(ctx, key, opts...)
}

func (c *members) Watch(ctx context.Context, key string, opts ...clientv3.OpOption) clientv3.WatchChan {
	sent, _ := metadata.FromOutgoingContext(ctx)
	stream := fmt.Sprint(sent)
	c.turn.Lock()
	member, known := c.at[stream]
	c.turn.Unlock()
	if !known {
		member = c.take()
		c.turn.Lock()
		c.at[stream] = member
		c.turn.Unlock()
	}
	if c.hangs(ctx, member) != nil {
		return nil
	}
	events := c.fake.Watch(ctx, key, opts...)
	if events != nil {
		c.turn.Lock()
		c.last = member
		c.turn.Unlock()
		c.catchUp(clientv3.OpGet("", opts...).Rev())
	}
	return events
}

// catchUp tells the last watcher what it missed.
func (c *members) catchUp(from int64) {
	c.mu.Lock()
	kv := c.kvs["a"]
	c.mu.Unlock()
	if kv != nil && kv.ModRevision >= from {
		c.tell("a", string(kv.Value), kv.ModRevision)
	}
}

// Whatever the mirror was doing when a member began to hang, and whichever it was.
func TestAChangeArrivesWithinASecondThoughAMemberHangs(t *testing.T) {
	for hung := range 3 {
		for after := range 10 {
			t.Run(fmt.Sprintf("%d,%d ms", hung, after*50), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					etcd := &members{fake: newFake(), at: make(map[string]int), hung: -1}
					m := mirror(etcd)
					defer run(t, m)()
					time.Sleep(time.Duration(after) * 50 * time.Millisecond)
					etcd.turn.Lock()
					etcd.hung = hung
					deaf := etcd.last == hung
					etcd.turn.Unlock()
					if rev := etcd.put("a", "x"); !deaf {
						etcd.tell("a", "x", rev)
					}
					time.Sleep(time.Second)
					synctest.Wait()
					holds(t, m, "a", "X")
				})
			})
		}
	}
}

// An etcd that is slow as a whole is not asked for one watch after the other.
func TestASlowEtcdIsListenedToInPeace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		etcd := &members{fake: newFake(), at: make(map[string]int), hung: -1, slow: 300 * time.Millisecond}
		m := mirror(etcd)
		defer run(t, m)()
		time.Sleep(10 * time.Second)
		watches := len(etcd.opened())
		time.Sleep(time.Minute)
		require.Len(t, etcd.opened(), watches)
		etcd.tell("a", "x", etcd.put("a", "x"))
		synctest.Wait()
		holds(t, m, "a", "X")
	})
}

// Three lines to one server are three members for the client. The client does not
// look after its connections itself: what hangs stays so.
func TestAChangeArrivesOverTheLinesThatDoNotHang(t *testing.T) {
	server, err := etcdserver.Start(t.Context(), "")
	require.NoError(t, err)
	defer server.Close()
	writer, err := server.Client()
	require.NoError(t, err)
	defer writer.Close()
	var lines []*line
	var endpoints []string
	for range 3 {
		l := newLine(t)
		l.lead(server.Endpoint)
		lines, endpoints = append(lines, l), append(endpoints, l.Addr().String())
	}
	client, err := clientv3.New(clientv3.Config{Endpoints: endpoints, Logger: zap.NewNop()})
	require.NoError(t, err)
	defer client.Close()
	m := mirror(client)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	defer running.Wait()
	defer cancel()
	eventually(t, m, "a", "")

	for i, l := range lines { // the mirror listens to one of them
		func() {
			l.hung.Lock()
			defer l.hung.Unlock()
			began := time.Now()
			_, err := writer.Put(t.Context(), prefix+"a", fmt.Sprint("x", i))
			require.NoError(t, err)
			eventually(t, m, "a", fmt.Sprint("X", i))
			require.Less(t, time.Since(began), 5*time.Second, "it takes half a second on a quiet machine")
		}()
	}
}

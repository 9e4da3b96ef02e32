package counting

import (
	"context"
	"net"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/produce"
	"google.golang.org/grpc"
)

// Redis counts the commands of the client from now on, but for those with which
// it opens a connection. A command that a cluster sends elsewhere, or that the
// client repeats by itself, is one.
func (c *Calls) Redis(client redis.UniversalClient) { client.AddHook(commands{c}) }

type commands struct{ calls *Calls }

// DialHook implements [redis.Hook].
func (commands) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements [redis.Hook].
func (h commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.count(cmd)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements [redis.Hook].
func (h commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.count(cmds...)
		return next(ctx, cmds)
	}
}

func (h commands) count(cmds ...redis.Cmder) {
	for _, cmd := range cmds {
		switch cmd.Name() {
		case "hello", "auth", "select", "client", "readonly": // how a connection begins
		default:
			h.calls.redis.Add(1)
		}
	}
}

// Transport returns a transport that counts what is produced through t; nil is
// kafka.DefaultTransport. Idle connections are closed by t, which stays the
// caller's.
func (c *Calls) Transport(t kafka.RoundTripper) kafka.RoundTripper {
	if t == nil {
		t = kafka.DefaultTransport
	}
	return transport{t, c}
}

type transport struct {
	kafka.RoundTripper
	calls *Calls
}

// RoundTrip implements [kafka.RoundTripper].
func (t transport) RoundTrip(ctx context.Context, addr net.Addr, r kafka.Request) (kafka.Response, error) {
	if _, ok := r.(*produce.Request); ok {
		t.calls.produce.Add(1)
	}
	return t.RoundTripper.RoundTrip(ctx, addr, r)
}

// DialOptions count the requests of an etcd client; they are for the DialOptions
// of its [go.etcd.io/etcd/client/v3.Config].
func (c *Calls) DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(c.unary), grpc.WithChainStreamInterceptor(c.stream)}
}

func (c *Calls) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	c.etcd.Add(1)
	return next(ctx, method, req, reply, cc, opts...)
}

func (c *Calls) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := next(ctx, desc, cc, method, opts...)
	if err != nil {
		return nil, err
	}
	return stream{s, c}, nil
}

type stream struct {
	grpc.ClientStream
	calls *Calls
}

// SendMsg implements [grpc.ClientStream].
func (s stream) SendMsg(m any) error {
	s.calls.etcd.Add(1)
	return s.ClientStream.SendMsg(m)
}

// Package etcdserver runs one etcd server inside the process, on a loopback port
// of its own.
package etcdserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
)

// Server is a running etcd.
type Server struct {
	// Endpoint is the client address, "127.0.0.1:port".
	Endpoint string

	etcd *embed.Etcd
	temp string
}

// Start runs an etcd that keeps its data in dir, or in a folder that Close
// removes if dir is empty. It returns once the server answers. A folder is taken
// up again by a later Start, on other ports; only one server may use it at a time.
func Start(ctx context.Context, dir string) (*Server, error) {
	s := &Server{}
	if dir == "" {
		temp, err := os.MkdirTemp("", "seckill-etcd-")
		if err != nil {
			return nil, err
		}
		dir, s.temp = temp, temp
	}
	err := s.start(ctx, dir)
	for range 3 {
		// Between the choice of a port and its use somebody else may take it.
		if errors.Is(err, syscall.EADDRINUSE) {
			err = s.start(ctx, dir)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start etcd in %s: %w", dir, err), s.Close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, dir string) error {
	if err := room(dir); err != nil {
		return err
	}
	client, err := freeURL()
	if err != nil {
		return err
	}
	peer, err := freeURL()
	if err != nil {
		return err
	}
	c := embed.NewConfig()
	c.Dir = dir
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	c.LogLevel = "fatal"
	c.AutoCompactionMode, c.AutoCompactionRetention = "revision", "10000"
	if s.etcd, err = embed.StartEtcd(c); err != nil {
		return err
	}
	s.Endpoint = client.Host
	select {
	case <-s.etcd.Server.ReadyNotify():
		return nil
	case err := <-s.etcd.Err():
		return err
	case <-ctx.Done():
		return fmt.Errorf("not ready: %w", ctx.Err())
	}
}

// segment is the size of the files that etcd reserves for its log.
const segment = 64 << 20

// room returns why a folder that etcd was never in cannot take its first segment.
// etcd itself would panic, or end the process, and not always say why.
func room(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "member", "wal")); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".room-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	return fileutil.Preallocate(f, segment, true)
}

// Client returns a new client of this server; the caller closes it. It prints
// nothing: what it would print it also returns.
func (s *Server) Client() (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: []string{s.Endpoint}, Logger: zap.NewNop()})
}

// Close stops the server.
func (s *Server) Close() error {
	if s.etcd != nil {
		s.etcd.Close()
	}
	if s.temp != "" {
		return os.RemoveAll(s.temp)
	}
	return nil
}

// freeURL returns a loopback address that nobody listened on a moment ago.
func freeURL() (url.URL, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return url.URL{}, err
	}
	defer l.Close()
	return url.URL{Scheme: "http", Host: l.Addr().String()}, nil
}

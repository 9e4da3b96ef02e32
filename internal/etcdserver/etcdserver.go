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

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
)

// Server is a running etcd.
type Server struct {
	// Endpoint is the client address, "127.0.0.1:port".
	Endpoint string

	etcd *embed.Etcd
	temp string
}

// Start runs an etcd that keeps its data in dir, or in a folder that Close
// removes if dir is empty. It returns once the server answers.
func Start(ctx context.Context, dir string) (*Server, error) {
	s := &Server{}
	if dir == "" {
		temp, err := os.MkdirTemp("", "seckill-etcd-")
		if err != nil {
			return nil, err
		}
		dir, s.temp = temp, temp
	}
	client, err := freeURL()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	peer, err := freeURL()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	c := embed.NewConfig()
	c.Dir = dir
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	c.LogLevel = "fatal"
	c.AutoCompactionMode, c.AutoCompactionRetention = "revision", "10000"
	if s.etcd, err = embed.StartEtcd(c); err != nil {
		return nil, errors.Join(fmt.Errorf("start etcd in %s: %w", dir, err), s.Close())
	}
	select {
	case <-s.etcd.Server.ReadyNotify():
		s.Endpoint = client.Host
		return s, nil
	case err := <-s.etcd.Err():
		return nil, errors.Join(fmt.Errorf("start etcd in %s: %w", dir, err), s.Close())
	case <-ctx.Done():
		return nil, errors.Join(fmt.Errorf("start etcd in %s: not ready: %w", dir, ctx.Err()), s.Close())
	}
}

// Client returns a new client of this server; the caller closes it.
func (s *Server) Client() (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: []string{s.Endpoint}})
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

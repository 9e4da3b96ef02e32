package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/examples/internal/clients"
	"github.com/seckill-go/seckill/examples/internal/conf"
	"github.com/seckill-go/seckill/standard"
)

// backends are what the engine stands on, inside the process or outside.
type backends struct {
	standard.Clients
	close func() error
	// keep is where secrets are kept that nobody configured.
	keep keeper
	// servers are the ones inside the process, or nil.
	servers *embedded.Servers
}

func openBackends(ctx context.Context, c command, log *slog.Logger) (backends, error) {
	if c.embedded {
		return openEmbedded(ctx, c.data, log)
	}
	all, err := clients.Open(ctx, c.conf)
	if err != nil {
		return backends{}, err
	}
	all.Kafka.Logger = log
	if err := standard.Prepare(ctx, all.Clients); err != nil {
		all.Close()
		return backends{}, err
	}
	return backends{Clients: all.Clients, close: all.Close, keep: inEtcd(all.Etcd)}, nil
}

func openEmbedded(ctx context.Context, dir string, log *slog.Logger) (backends, error) {
	servers, err := embedded.Start(ctx, embedded.Options{Dir: dir, Logger: log})
	if err != nil {
		return backends{}, err
	}
	b := backends{Clients: servers.Clients(), close: servers.Close, keep: forgetful, servers: servers}
	if dir == "" {
		return b, nil
	}
	b.keep = inFolder(dir)
	if err := endLeases(ctx, servers.Etcd); err != nil {
		servers.Close()
		return backends{}, fmt.Errorf("leases of the last run: %w", err)
	}
	return b, nil
}

// endLeases ends the leases on goods that a killed process left behind, instead of
// waiting for them. The folder is this process's own and nobody has connected to
// its etcd yet, so no holder of a lease is alive.
func endLeases(ctx context.Context, client *clientv3.Client) error {
	r, err := client.Get(ctx, "seckill/lock/", clientv3.WithPrefix())
	if err != nil {
		return err
	}
	leases := make(map[clientv3.LeaseID]bool)
	for _, kv := range r.Kvs {
		leases[clientv3.LeaseID(kv.Lease)] = true
	}
	delete(leases, clientv3.NoLease)
	for id := range leases {
		if _, err := client.Revoke(ctx, id); err != nil && !errors.Is(err, rpctypes.ErrLeaseNotFound) {
			return err
		}
	}
	return nil
}

// invite writes dir/conf.yaml, with which other processes on this machine join:
// they find the servers of this one, and the keys that it keeps in dir.
func invite(dir string, s *embedded.Servers, kept map[string]string) (path string, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	server := make(map[string]string)
	for key, name := range kept {
		server[key+"_file"] = filepath.Join(dir, name)
	}
	text, err := yaml.Marshal(map[string]any{
		"server":   server,
		"database": map[string]any{"driver": conf.SQLite, "path": filepath.Join(dir, filepath.Base(s.Database))},
		"redis":    map[string]any{"addr": s.RedisAddr},
		"kafka":    map[string]any{"brokers": s.Brokers},
		"etcd":     map[string]any{"host": s.EtcdEndpoint},
	})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "conf.yaml")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return path, create(path, "# Written at each start of the server: its addresses change.\n"+string(text))
}

//go:build unix

package torture_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/etcdserver"
	"github.com/seckill-go/seckill/internal/kafkaserver"
	"github.com/seckill-go/seckill/internal/redisserver"
)

// servers are one Redis, one etcd and one Kafka for all tests that do not break
// them; each shop has names of its own there, and a database file of its own.
type servers struct {
	redis *redisserver.Server
	etcd  *etcdserver.Server
	kafka *kafkaserver.Server
}

var common struct {
	sync.Mutex
	servers *servers
}

// shared starts the servers at the first call.
func shared(t testing.TB) *servers {
	common.Lock()
	defer common.Unlock()
	if common.servers == nil {
		s, err := startServers()
		require.NoError(t, err)
		common.servers = s
	}
	return common.servers
}

func startServers() (s *servers, err error) {
	s = new(servers)
	if s.redis, err = redisserver.Start(); err != nil {
		return nil, err
	}
	if s.etcd, err = etcdserver.Start(context.Background(), ""); err != nil {
		return nil, err
	}
	s.kafka, err = kafkaserver.Start(kafkaserver.Options{})
	return s, err
}

func (s *servers) close() error {
	s.redis.Close()
	s.kafka.Close()
	return s.etcd.Close()
}

// closeServers ends the common ones.
func closeServers() error {
	common.Lock()
	defer common.Unlock()
	if common.servers == nil {
		return nil
	}
	return common.servers.close()
}

// evidence is a folder for what a run leaves behind. It goes with a green test,
// and stays with a red one.
func evidence(t testing.TB) string {
	t.Helper()
	name := strings.NewReplacer("/", "_", " ", "_").Replace(t.Name())
	dir, err := os.MkdirTemp("", "seckill-torture-"+name+"-")
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("history, dump and logs of the nodes are in %s", dir)
			return
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// raced is an error if the race detector wrote into a log of a node in the folder.
func raced(dir string) error {
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, path := range logs {
		text, fault := os.ReadFile(path)
		err = errors.Join(err, fault)
		for _, alarm := range []string{"DATA RACE", "panic: ", "fatal error: "} {
			if strings.Contains(string(text), alarm) {
				err = errors.Join(err, fmt.Errorf("%s has %q", path, alarm))
			}
		}
	}
	return err
}

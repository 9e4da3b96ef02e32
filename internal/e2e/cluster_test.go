//go:build real

package e2e_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/internal/saletest"
)

// kill ends a node of make cluster-up as a power cut would, and has it brought
// back when the test ends.
func kill(t *testing.T, node string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(clusterDir(), "run", node+".pid"))
	require.NoError(t, err, "the cluster is not one of make cluster-up")
	pid, err := strconv.Atoi(strings.Fields(string(text))[0])
	require.NoError(t, err)
	t.Cleanup(func() { bringBack(t, "") })
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	saletest.Eventually(t, node+" is gone", func() bool { return !lives(pid) })
	t.Logf("killed %s", node)
}

// lives reports whether a process has anything left, its ports for one: the last
// thread closes them, and the first may be long dead by then.
func lives(pid int) bool {
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil || len(threads) == 0 {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return len(threads) > 1 || !strings.HasPrefix(state, "Z")
}

// clusterDir is where make cluster-up has put everything.
func clusterDir() string {
	if state := os.Getenv("XDG_STATE_HOME"); os.Getenv("CLUSTER_DIR") == "" && state != "" {
		return filepath.Join(state, "seckill", "cluster")
	}
	return cmp.Or(os.Getenv("CLUSTER_DIR"), filepath.Join("..", "..", ".cluster"))
}

// bringBack starts what is down of a service, or of all.
func bringBack(t *testing.T, service string) {
	t.Helper()
	up := exec.Command(filepath.Join("..", "..", "deploy", "native", "up.sh"))
	up.Env = append(os.Environ(), "SERVICES="+service)
	out, err := up.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// masterOf is the Redis node that has the goods' slot.
func masterOf(t *testing.T, c redis.UniversalClient, goodsID string) string {
	t.Helper()
	node, err := c.(*redis.ClusterClient).MasterForKey(t.Context(), "{"+goodsID+"}")
	require.NoError(t, err)
	return "redis-" + port(node.Options().Addr)
}

// leaderOf is the etcd node that leads.
func leaderOf(t *testing.T, c *clientv3.Client) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, endpoint := range c.Endpoints() {
		if s, err := c.Status(ctx, endpoint); err == nil && s.Leader == s.Header.MemberId {
			return "etcd-" + port(endpoint)
		}
	}
	require.Fail(t, "etcd has no leader")
	return ""
}

// brokerOf is the Kafka node that leads a partition of the topic.
func brokerOf(t *testing.T, brokers []string, topic string) string {
	t.Helper()
	partitions, err := kafka.DefaultDialer.LookupPartitions(t.Context(), "tcp", brokers[0], topic)
	require.NoError(t, err)
	return "kafka-" + strconv.Itoa(partitions[0].Leader.Port)
}

func port(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

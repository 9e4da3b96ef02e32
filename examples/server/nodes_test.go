package main_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

func TestThreeProcessesSellOneGoodsExactlyOnce(t *testing.T) {
	t.Parallel()
	const units, buyers, connections = 100, 600, 200
	dir := t.TempDir()
	first := open(t, nil, "-data", dir)
	conf := filepath.Join(dir, "conf.yaml")
	nodes := []*process{first, open(t, nil, "-config", conf, "-dev"), open(t, nil, "-config", conf, "-dev")}

	c := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections / len(nodes)}}
	defer c.CloseIdleConnections()
	wins := make([]purchase, buyers)
	faults := make([]error, buyers)
	var all sync.WaitGroup
	for i := range buyers {
		all.Go(func() {
			at := func(step int) string { return nodes[(i+step)%len(nodes)].url } // a node for each step
			var err error
			wins[i], err = buy(c, at, fmt.Sprintf("user-%d", i), "1001")
			if !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "sold_out") {
				faults[i] = err
			}
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(faults...))

	orders := make(map[string]bool)
	for i, w := range wins {
		if w.order == "" {
			continue
		}
		orders[w.order] = true
		again, err := patiently(c, "POST", nodes[i%len(nodes)].url+"/api/seckill?goods_id=1001&token="+w.ticket, w.login)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, again.status, again.body.Code)
		require.Equal(t, w.order, again.body.OrderID)
	}
	require.Len(t, orders, units)
	for _, n := range nodes {
		sold := must(t, "GET", n.url+"/api/admin/status", first.adminToken).body.Goods[0]
		require.Equal(t, "1001", sold.GoodsID)
		require.True(t, sold.Conserved)
		require.Equal(t, []int{0, 0, units}, []int{sold.Left, sold.Held, sold.Sold})
	}
	for _, n := range []*process{nodes[2], nodes[1], nodes[0]} {
		n.stop(t)
	}
}

func TestNodesWithoutConfiguredKeysShareThoseInEtcd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, nil, "-data", dir)
	text, err := os.ReadFile(filepath.Join(dir, "conf.yaml"))
	require.NoError(t, err)
	keyless := filepath.Join(t.TempDir(), "conf.yaml")
	var sections map[string]any
	require.NoError(t, yaml.Unmarshal(text, &sections))
	delete(sections, "server")
	text, err = yaml.Marshal(sections)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(keyless, text, 0o600))

	a, b := open(t, nil, "-config", keyless, "-dev"), open(t, nil, "-config", keyless, "-dev")
	require.Contains(t, a.stderr.String(), "kept in etcd, for all nodes")
	require.Equal(t, a.adminToken, b.adminToken)
	require.NotEqual(t, a.adminToken, first.adminToken)
	quiet := open(t, nil, "-config", keyless) // what it prints is collected, as in production
	require.Contains(t, quiet.stdout.String(), "Bearer <in etcd, under seckill/secrets/admin.token>")
	require.NotContains(t, quiet.stdout.String()+quiet.stderr.String(), a.adminToken)
	must(t, "GET", quiet.url+"/api/admin/config", a.adminToken)
	quiet.stop(t)
	bought, err := buy(http.DefaultClient, func(step int) string { return []*process{a, b}[step%2].url }, "alice", "1001")
	require.NoError(t, err)
	require.NotEmpty(t, bought.order)
	b.stop(t)
	a.stop(t)
	first.stop(t)
}

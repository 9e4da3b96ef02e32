package main_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMistakesAreNamedAndEndWithStatus2(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wrong := filepath.Join(dir, "wrong.yaml")
	require.NoError(t, os.WriteFile(wrong, []byte("server: {prot: 1}\nlog: {level: loud}\n"), 0o600))
	right := filepath.Join(dir, "right.yaml")
	require.NoError(t, os.WriteFile(right, []byte("redis: {addr: 'a:1'}\nkafka: {brokers: 'a:1'}\netcd: {host: 'a:1'}\n"), 0o600))

	for name, c := range map[string]struct {
		args, env, want []string
	}{
		"unknown flag":       {args: []string{"-prot", "1"}, want: []string{"flag provided but not defined: -prot", "-h lists the flags"}},
		"arguments":          {args: []string{"conf.yaml"}, want: []string{`want no arguments besides flags, got ["conf.yaml"]`}},
		"no such file":       {args: []string{"-config", filepath.Join(dir, "gone")}, want: []string{"gone: no such file"}},
		"config of no name":  {args: []string{"-config", ""}, want: []string{"-config: want a value, got none"}},
		"data of no name":    {args: []string{"-data", "", "-addr", ""}, want: []string{"-data: want a value, got none", "-addr: want a value, got none"}},
		"reconcile nothing":  {args: []string{"reconcile", "-data", ""}, want: []string{"-data: want a value, got none"}},
		"another command":    {args: []string{"reconcil"}, want: []string{"the one command is reconcile"}},
		"backends, no file":  {env: []string{"SECKILL_DATABASE_HOST=db", "SECKILL_ETCD_HOST=e:1"}, want: []string{"SECKILL_DATABASE_HOST: want it with a configuration file", "SECKILL_ETCD_HOST: want"}},
		"a port in hosts":    {args: []string{"-hosts", "shop.example,shop.example:443", "-data", filepath.Join(dir, "unused")}, want: []string{`-hosts: want names or addresses without ports`, `"shop.example:443"`}},
		"hosts of no name":   {args: []string{"-hosts", ""}, want: []string{`-hosts: want names`}},
		"wrong file":         {args: []string{"-config", wrong}, want: []string{"wrong.yaml:1: server.prot: unknown key", "wrong.yaml:2: log.level: want debug"}},
		"wrong environment":  {env: []string{"SECKILL_ADMIN_TOKEN=short", "SECKILL_LOG_FORMAT=xml"}, want: []string{"SECKILL_ADMIN_TOKEN: want 22", "SECKILL_LOG_FORMAT: want text or json"}},
		"data and config":    {args: []string{"-data", dir, "-config", right}, want: []string{"-data: want it without -config"}},
		"data is a file":     {args: []string{"-data", right}, want: []string{"-data: mkdir ", "not a directory"}},
		"no address":         {args: []string{"-addr", "nowhere"}, want: []string{"-addr nowhere: "}},
		"no port":            {args: []string{"-addr", "127.0.0.1:99999"}, want: []string{"-addr 127.0.0.1:99999: "}},
		"dev for everybody":  {args: []string{"-addr", "0.0.0.0:0"}, want: []string{"-dev: want a loopback address, got 0.0.0.0:0"}},
		"dev with a config":  {args: []string{"-config", right, "-dev", "-addr", ":0"}, want: []string{"-dev: want a loopback address, got :0"}},
		"secrets by file":    {env: []string{"SECKILL_ADMIN_TOKEN_FILE=" + filepath.Join(dir, "gone")}, want: []string{"SECKILL_ADMIN_TOKEN_FILE: want the name of a readable file"}},
		"flags for a secret": {args: []string{"-admin-token", "x"}, want: []string{"flag provided but not defined"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t, c.env, c.args...)
			require.Equal(t, 2, p.wait(t), p.stderr.String())
			for _, want := range c.want {
				require.Contains(t, p.stderr.String(), want)
			}
			require.Empty(t, p.stdout.String())
		})
	}
}

func TestHelpIsNoMistake(t *testing.T) {
	t.Parallel()
	p := launch(t, nil, "-h")
	require.Equal(t, 0, p.wait(t))
	for _, flag := range []string{"-config", "-addr", "-data", "-dev", "server reconcile -h"} {
		require.Contains(t, p.stdout.String(), flag)
	}
	require.Empty(t, p.stderr.String())
}

func TestAPortInUseIsFoundBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	dir := t.TempDir()
	p := launch(t, nil, "-addr", l.Addr().String(), "-data", dir)
	require.Equal(t, 2, p.wait(t))
	require.Contains(t, p.stderr.String(), "-addr "+l.Addr().String()+": ")
	require.Contains(t, p.stderr.String(), "address already in use")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestEveryBackendThatIsDownIsNamedWithinItsTime(t *testing.T) {
	t.Parallel()
	conf := filepath.Join(t.TempDir(), "conf.yaml")
	require.NoError(t, os.WriteFile(conf, []byte(`
database: {port: 1, password: hunter2}
redis: {cluster_nodes: "127.0.0.1:2,127.0.0.1:3", password: hunter2}
kafka: {brokers: "127.0.0.1:4"}
etcd: {host: "127.0.0.1:5"}
`), 0o600))
	start := time.Now()
	p := launch(t, nil, "-config", conf, "-addr", "127.0.0.1:0")
	require.Equal(t, 1, p.wait(t))
	require.Less(t, time.Since(start), 15*time.Second)
	for _, where := range []string{"mysql at 127.0.0.1:1", "redis cluster at 127.0.0.1:2,127.0.0.1:3", "kafka at 127.0.0.1:4", "etcd at 127.0.0.1:5"} {
		require.Regexp(t, regexp.QuoteMeta(where)+`: no answer within 1.*connection refused`, p.stderr.String())
	}
	require.NotContains(t, p.stderr.String(), "hunter2")
}

func TestTheFirstLinesSayWhatIsKeptAndWhere(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	p := open(t, nil, "-data", dir)
	require.Contains(t, p.stdout.String(), "kept     orders, settings, blacklist and keys in "+dir)
	other := open(t, nil, "-config", filepath.Join(dir, "conf.yaml"))
	require.Contains(t, other.stdout.String(), "kept     orders in sqlite at "+dir)
	other.stop(t)
	p.stop(t)
	p = open(t, nil)
	require.Contains(t, p.stdout.String(), "kept     nothing: everything is in memory")
	p.stop(t)
}

func TestNobodyLogsInWithoutDev(t *testing.T) {
	t.Parallel()
	p := open(t, nil, "-dev=false")
	a, err := call(http.DefaultClient, "POST", p.url+"/api/auth/token?user_id=alice", "")
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, a.status)
	require.NotContains(t, p.stdout.String(), "curl")
	require.Equal(t, 200, must(t, "GET", p.url+"/readyz?verbose", "").status)
	p.stop(t)
}

func TestAConfiguredAdminTokenIsNotShown(t *testing.T) {
	t.Parallel()
	const token = "an-admin-token-of-enough-bits"
	p := open(t, []string{"SECKILL_ADMIN_TOKEN=" + token})
	must(t, "GET", p.url+"/api/admin/status", token)
	p.stop(t)
	require.NotContains(t, p.stdout.String()+p.stderr.String(), token)
}

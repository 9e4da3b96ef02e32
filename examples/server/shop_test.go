package main_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/programtest"
)

// printed returns the commands that the server printed.
func printed(p *process) []string {
	var commands []string
	for line := range strings.Lines(p.stdout.String()) {
		if line = strings.TrimSpace(line); strings.Contains(line, "curl ") {
			commands = append(commands, line)
		}
	}
	return commands
}

var orderID = regexp.MustCompile(`"order_id":"([^"]+)"`)

func TestThePrintedCommandsWorkAsTheyStand(t *testing.T) {
	t.Parallel()
	start := time.Now()
	p := open(t, nil)
	require.Less(t, time.Since(start), 10*time.Second)
	commands := printed(p)
	require.Len(t, commands, 5)

	env := programtest.WithCurl(t)
	// A shell that pastes the first three, and then what it is told to do next.
	shell := func(last string) string {
		t.Helper()
		script := strings.Join(append(commands[:3:3], last), "\n")
		sh := exec.Command("sh", "-c", script)
		sh.Env = env
		out, err := sh.Output()
		require.NoError(t, err)
		return string(out)
	}
	bought := shell("")
	require.Contains(t, bought, `"state":"pending"`)
	order := orderID.FindStringSubmatch(bought)
	require.NotNil(t, order)
	alice := must(t, "POST", p.url+"/api/auth/token?user_id=alice", "").body.Token
	follows := func(order, state string) {
		t.Helper()
		require.Eventually(t, func() bool {
			return must(t, "GET", p.url+"/api/orders/"+order, alice).body.State == state
		}, 10*time.Second, 10*time.Millisecond)
	}
	require.Contains(t, shell(strings.Replace(commands[3], "ORDER_ID", order[1], 1)), `"state":"processing"`)
	follows(order[1], "paid")

	order = orderID.FindStringSubmatch(shell(""))
	require.NotNil(t, order)
	shell(strings.Replace(commands[4], "ORDER_ID", order[1], 1))
	follows(order[1], "cancelled")
	p.stop(t)
}

func TestARestartInAFolderGoesOn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	p := open(t, nil, "-data", dir)
	first, err := buy(http.DefaultClient, always(p.url), "alice", "1001")
	require.NoError(t, err)
	unused := must(t, "POST", p.url+"/api/seckill/token?goods_id=1001", first.login).body.Token
	must(t, "POST", p.url+"/api/admin/blacklist/add?user_id=mallory", p.adminToken)
	postJSON(t, p, "/api/admin/goods", `{"goods_id":"1002","title":"Changed","price":{"amount":1,"currency":"CNY"},"total":7,
		"starts_at":"2020-01-01T00:00:00Z","ends_at":"2100-01-01T00:00:00Z"}`)
	p.stop(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	require.NoError(t, err)
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		if strings.HasSuffix(file, ".keys") || strings.HasSuffix(file, ".secret") || strings.HasSuffix(file, ".token") || strings.HasSuffix(file, ".yaml") {
			require.Equal(t, os.FileMode(0o600), info.Mode(), file)
		}
	}

	again := open(t, nil, "-data", dir)
	require.Equal(t, p.adminToken, again.adminToken)
	login := must(t, "POST", again.url+"/api/auth/token?user_id=alice", "").body.Token
	require.Equal(t, "pending", must(t, "GET", again.url+"/api/orders/"+first.order, login).body.State)
	require.Equal(t, 99, must(t, "GET", again.url+"/api/goods/1001", login).body.Left)
	changed := must(t, "GET", again.url+"/api/goods/1002", login).body
	require.Equal(t, "Changed", changed.Title)
	require.Equal(t, 7, changed.Left)
	_, err = buy(http.DefaultClient, always(again.url), "mallory", "1001")
	require.ErrorContains(t, err, "blacklisted")

	replay := must(t, "POST", again.url+"/api/seckill?goods_id=1001&token="+first.ticket, login)
	require.Equal(t, http.StatusOK, replay.status)
	require.Equal(t, first.order, replay.body.OrderID)
	require.Equal(t, http.StatusCreated, must(t, "POST", again.url+"/api/seckill?goods_id=1001&token="+unused, login).status)
	again.stop(t)
}

func TestAKilledServerComesBackAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := open(t, nil, "-data", dir)
	bought, err := buy(http.DefaultClient, always(p.url), "alice", "1001")
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Kill())
	p.wait(t)

	start := time.Now()
	again := open(t, nil, "-data", dir)
	login := must(t, "POST", again.url+"/api/auth/token?user_id=alice", "").body.Token
	replay, err := call(http.DefaultClient, "POST", again.url+"/api/seckill?goods_id=1001&token="+bought.ticket, login)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, replay.status, replay.body.Code)
	require.Equal(t, bought.order, replay.body.OrderID)
	require.Less(t, time.Since(start), 8*time.Second, "waited for the leases of the dead")
	again.stop(t)
}

func postJSON(t *testing.T, p *process, path, body string) {
	t.Helper()
	r, err := http.NewRequest("POST", p.url+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+p.adminToken)
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	w.Body.Close()
	require.Less(t, w.StatusCode, 300)
}

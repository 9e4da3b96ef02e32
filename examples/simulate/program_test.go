package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/report"
	"github.com/seckill-go/seckill/internal/programtest"
	"github.com/seckill-go/seckill/internal/saletest"
)

var binary string

func TestMain(m *testing.M) { os.Exit(programtest.Run(m, &binary)) }

// process is the program while it runs.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr programtest.Output
	ended          <-chan struct{}
}

// launch starts the program, and ends it with the test.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, args...)}
	p.cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.ended = programtest.Start(t, p.cmd)
	return p
}

// wait returns the exit status.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(stall):
		require.Fail(t, "still running", p.stderr.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

// read reads the report that the program wrote.
func read(t *testing.T, file string) (r report.Report) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &r))
	return r
}

func TestOneCommandShowsAWholeSale(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made")
	p := launch(t, "-users", "300", "-units", "40", "-duration", "1s", "-bots", "10", "-double", "30", "-seed", "7",
		"-html", filepath.Join(dir, "sale.html"), "-json", filepath.Join(dir, "sale.json"))
	require.Zero(t, p.wait(t), "%s%s", p.stdout.String(), p.stderr.String())
	require.Contains(t, p.stderr.String(), "seed 7\n")
	r := read(t, filepath.Join(dir, "sale.json"))
	require.Len(t, r.Checks, 9)
	for _, c := range r.Checks {
		require.Equal(t, audit.Holds, c.Verdict, "%+v", c)
		require.Contains(t, p.stdout.String(), "✓ "+c.Name)
	}
	require.Equal(t, 300, r.Totals.Arrivals)
	require.GreaterOrEqual(t, r.Totals.Orders, 40)
	require.Positive(t, r.Refusals["sold_out"])
	require.Positive(t, r.Refusals["invalid_ticket"])
	require.EqualValues(t, 7, r.Run.Seed)
	require.False(t, r.Run.Interrupted)
	page, err := os.ReadFile(filepath.Join(dir, "sale.html"))
	require.NoError(t, err)
	require.Contains(t, string(page), "Every invariant that was checked holds.")
}

// against is a command line of a short run.
func against(url string, more ...string) []string {
	return append([]string{"-url", url, "-users", "60", "-duration", "200ms", "-bots", "20", "-double", "50", "-paid-within", "300ms"}, more...)
}

func TestAnHonestShopPasses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	admin, sessions := filepath.Join(dir, "admin"), filepath.Join(dir, "sessions")
	require.NoError(t, os.WriteFile(admin, []byte("operator\n"), 0o600))
	require.NoError(t, os.WriteFile(sessions, []byte(strings.Join(strings.Fields("ann bob cid dan eve fay gus hal ida jim"), "\n")), 0o600))
	runs := make(map[string]*process) // all at once: most of their time they wait
	for name, more := range map[string][]string{
		"development logins":   {"-admin", admin},
		"a file with sessions": {"-admin", admin, "-sessions", sessions},
		"nobody pays":          {"-mix", "abandon=50,fail=50"},
		"everybody is a bot":   {"-bots", "100"},
	} {
		runs[name] = launch(t, against((&liar{total: 20, limit: 2}).open(t), more...)...)
	}
	for name, p := range runs {
		t.Run(name, func(t *testing.T) {
			require.Zero(t, p.wait(t), "%s%s", p.stdout.String(), p.stderr.String())
			require.NotContains(t, p.stdout.String(), "✗")
		})
	}
}

// tempts are crowds that make a shop tell its lie for certain.
var tempts = map[string][]string{
	"another order for each click": {"-users", "5", "-bots", "0", "-double", "100"},
	"one order for two tickets":    {"-users", "3", "-bots", "100"},
	"believes forged tickets":      {"-users", "3", "-bots", "100"},
	"forgets the limit":            {"-users", "3", "-bots", "100"},
	"pays what failed":             {"-mix", "fail=100"},
}

func TestALyingShopIsFoundOut(t *testing.T) {
	t.Parallel()
	admin := filepath.Join(t.TempDir(), "admin")
	require.NoError(t, os.WriteFile(admin, []byte("operator"), 0o600))
	found := map[string]string{
		"oversells":                    "no_oversell",
		"claims more left":             "no_oversell",
		"another order for each click": "one_ticket_one_order",
		"one order for two tickets":    "one_ticket_one_order",
		"believes forged tickets":      "forged_tickets_buy_nothing",
		"loses an order":               "orders_are_visible",
		"shows orders to everybody":    "orders_are_visible",
		"invents a state":              "orders_are_visible",
		"pays what failed":             "orders_are_visible",
		"books and says no":            "no_hidden_orders",
		"loses payments":               "paid_in_time",
		"sold out too early":           "sold_out_is_true",
		"forgets the limit":            "limit_is_kept",
		"leaks a unit":                 "conserved",
	}
	runs := make(map[string]*process) // all at once: most of their time they wait
	for lie := range found {
		shop := &liar{lie: lie, total: 20, limit: 2}
		more := []string{"-admin", admin, "-mix", "pay=100"}
		runs[lie] = launch(t, against(shop.open(t), append(more, tempts[lie]...)...)...)
	}
	for lie, p := range runs {
		t.Run(lie, func(t *testing.T) {
			require.Equal(t, 1, p.wait(t), "%s%s", p.stdout.String(), p.stderr.String())
			require.Contains(t, p.stdout.String(), "✗ "+found[lie], p.stderr.String())
			require.Contains(t, p.stderr.String(), "simulate: not every invariant holds\n")
		})
	}
}

func TestWhatStandsInTheWayIsSaid(t *testing.T) {
	t.Parallel()
	const nowhere = "http://127.0.0.1:1"
	shop := (&liar{total: 20, limit: 2}).open(t)
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"nobody there":   {[]string{"-url", nowhere}, 1, "the server cannot be reached"},
		"another server": {[]string{"-url", shop + "/elsewhere"}, 1, "no development logins: start it with -dev, or give bearer tokens with -sessions"},
		"another goods":  {[]string{"-url", shop, "-goods", "1002", "-users", "1"}, 2, "-goods: want a goods that " + shop + " sells, got 1002"},
		"no tokens":      {[]string{"-url", shop, "-sessions", empty}, 2, "-sessions: want a bearer token in each line, got none"},
		"no such file":   {[]string{"-url", shop, "-admin", empty + "er"}, 2, "-admin: open "},
		"a wrong flag":   {[]string{"-users", "0"}, 2, "simulate: -users: want 1 to 200000, got 0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := launch(t, c.args...)
			require.Equal(t, c.status, p.wait(t), p.stderr.String())
			require.Contains(t, p.stderr.String(), c.want)
			require.Empty(t, p.stdout.String())
		})
	}
}

func TestAnInterruptEndsTheCrowdAndReportsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	shop, file := &liar{total: 1 << 20, limit: 100}, filepath.Join(t.TempDir(), "sale.json")
	p := launch(t, "-url", shop.open(t), "-users", "6000", "-duration", "10m", "-curve", "constant", "-json", file)
	saletest.Within(t, stall, "orders", func() bool { shop.mu.Lock(); defer shop.mu.Unlock(); return len(shop.orders) > 10 })
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.Zero(t, p.wait(t), "%s%s", p.stdout.String(), p.stderr.String())
	r := read(t, file)
	require.True(t, r.Run.Interrupted)
	require.Positive(t, r.Totals.Orders)
	require.Less(t, r.Totals.Arrivals, 6000)
	require.Contains(t, p.stdout.String(), "ended early")
}

func TestASecondInterruptEndsItAtOnce(t *testing.T) {
	t.Parallel()
	shop := &liar{lie: "loses payments", total: 1 << 20, limit: 100}
	p := launch(t, "-url", shop.open(t), "-users", "2000", "-duration", "10m", "-curve", "constant", "-mix", "pay=100", "-paid-within", "10m")
	saletest.Within(t, stall, "orders", func() bool { shop.mu.Lock(); defer shop.mu.Unlock(); return len(shop.orders) > 10 })
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	saletest.Within(t, stall, "the audit", func() bool {
		select {
		case <-p.ended:
			return true
		default:
			return strings.Contains(p.stderr.String(), "looking at the books")
		}
	})
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.NotZero(t, p.wait(t))
	require.Empty(t, p.stdout.String())
}

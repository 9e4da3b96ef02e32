package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/programtest"
	"github.com/seckill-go/seckill/internal/saletest"
)

// The program is built without the race detector whatever the tests have: it
// allows 8,128 goroutines at a time, which 5,000 waiting buyers exceed.
var binary string

func TestMain(m *testing.M) {
	os.Exit(programtest.Run(m, &binary))
}

// process is the program while it runs.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr programtest.Output
	temp           string // its folder for temporary files
	ended          <-chan struct{}
}

// launch starts the program, and ends it with the test.
func launch(t *testing.T, line string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, strings.Fields(line)...), temp: t.TempDir()}
	p.cmd.Env = append(os.Environ(), "TMPDIR="+p.temp)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.ended = programtest.Start(t, p.cmd)
	return p
}

// wait returns the program's status when it has ended, within d.
func (p *process) wait(t *testing.T, d time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(d):
		require.Fail(t, "still running", "after %v:\n%s", d, p.stderr.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

func TestAWholeRun(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "out.json")
	p := launch(t, "-buyers 1,64 -rounds 1 -seconds 0.5 -wait 0s -steady 10 -orders 10000 -json "+file)
	require.Zero(t, p.wait(t, 4*time.Minute), p.stderr.String())
	for _, want := range []string{" × ", "p2 ", "A5@1 ", "D1@shared ", "E1 ", "E2 ", "checks: every order"} {
		require.Contains(t, p.stdout.String(), want)
	}
	steps := strings.Split(strings.TrimSpace(p.stderr.String()), "\n")
	require.Regexp(t, fmt.Sprintf(`^ *%d/%[1]d `, len(steps)), steps[len(steps)-1], "as many steps as were announced")

	got := decoded(t, file)
	shape := strings.NewReplacer(
		`"hello":{"256":0}`, `"hello":{"1":0,"64":0}`, `"buyers":256`, `"buyers":0`,
		`"ratios":{"A1@64":0,"A1@256":0,"A2@64":0,"B1@256":0,"C1@256":0}`,
		`"ratios":{"A1@1":0,"A1@64":0,"A2@64":0,"A4@64":0,"A5@1":0,"A6@64":0,"B1@64":0,"C1@64":0,"C2@64":0,"D1@shared":0,"E1":0,"E2":0}`,
	).Replace(performance)
	requireShape(t, got, shape)
	require.Equal(t, map[string]any{"oversold": 0., "lost": 0., "duplicate": 0., "events_missing": 0.}, got["checks"])
	paths := map[any]bool{}
	for _, one := range got["runs"].([]any) {
		paths[one.(map[string]any)["path"]] = true
		if path := one.(map[string]any)["path"]; path != "p0" { // which may take longer for its first order
			require.Positive(t, one.(map[string]any)["per_second"], "%v", one)
		}
		require.GreaterOrEqual(t, one.(map[string]any)["p99_us"], one.(map[string]any)["p50_us"], "%v", one)
	}
	for path := range strings.FieldsSeq("full p0 p2 reserve sold_out forged limited blacklisted") {
		require.True(t, paths[path], path)
	}
	p.left(t)
}

// left fails the test if the program left anything in its folder.
func (p *process) left(t *testing.T) {
	t.Helper()
	files, err := os.ReadDir(p.temp)
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestAnInterruptEndsItAnywhereAndLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line, step string
		selling    bool // when orders are made, rather than when the step begins
	}{
		"before it begins": {"-wait 1m", "waiting for an idle machine", false},
		"a primitive":      {"-wait 0s -seconds 60", "primitive evalsha", false},
		"a sale":           {"-wait 0s -seconds 2 -buyers 64 -only full", "full, 64 buyers", true},
		"a peer's sale":    {"-wait 0s -seconds 2 -buyers 16 -only p0", "p0, 16 buyers", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t, c.line)
			saletest.Within(t, time.Minute, c.step, func() bool { return strings.Contains(p.stderr.String(), c.step) })
			if c.selling {
				before := p.written(t)
				saletest.Eventually(t, "orders", func() bool { return p.written(t) > before+1<<17 })
			}
			require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
			require.Contains(t, []int{1, 130}, p.wait(t, 10*time.Second), p.stderr.String())
			require.Contains(t, p.stderr.String(), "\nbench: interrupt signal received\n")
			require.NotContains(t, p.stderr.String(), "goroutine ")
			require.Empty(t, p.stdout.String(), "no figures")
			p.left(t)
		})
	}
}

// written is how many bytes the program's database has.
func (p *process) written(t *testing.T) (all int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.temp, "seckill-*", "seckill.db*"))
	require.NoError(t, err)
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			all += info.Size()
		}
	}
	return all
}

func TestStatusSaysWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	p := launch(t, "-rounds 0")
	require.Equal(t, 2, p.wait(t, time.Minute))
	require.Equal(t, "bench: -rounds: want 1 to 20, got 0\n", p.stderr.String())
	require.Empty(t, p.stdout.String())

	p = launch(t, "-h")
	require.Zero(t, p.wait(t, time.Minute))
	require.Contains(t, p.stdout.String(), "Usage: bench [flags]")
	require.Empty(t, p.stderr.String())

	p = launch(t, "-backends real -config nowhere.yaml")
	require.Equal(t, 1, p.wait(t, time.Minute))
	require.Contains(t, p.stderr.String(), "nowhere.yaml: no such file")
}

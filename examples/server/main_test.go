package main_test

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/programtest"
)

var binary string

// TestMain builds the server once; the tests run it as its users do.
func TestMain(m *testing.M) {
	if status, ok := programtest.IsCurl(); ok {
		os.Exit(status)
	}
	os.Exit(programtest.Run(m, &binary))
}

// process is a server that was started.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr *programtest.Output
	ended          <-chan struct{}

	url, adminToken string
}

// launch starts the server with only the given environment beside a few things
// that every process has, and ends it with the test.
func launch(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, args...), stdout: new(programtest.Output), stderr: new(programtest.Output)}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	t.Cleanup(func() {
		if t.Failed() {
			io.WriteString(t.Output(), "server "+strings.Join(args, " ")+"\n"+p.stdout.String()+p.stderr.String())
		}
	})
	p.ended = programtest.Start(t, p.cmd)
	return p
}

var (
	opened     = regexp.MustCompile(`The shop is open at (http://\S+)`)
	adminToken = regexp.MustCompile(`Bearer (\S+)\n`)
)

// open starts the server on a free port and waits for its first lines.
func open(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := launch(t, env, append(args, "-addr", "127.0.0.1:0")...)
	require.Eventually(t, func() bool {
		select {
		case <-p.ended:
			return true
		default:
			return strings.Contains(p.stdout.String(), "Bearer ") // the first lines are one write
		}
	}, 30*time.Second, 5*time.Millisecond)
	url := opened.FindStringSubmatch(p.stdout.String())
	require.NotNil(t, url, p.stderr.String())
	p.url = url[1]
	if m := adminToken.FindStringSubmatch(p.stdout.String()); m != nil {
		p.adminToken = m[1]
	}
	return p
}

// wait returns the exit status.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the server does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) signal(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
}

// stop ends the server as an operator does.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.signal(t)
	require.Equal(t, 0, p.wait(t), p.stderr.String())
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// server is an example server that was started for the test.
type server struct {
	url, token string
	cmd        *exec.Cmd
	dir        string
}

var opened = regexp.MustCompile(`open at (http://\S+)`)

// startServer builds and starts the example server on a free port.
func startServer(ctx context.Context, config string) (*server, error) {
	dir, err := os.MkdirTemp("", "seckill-quicktest-")
	if err != nil {
		return nil, err
	}
	s := &server{token: rand.Text(), dir: dir}
	binary := filepath.Join(dir, "server")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/seckill-go/seckill/examples/server")
	if out, err := build.CombinedOutput(); err != nil {
		s.stop()
		return nil, fmt.Errorf("build the server: %w\n%s", err, out)
	}
	args := []string{"-addr", "127.0.0.1:0", "-dev"}
	if config != "" {
		args = append(args, "-config", config)
	}
	s.cmd = exec.CommandContext(ctx, binary, args...)
	s.cmd.Env = append(os.Environ(), "SECKILL_ADMIN_TOKEN="+s.token)
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = 15 * time.Second
	if err := s.open(); err != nil {
		s.stop()
		return nil, fmt.Errorf("start the server: %w", err)
	}
	return s, nil
}

// open starts the process and waits for its address. What it says on its standard
// error goes on to this one's.
func (s *server) open() error {
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return err
	}
	var said bytes.Buffer
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if m := opened.FindStringSubmatch(line); m != nil {
			s.url = m[1]
			go io.Copy(io.Discard, lines)
			return nil
		}
		if err != nil {
			return fmt.Errorf("it ended before it was open; the reason is above\n%s", said.Bytes())
		}
	}
}

// stop ends the process as an operator does, and forgets it.
func (s *server) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		s.cmd.Process.Signal(syscall.SIGTERM)
		s.cmd.Wait()
	}
	os.RemoveAll(s.dir)
}

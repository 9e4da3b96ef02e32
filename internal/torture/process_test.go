//go:build unix

package torture_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
)

// node is a process that is started again after its deaths.
type node struct {
	shop *shop
	name string
	idle bool

	mu     sync.Mutex
	url    string // "" while it does not answer
	cmd    *exec.Cmd
	stdin  io.Closer
	exited chan struct{}
	lives  int
	closed bool // nobody is sent there
}

// start starts the process and returns when it listens.
func (n *node) start(a armed) {
	t := n.shop.t
	spec := n.shop.spec
	spec.Armed, spec.Idle = a, n.idle
	n.lives++
	spec.ClientID = n.clientID()
	text, err := json.Marshal(spec)
	if err != nil {
		t.Error(err)
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Error(err)
		return
	}
	log, err := os.Create(filepath.Join(n.shop.dir, fmt.Sprintf("%s.%d.log", n.name, n.lives)))
	if err != nil {
		t.Error(err)
		return
	}
	defer log.Close()
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), nodeVariable+"="+string(text), "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Error(err)
		return
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
		return
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return
	}
	n.shop.history.Mark(n.name, "starts")
	line, err := bufio.NewReader(stdout).ReadString('\n')
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // died and ended tell how
		n.mu.Lock()
		n.url = ""
		n.mu.Unlock()
		close(exited)
	}()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cmd, n.stdin, n.exited, n.closed = cmd, stdin, exited, false
	if err == nil {
		n.url = strings.TrimSpace(line)
	} else if a.Point == "" {
		t.Errorf("%s said nothing: %v; see %s", n.name, err, log.Name())
	}
}

// address is where the node answers, "" if it does not.
func (n *node) address() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.url
}

// open reports whether buyers are sent to the node.
func (n *node) open() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.url != "" && !n.closed
}

// leave sends no buyer to the node until it is started again or enters.
func (n *node) leave() { n.shut(true) }

// enter sends buyers to the node again.
func (n *node) enter() { n.shut(false) }

func (n *node) shut(closed bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = closed
}

// died reports whether kill -9 ended the process.
func (n *node) died() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.exited == nil {
		return false
	}
	select {
	case <-n.exited:
		status, ok := n.cmd.ProcessState.Sys().(syscall.WaitStatus)
		return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
	default:
		return false
	}
}

// signal sends a signal to the process.
func (n *node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.shop.history.Mark(n.name, "is sent "+s.String())
	_ = n.cmd.Process.Signal(s) // it may have ended by itself
}

// kill ends the process as a power cut would.
func (n *node) kill() {
	n.signal(syscall.SIGKILL)
	<-n.exited
}

// clientID is what the node calls itself in this life.
func (n *node) clientID() string { return fmt.Sprintf("%s-life-%d", n.name, n.lives) }

// again starts the process once more after its death.
func (n *node) again(a armed) {
	n.shop.history.Mark(n.name, "died")
	n.shop.leaveGroup(n.clientID())
	n.start(a)
}

// arm is a call to the node, which may die meanwhile.
func (n *node) arm(a armed) {
	text, err := json.Marshal(a)
	require.NoError(n.shop.t, err)
	resp, err := http.Post(n.address()+"/arm", "application/json", bytes.NewReader(text))
	if err == nil {
		resp.Body.Close()
	}
}

// stop ends the process as a deployment would, and fails the test if it does not
// end well.
func (n *node) stop() {
	n.signal(syscall.SIGTERM)
	for n.ready() { // a load balancer asks it, and sends nobody there any more
		time.Sleep(10 * time.Millisecond)
	}
	n.leave()
	select {
	case <-n.exited:
	case <-time.After(30 * time.Second):
		n.shop.t.Errorf("%s does not go down", n.name)
		n.kill()
		return
	}
	if !n.cmd.ProcessState.Success() {
		n.shop.t.Errorf("%s ended with %v", n.name, n.cmd.ProcessState)
	}
}

// ready asks the node as a load balancer would.
func (n *node) ready() bool {
	resp, err := http.Get(n.address() + "/readyz")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// end is for the test's end, whatever became of the node.
func (n *node) end() {
	if n.exited == nil {
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGKILL)
	<-n.exited
	n.stdin.Close()
}

// paused reports whether the process is stopped and can be continued.
func (n *node) paused() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n.cmd.Process.Pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "T")
}

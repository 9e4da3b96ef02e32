package etcdmirror_test

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// line is a wire between a client and a server that can be cut and mended, and that
// can hang: then it is open, and nothing comes through.
type line struct {
	net.Listener
	hung  sync.RWMutex // held for writing: the line hangs
	mu    sync.Mutex
	to    string
	conns []net.Conn
}

func newLine(t *testing.T) *line {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &line{Listener: l}
	var serving sync.WaitGroup
	serving.Go(w.serve)
	t.Cleanup(func() { l.Close(); w.lead(""); serving.Wait() })
	return w
}

// lead cuts the line and then leads it to addr, or nowhere if that is empty.
func (w *line) lead(addr string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns, w.to = nil, addr
}

func (w *line) serve() {
	for {
		near, err := w.Accept()
		if err != nil {
			return
		}
		w.join(near)
	}
}

func (w *line) join(near net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		near.Close()
		return
	}
	w.conns = append(w.conns, near, far)
	go w.carry(near, far)
	go w.carry(far, near)
}

func (w *line) carry(to, from net.Conn) {
	chunk := make([]byte, 32<<10)
	for {
		n, err := from.Read(chunk)
		w.hung.RLock()
		_, fault := to.Write(chunk[:n])
		w.hung.RUnlock()
		if err != nil || fault != nil {
			return
		}
	}
}

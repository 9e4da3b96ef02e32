package check

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

// History records operations, in memory or in a file of JSON lines. It is safe
// for concurrent use. Each operation is written when it is called and again when
// it is answered, so that what a killed process had under way is known.
type History struct {
	node  string
	file  *os.File
	start time.Time

	mu     sync.Mutex
	moment int64
	last   int
	ops    []Op
	err    error
}

// NewHistory returns a history in memory.
func NewHistory() *History { return &History{start: time.Now()} }

// Open appends to the file, or makes it; any number of processes may do so at the
// same time. node begins the ids of this process's operations and is the Node of
// those that name none.
func Open(path, node string) (*History, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("check: history: %w", err)
	}
	return &History{node: node, file: f, start: time.Now()}, nil
}

// now is the wall clock of the start and the time since, which a clock that is set
// meanwhile does not turn back. No two moments of a history are the same, so that
// what came first shows. The caller holds the mutex.
func (h *History) now() int64 {
	h.moment = max(h.moment+1, h.start.Add(time.Since(h.start)).UnixNano())
	return h.moment
}

// Begin records that the operation is called now. The caller answers it with the
// returned Call, or never.
func (h *History) Begin(op Op) *Call {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	op.ID = strconv.Itoa(h.last)
	if h.node != "" {
		op.ID = h.node + "." + strconv.Itoa(os.Getpid()) + "." + op.ID
	}
	if op.Node == "" {
		op.Node = h.node
	}
	op.Call, op.Return = h.now(), 0
	c := &Call{h: h, Op: op, at: len(h.ops)}
	if h.file == nil {
		h.ops = append(h.ops, op)
	}
	h.write(op)
	return c
}

// Mark records something that happened to the system: a fault, a kill, a step of
// a clock.
func (h *History) Mark(node, what string) {
	c := h.Begin(Op{Kind: Mark, Node: node, Error: what})
	c.End()
}

// Call is an operation under way. Fill in the answer's fields of Op, then call End.
// One goroutine uses it.
type Call struct {
	Op
	h  *History
	at int
}

// End records the answer: it came now.
func (c *Call) End() {
	c.h.mu.Lock()
	defer c.h.mu.Unlock()
	c.Return = c.h.now()
	if c.h.file == nil {
		c.h.ops[c.at] = c.Op
	}
	c.h.write(c.Op)
}

// write appends a line in one system call, which other processes do not tear.
func (h *History) write(op Op) {
	if h.file == nil {
		return
	}
	line, err := json.Marshal(op)
	if err == nil {
		_, err = h.file.Write(append(line, '\n'))
	}
	h.err = errors.Join(h.err, err)
}

// Ops returns the operations of a history in memory, those under way included.
func (h *History) Ops() []Op {
	h.mu.Lock()
	defer h.mu.Unlock()
	ops := append([]Op(nil), h.ops...)
	byCall(ops)
	return ops
}

// Close closes the file and returns the first fault of writing it. What is under
// way stays without an answer.
func (h *History) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	return errors.Join(h.err, h.file.Close())
}

// ReadHistory returns the operations of files that were written by [Open]. A last line
// that a kill cut off is left out.
func ReadHistory(paths ...string) ([]Op, error) {
	var all []Op
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return nil, fmt.Errorf("check: history: %w", err)
		}
		ops, err := scan(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("check: history %s: %w", p, err)
		}
		all = append(all, ops...)
	}
	byCall(all)
	return all, nil
}

func scan(from io.Reader) ([]Op, error) {
	known := map[string]int{}
	var ops []Op
	lines := bufio.NewReader(from)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return ops, nil
		}
		if err != nil {
			return nil, err
		}
		var op Op
		if err := json.Unmarshal(line, &op); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if i, ok := known[op.ID]; ok {
			ops[i] = op
			continue
		}
		known[op.ID] = len(ops)
		ops = append(ops, op)
	}
}

// Package cutproxy stands between a client and a server and loses answers: the
// server has done what it was asked, and the client will never hear of it. It also
// makes a client look as if it had stopped: the connection stays, and nothing more
// comes.
//
// It reads what the client sends message by message, as the protocol frames it
// ([Redis], [MySQL]). When a message is one whose answer is to be lost, it passes
// it on, waits for the first byte of the answer, which proves that the server has
// done it, and cuts both connections instead of passing it back.
package cutproxy

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Framer reads one message of a client.
type Framer func(*bufio.Reader) ([]byte, error)

// Options of [Start].
type Options struct {
	// Server is where connections lead, "host:port".
	Server string
	// Framer is the client's side of the protocol.
	Framer Framer
	// Lose says whether the answer to a message is lost. It is called for one message
	// after the other, of all connections. Nil loses none.
	Lose func(message []byte) bool
	// Hold says whether the client is to look as if it had stopped before it sent the
	// message: nothing more of its connection is passed on, which stays open until
	// Close. It is called as Lose is. Nil holds none.
	Hold func(message []byte) bool
}

// Proxy is a running proxy. It is safe for concurrent use.
type Proxy struct {
	// Addr is where clients connect, "127.0.0.1:port".
	Addr string

	o        Options
	listener net.Listener
	lost     atomic.Int64
	closing  chan struct{}
	ended    sync.WaitGroup

	mu    sync.Mutex // also lets Lose be called by one at a time
	conns map[net.Conn]bool
	down  bool
}

// Start listens on a loopback port of its own. The caller closes the proxy.
func Start(o Options) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cutproxy: %w", err)
	}
	p := &Proxy{Addr: l.Addr().String(), o: o, listener: l, conns: make(map[net.Conn]bool), closing: make(chan struct{})}
	p.ended.Go(p.accept)
	return p, nil
}

// Lost is how many answers were lost so far.
func (p *Proxy) Lost() int { return int(p.lost.Load()) }

// Close cuts every connection and ends the proxy. It may be called again.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	if !p.down {
		close(p.closing)
	}
	p.down = true
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.ended.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(time.Millisecond) // no file descriptor is free, or the like
			continue
		}
		p.ended.Go(func() { p.serve(client) })
	}
}

// keep notes a connection for Close, or closes it if that has been.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	c.Close()
}

func (p *Proxy) serve(client net.Conn) {
	if !p.keep(client) {
		return
	}
	defer p.drop(client)
	server, err := net.Dial("tcp", p.o.Server)
	if err != nil || !p.keep(server) {
		return
	}
	defer p.drop(server)
	var doomed atomic.Bool
	done := make(chan struct{}, 2)
	go func() {
		p.requests(client, server, &doomed)
		done <- struct{}{}
	}()
	go func() {
		p.answers(client, server, &doomed)
		done <- struct{}{}
	}()
	<-done
	client.Close()
	server.Close()
	<-done
}

// requests passes messages on. One that is doomed is the last of its connection.
func (p *Proxy) requests(client io.Reader, server io.Writer, doomed *atomic.Bool) {
	r := bufio.NewReader(client)
	for {
		message, err := p.o.Framer(r)
		if err != nil {
			return
		}
		if p.is(p.o.Hold, message) {
			<-p.closing
			return
		}
		if p.is(p.o.Lose, message) {
			doomed.Store(true)
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

func (p *Proxy) is(what func([]byte) bool, message []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return what != nil && what(message)
}

// answers passes bytes back until those of a doomed message come. A client of these
// protocols waits for its answer before it asks again, so they are no others'.
func (p *Proxy) answers(client io.Writer, server io.Reader, doomed *atomic.Bool) {
	chunk := make([]byte, 64<<10)
	for {
		n, err := server.Read(chunk)
		if n > 0 && doomed.Load() {
			p.lost.Add(1)
			return
		}
		if _, fault := client.Write(chunk[:n]); err != nil || fault != nil {
			return
		}
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/seckill-go/seckill/httpadapter"
)

const (
	// stockUpPatience bounds how long the first sale may wait for the gates. What is
	// not filled by then is filled when somebody asks for it.
	stockUpPatience = 8 * time.Second
	// shutdownPatience bounds how long requests under way may take to end.
	shutdownPatience = 10 * time.Second
)

// serve sells until ctx ends, and then goes down in the order that breaks no
// request: refuse what is new, end what is under way, end the background work,
// and only then, in the caller, close the backends.
func (s *shop) serve(ctx context.Context, l net.Listener, stdout io.Writer) error {
	background, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.engine.Run(background) }()
	err := s.serveHTTP(ctx, l, stdout)
	stop()
	if err := <-ended; err != nil {
		s.log.Warn("background work did not end cleanly", "error", err)
	}
	s.log.Info("stopped")
	return err
}

func (s *shop) serveHTTP(ctx context.Context, l net.Listener, stdout io.Writer) error {
	s.stockUp(ctx)
	door := &drain{next: s.handler}
	server := httpadapter.Server("", door)
	server.ConnState = door.count
	server.ErrorLog = slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	io.WriteString(stdout, s.firstLines("http://"+l.Addr().String()))

	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.log.Info("stopping")
	door.close()
	end, cancel := context.WithTimeout(context.Background(), shutdownPatience)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		s.log.Warn("requests cut off", "error", err)
		server.Close()
	}
	return nil
}

func (s *shop) stockUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stockUpPatience)
	defer cancel()
	if err := stockUp(ctx, s.engine, s.command.embedded); err != nil {
		s.log.Warn("not every goods is loaded yet; the rest is when somebody asks for it", "error", err)
	}
}

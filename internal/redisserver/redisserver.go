// Package redisserver runs a Redis inside the process, on a loopback port of its
// own. It keeps its keys in memory.
package redisserver

import (
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Server is a running Redis.
type Server struct {
	// Addr is its address, "127.0.0.1:port".
	Addr string

	redis *miniredis.Miniredis
	stop  chan struct{}
	ended sync.WaitGroup
}

// Start runs a Redis whose keys expire within a second of their time, or later
// when they are so many that looking at all of them takes long.
func Start() (*Server, error) {
	redis := miniredis.NewMiniRedis()
	if err := redis.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start redis: %w", err)
	}
	s := &Server{Addr: redis.Addr(), redis: redis, stop: make(chan struct{})}
	s.ended.Go(s.age)
	return s, nil
}

// age takes the time that has passed off every key's TTL. miniredis does that by
// itself only if each command may look at every key.
func (s *Server) age() {
	last, pause := time.Now(), time.Second
	for {
		select {
		case <-s.stop:
			return
		case <-time.After(pause):
		}
		now := time.Now()
		s.redis.FastForward(now.Sub(last))
		last = now
		// No command is answered meanwhile, so this may take 2 % of the time.
		pause = max(time.Second, 50*time.Since(now))
	}
}

// Close stops the server; its keys are gone.
func (s *Server) Close() {
	close(s.stop)
	s.ended.Wait()
	s.redis.Close()
}

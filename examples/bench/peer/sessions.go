package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

// sessions lends each buyer a session alone: two mutexes of one session both hold
// the lock. There are as many as there were buyers at once, and each is opened
// once.
type sessions struct {
	client *clientv3.Client

	mu   sync.Mutex
	idle []*concurrency.Session
}

// ttl is in seconds: how long the goods stands still when a holder dies.
const ttl = 30

// patience is how long etcd may take to open a session.
const patience = 10 * time.Second

func (s *sessions) take(ctx context.Context) (*concurrency.Session, error) {
	for {
		session := s.last()
		if session == nil {
			return NewSession(ctx, s.client)
		}
		select {
		case <-session.Done(): // its lease has ended
		default:
			return session, nil
		}
	}
}

// last returns the session that was used last, nil if all are lent.
func (s *sessions) last() *concurrency.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.idle)
	if n == 0 {
		return nil
	}
	session := s.idle[n-1]
	s.idle = s.idle[:n-1]
	return session
}

// NewSession opens a session. It waits for etcd even if ctx ends: a lease whose
// grant is cut off may be there all the same, and nobody's.
func NewSession(ctx context.Context, client *clientv3.Client) (*concurrency.Session, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	lease, err := client.Grant(ctx, ttl)
	if err != nil {
		return nil, fmt.Errorf("peer: open a session: %w", err)
	}
	session, err := concurrency.NewSession(client, concurrency.WithLease(lease.ID), concurrency.WithTTL(ttl))
	if err == nil && session == nil {
		err = errors.New("its lease was not kept alive")
	}
	if err != nil {
		return nil, fmt.Errorf("peer: open a session: %w", err)
	}
	return session, nil
}

func (s *sessions) give(session *concurrency.Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, session)
}

func (s *sessions) close() error {
	var all error
	for session := s.last(); session != nil; session = s.last() {
		all = errors.Join(all, session.Close())
	}
	return all
}

package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"github.com/seckill-go/seckill/internal/seal"
)

// session is somebody who has logged in.
type session struct {
	role  role
	actor string
	ends  time.Time
	id    sessionID
}

type sessionID [16]byte

// sessions are in their cookies, signed, so that every node that has the key knows
// them: a login is good on all nodes behind a load balancer. What a node keeps is
// which of them were ended.
type sessions struct {
	ttl    time.Duration
	now    func() time.Time
	ring   *seal.Ring
	tokens []credential

	mu    sync.Mutex
	ended map[sessionID]time.Time // until when it would have been good
}

// maxEnded bounds the memory of sessions that were ended before their time; only who
// has a token makes one.
const maxEnded = 10_000

// newSessions takes the key from the admin token. A node that has only its hash, which
// a configuration may show to people who shall not get in, makes up a key of its own.
func newSessions(o Options, tokens []credential, now func() time.Time) (*sessions, error) {
	secret := make([]byte, sha256.Size)
	rand.Read(secret)
	if o.AdminToken != "" {
		mac := hmac.New(sha256.New, []byte(o.AdminToken))
		mac.Write([]byte("seckill console sessions"))
		secret = mac.Sum(nil)
	}
	ring, err := seal.New("console", []seal.Key{{ID: "1", Secret: secret}})
	return &sessions{ttl: o.SessionTTL, now: now, ring: ring, tokens: tokens, ended: make(map[sessionID]time.Time)}, err
}

// A cookie has the second at which the session ends, whose token began it, and its id.
const payloadSize = 8 + 8 + 16

// begin returns a new session and its cookie's value.
func (s *sessions) begin(c credential) (session, string) {
	begun := session{role: c.role, actor: c.actor(), ends: s.now().Add(s.ttl).Truncate(time.Second)}
	rand.Read(begun.id[:])
	mark := c.mark()
	payload := binary.BigEndian.AppendUint64(make([]byte, 0, payloadSize), uint64(begun.ends.Unix()))
	return begun, s.ring.Seal(append(append(payload, mark[:]...), begun.id[:]...))
}

// find returns the session of a cookie, unless it has ended or its token is not one of
// the shop's any more.
func (s *sessions) find(text string) (session, bool) {
	payload, err := s.ring.Open(text)
	if err != nil || len(payload) != payloadSize {
		return session{}, false
	}
	ends := time.Unix(int64(binary.BigEndian.Uint64(payload)), 0)
	found := session{ends: ends, id: sessionID(payload[16:])}
	for _, c := range s.tokens {
		if c.mark() == [8]byte(payload[8:16]) {
			found.role, found.actor = c.role, c.actor()
		}
	}
	return found, found.role != nobody && s.now().Before(ends) && !s.hasEnded(found.id)
}

func (s *sessions) hasEnded(id sessionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.ended[id]
	return ok
}

// end ends a session on this node.
func (s *sessions) end(one session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ended) >= maxEnded {
		s.makeRoom()
	}
	s.ended[one.id] = one.ends
}

// makeRoom forgets sessions whose time is over, and if there is none the one whose
// time is over first.
func (s *sessions) makeRoom() {
	var first sessionID
	var ends time.Time
	now := s.now()
	for id, at := range s.ended {
		if !now.Before(at) {
			delete(s.ended, id)
		} else if ends.IsZero() || at.Before(ends) {
			first, ends = id, at
		}
	}
	if len(s.ended) >= maxEnded {
		delete(s.ended, first)
	}
}

package seckill

import (
	"sync"
	"time"
)

// limited remembers, in memory, users whom the limiter refused and until when, so
// that a user who hammers costs no I/O. What it remembers ends with the settings
// it was decided under: a raised limit counts at once.
type limited struct {
	mu      sync.Mutex
	version int64
	users   map[string]time.Time
}

// maxLimited bounds the memory, about 10 MB; a user who falls out asks the
// limiter again.
const maxLimited = 100_000

// left returns how long the user has to wait still, zero if not.
func (l *limited) left(user string, version int64, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version != version {
		return 0
	}
	return max(0, l.users[user].Sub(now))
}

// until remembers the user.
func (l *limited) until(user string, version int64, t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users == nil || l.version != version {
		l.users, l.version = make(map[string]time.Time), version
	}
	for u := range l.users {
		if len(l.users) < maxLimited {
			break
		}
		delete(l.users, u)
	}
	l.users[user] = t
}

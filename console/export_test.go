package console

import (
	"time"

	"github.com/seckill-go/seckill"
)

// What tests reach that users do not.

const MaxEnded = maxEnded

type Sessions struct{ s *sessions }

func NewSessions(o Options) Sessions {
	tokens, err := o.validate()
	if err != nil {
		panic(err)
	}
	s, err := newSessions(o, tokens, time.Now)
	if err != nil {
		panic(err)
	}
	return Sessions{s}
}

// Begin begins a session with the first token, the operator's, or the second.
func (s Sessions) Begin(token int) string {
	_, value := s.s.begin(s.s.tokens[token])
	return value
}

func (s Sessions) End(value string) {
	one, _ := s.s.find(value)
	s.s.end(one)
}

func (s Sessions) Role(value string) string {
	one, ok := s.s.find(value)
	if !ok {
		return ""
	}
	return string(one.role)
}

func (s Sessions) Has(value string) bool {
	_, ok := s.s.find(value)
	return ok
}

// Ended is how many ended sessions are remembered.
func (s Sessions) Ended() int { return len(s.s.ended) }

// Files are the embedded files by name.
func Files() map[string]string {
	files := map[string]string{}
	entries, _ := assets.ReadDir("assets")
	for _, e := range entries {
		text, _ := assets.ReadFile("assets/" + e.Name())
		files[e.Name()] = string(text)
	}
	return files
}

// Spread is what a point tells of purchase times and group sizes between two tallies.
func Spread(before, after seckill.Tally) (p50, p99, sizes float64) {
	p := newPoint(before, after, 1)
	return p.Times.P50, p.Times.P99, p.Sizes.P99
}

package console

import "time"

// What tests reach that users do not.

const MaxSessions = maxSessions

type Sessions struct{ s *sessions }

func NewSessions(ttl time.Duration) Sessions { return Sessions{newSessions(ttl)} }

func (s Sessions) Begin() string {
	_, value := s.s.begin(credential{role: operator})
	return value
}

func (s Sessions) Has(value string) bool {
	_, ok := s.s.find(value)
	return ok
}

func (s Sessions) Len() int { return len(s.s.all) }

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

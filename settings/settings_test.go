package settings_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/settings"
)

func TestTheDefaultIsValid(t *testing.T) {
	if err := settings.Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesEveryFieldThatIsOutOfRange(t *testing.T) {
	wrong := settings.Settings{Lock: settings.Lock{Wait: -1}}
	err := wrong.Validate()
	if !errors.Is(err, settings.ErrInvalid) {
		t.Fatalf("want ErrInvalid, got %v", err)
	}
	for _, field := range []string{"rate_limit.limit", "rate_limit.window", "lock.mode", "lock.ttl", "lock.wait", "lock.slice"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("want %s named, got %v", field, err)
		}
	}
}

func TestEachBoundIsInsideItsRange(t *testing.T) {
	for want, changes := range map[bool][]func(*settings.Settings){
		true: {
			func(s *settings.Settings) { s.RateLimit = settings.RateLimit{Limit: 1, Window: time.Millisecond} },
			func(s *settings.Settings) { s.RateLimit = settings.RateLimit{Limit: 1_000_000, Window: 24 * time.Hour} },
			func(s *settings.Settings) {
				s.Lock = settings.Lock{Mode: settings.Exclusive, TTL: 2 * time.Second, Slice: time.Millisecond}
			},
			func(s *settings.Settings) {
				s.Lock = settings.Lock{Mode: settings.Shared, TTL: 5 * time.Minute, Wait: time.Minute, Slice: 10 * time.Second}
			},
		},
		false: {
			func(s *settings.Settings) { s.RateLimit.Limit = 1_000_001 },
			func(s *settings.Settings) { s.RateLimit.Window = 24*time.Hour + 1 },
			func(s *settings.Settings) { s.RateLimit.Window = time.Millisecond - 1 },
			func(s *settings.Settings) { s.Lock.TTL = 2*time.Second - 1 },
			func(s *settings.Settings) { s.Lock.TTL = 5*time.Minute + 1 },
			func(s *settings.Settings) { s.Lock.Wait = time.Minute + 1 },
			func(s *settings.Settings) { s.Lock.Slice = 10*time.Second + 1 },
			func(s *settings.Settings) { s.Lock.Mode = "SHARED" },
		},
	} {
		for i, change := range changes {
			s := settings.Default()
			change(&s)
			if err := s.Validate(); (err == nil) != want {
				t.Errorf("change %d: want valid %v, got %v", i, want, err)
			}
		}
	}
}

package etcdsettings

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/seckill-go/seckill/settings"
)

// value is the settings as etcd holds them. What is left out has its default.
type value struct {
	Version   int64     `json:"version"`
	Enabled   bool      `json:"enabled"`
	RateLimit rateLimit `json:"rate_limit"`
	Lock      lock      `json:"lock"`
}

type rateLimit struct {
	Limit  int      `json:"limit"`
	Window duration `json:"window"`
}

type lock struct {
	Mode  string   `json:"mode"`
	TTL   duration `json:"ttl"`
	Wait  duration `json:"wait"`
	Slice duration `json:"slice"`
}

// duration reads and writes as "1m30s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

func encode(s settings.Settings) string {
	b, _ := json.Marshal(wire(s)) // fails only for types that JSON does not have
	return string(b)
}

// decode is strict: a misspelt field must not pass for one that was left out.
func decode(_ string, b []byte) (settings.Settings, error) {
	v := wire(settings.Default())
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return settings.Settings{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return settings.Settings{}, errors.New("something follows the JSON object")
	}
	if v.Version < 1 {
		return settings.Settings{}, errors.New("version: want 1 or more")
	}
	s := v.settings()
	return s, s.Validate()
}

func wire(s settings.Settings) value {
	return value{
		Version: s.Version, Enabled: s.Enabled,
		RateLimit: rateLimit{s.RateLimit.Limit, duration(s.RateLimit.Window)},
		Lock:      lock{s.Lock.Mode, duration(s.Lock.TTL), duration(s.Lock.Wait), duration(s.Lock.Slice)},
	}
}

func (v value) settings() settings.Settings {
	return settings.Settings{
		Version: v.Version, Enabled: v.Enabled,
		RateLimit: settings.RateLimit{Limit: v.RateLimit.Limit, Window: time.Duration(v.RateLimit.Window)},
		Lock: settings.Lock{
			Mode: v.Lock.Mode, TTL: time.Duration(v.Lock.TTL),
			Wait: time.Duration(v.Lock.Wait), Slice: time.Duration(v.Lock.Slice),
		},
	}
}

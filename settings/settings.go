// Package settings is the contract for what an operator changes while a sale
// runs: the switch, the rate limit, and how nodes share a goods' lease.
//
// [Memory] serves one process; package etcdsettings serves many. Backends prove
// themselves with package settingstest.
package settings

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Settings are the live settings. [Default] gives what holds before anybody
// changed anything.
type Settings struct {
	// Version rises with every change. 0 means that nothing was ever changed.
	Version int64
	// ReadAt is when the store last knew these settings to be the current ones.
	ReadAt time.Time
	// Enabled is the switch: no ticket is given and no purchase taken while it is
	// off. Default true.
	Enabled bool
	// RateLimit limits the tickets of one user.
	RateLimit RateLimit
	// Lock says how nodes share a goods' lease.
	Lock Lock
}

// RateLimit allows Limit tickets per user in any span of Window.
type RateLimit struct {
	// Limit is 1 to 1,000,000. Default 10.
	Limit int
	// Window is 1 ms to 24 h. Default 1 minute.
	Window time.Duration
}

// Lock modes.
const (
	// Shared lets every node sell a goods at the same time; the database row
	// orders their groups. This is the fast one.
	Shared = "shared"
	// Exclusive lets one node at a time sell a goods.
	Exclusive = "exclusive"
)

// Lock says how nodes share a goods' lease.
type Lock struct {
	// Mode is Shared or Exclusive. Default Shared.
	Mode string
	// TTL is how long a lease outlives a holder that crashed, 2 s to 5 minutes.
	// Default 10 s.
	TTL time.Duration
	// Wait is the retry policy: how long a group of buyers waits for the lease
	// before they are told to come again, 0 to 1 minute. 0 fails fast. Default 1 s.
	Wait time.Duration
	// Slice is, in exclusive mode, how long a node sells before it hands the lease
	// to another that asked for it, 1 ms to 10 s. Default 50 ms.
	Slice time.Duration
}

// Default returns the settings that hold before anybody changed anything.
func Default() Settings {
	return Settings{
		Enabled:   true,
		RateLimit: RateLimit{Limit: 10, Window: time.Minute},
		Lock:      Lock{Mode: Shared, TTL: 10 * time.Second, Wait: time.Second, Slice: 50 * time.Millisecond},
	}
}

// ErrInvalid is matched by every error of [Settings.Validate].
var ErrInvalid = errors.New("settings: invalid")

// Validate names every field that is out of its range, all at once.
func (s Settings) Validate() error {
	var faults []error
	check := func(ok bool, field, want string, got any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s: want %s, got %v", field, want, got))
		}
	}
	within := func(d, low, high time.Duration) bool { return low <= d && d <= high }
	check(1 <= s.RateLimit.Limit && s.RateLimit.Limit <= 1_000_000, "rate_limit.limit", "1 to 1000000", s.RateLimit.Limit)
	check(within(s.RateLimit.Window, time.Millisecond, 24*time.Hour), "rate_limit.window", "1ms to 24h", s.RateLimit.Window)
	check(s.Lock.Mode == Shared || s.Lock.Mode == Exclusive, "lock.mode", `"shared" or "exclusive"`, s.Lock.Mode)
	check(within(s.Lock.TTL, 2*time.Second, 5*time.Minute), "lock.ttl", "2s to 5m", s.Lock.TTL)
	check(within(s.Lock.Wait, 0, time.Minute), "lock.wait", "0 to 1m", s.Lock.Wait)
	check(within(s.Lock.Slice, time.Millisecond, 10*time.Second), "lock.slice", "1ms to 10s", s.Lock.Slice)
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrInvalid, errors.Join(faults...))
}

// Store keeps the settings. Implementations are safe for concurrent use. One
// that also has a method Run(context.Context) error keeps its memory fresh while
// Run runs; without it Get may cost a read of the backend once a second.
type Store interface {
	// Get answers from memory whenever it can: a change made on one node is seen on
	// every node within one second, and at once on the node itself. When the
	// backend is out of reach it answers what it last knew, with the ReadAt of that
	// moment; it fails only if it never knew anything.
	Get(ctx context.Context) (Settings, error)

	// Update reads the current settings, lets change alter them, validates and
	// writes them if nobody else did in between, else starts again; so change may
	// be called more than once. It returns what was written, with its Version. An
	// error of change or of Validate is returned as it is and nothing is written.
	// What change does to Version or ReadAt is ignored.
	Update(ctx context.Context, change func(*Settings) error) (Settings, error)
}

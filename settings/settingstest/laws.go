package settingstest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seckill-go/seckill/settings"
)

func defaultAtFirst(ctx context.Context, f Fixture) error {
	return errors.Join(holds(ctx, f.A, settings.Default()), holds(ctx, f.B, settings.Default()))
}

// other differs from the default in every field.
func other(s *settings.Settings) error {
	s.Enabled = false
	s.RateLimit = settings.RateLimit{Limit: 3, Window: 90*time.Second + time.Nanosecond}
	s.Lock = settings.Lock{Mode: settings.Exclusive, TTL: 2 * time.Second, Wait: 0, Slice: time.Millisecond}
	return nil
}

func seenAtOnce(ctx context.Context, f Fixture) error {
	written, err := f.A.Update(ctx, other)
	if err != nil {
		return err
	}
	want := settings.Settings{Version: 1}
	other(&want)
	return errors.Join(same(written, want), holds(ctx, f.A, want))
}

func reaches(ctx context.Context, f Fixture) error {
	for _, way := range []struct{ from, to settings.Store }{{f.A, f.B}, {f.B, f.A}} {
		if _, err := way.to.Get(ctx); err != nil {
			return err
		}
		want, err := way.from.Update(ctx, raise)
		if err != nil {
			return err
		}
		if err := withinASecond(ctx, func() error { return holds(ctx, way.to, want) }); err != nil {
			return err
		}
	}
	return nil
}

func versionRises(ctx context.Context, f Fixture) error {
	for i := range 6 {
		on := []settings.Store{f.A, f.B}[i%2]
		s, err := on.Update(ctx, func(*settings.Settings) error { return nil })
		if err != nil || s.Version != int64(i+1) {
			return fmt.Errorf("want version %d, got %d, %v", i+1, s.Version, err)
		}
	}
	return nil
}

func versionIsNotChanged(ctx context.Context, f Fixture) error {
	start := time.Now().Round(0)
	s, err := f.A.Update(ctx, func(s *settings.Settings) error {
		s.Version, s.ReadAt = 77, time.Unix(0, 0)
		return nil
	})
	if err != nil || s.Version != 1 || s.ReadAt.Before(start) {
		return fmt.Errorf("want version 1, read after %v, got %+v, %v", start, s, err)
	}
	return nil
}

func beginsWithCurrent(ctx context.Context, f Fixture) error {
	for i := range 10 {
		on := []settings.Store{f.A, f.B}[i%2]
		if _, err := on.Update(ctx, raise); err != nil {
			return err
		}
	}
	return raisedBy(ctx, f, 10)
}

var errChange = errors.New("no")

func errorOfChange(ctx context.Context, f Fixture) error {
	if _, err := f.A.Update(ctx, raise); err != nil {
		return err
	}
	_, err := f.A.Update(ctx, func(s *settings.Settings) error {
		s.Enabled = false
		return errChange
	})
	if err != errChange {
		return fmt.Errorf("want the error of change as it is, got %v", err)
	}
	return raisedBy(ctx, f, 1)
}

func invalid(ctx context.Context, f Fixture) error {
	if _, err := f.A.Update(ctx, raise); err != nil {
		return err
	}
	spoil := func(s *settings.Settings) error {
		s.RateLimit.Limit, s.Lock.Mode = 0, "both"
		return nil
	}
	_, err := f.A.Update(ctx, spoil)
	spoilt := settings.Default()
	spoil(&spoilt)
	if !errors.Is(err, settings.ErrInvalid) || err.Error() != spoilt.Validate().Error() {
		return fmt.Errorf("want the error of Validate as it is, got %v", err)
	}
	return raisedBy(ctx, f, 1)
}

func conflict(ctx context.Context, f Fixture) error {
	calls := 0
	s, err := f.A.Update(ctx, func(s *settings.Settings) error {
		if calls++; calls == 1 {
			if _, err := f.B.Update(ctx, raise); err != nil {
				return err
			}
		}
		return raise(s)
	})
	if err != nil {
		return err
	}
	if calls != 2 || s.Version != 2 {
		return fmt.Errorf("want change called twice and version 2, got %d calls, version %d", calls, s.Version)
	}
	return raisedBy(ctx, f, 2)
}

func losesNone(ctx context.Context, f Fixture) error {
	const n = 50
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range errs {
		on := []settings.Store{f.A, f.B}[i%2]
		all.Go(func() { _, errs[i] = on.Update(ctx, raise) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return raisedBy(ctx, f, n)
}

func neverGoesBack(ctx context.Context, f Fixture) error {
	const n = 30
	var readers sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		on := []settings.Store{f.A, f.B}[i%2]
		readers.Go(func() { errs[i] = watch(ctx, on, n) })
	}
	for i := range n {
		on := []settings.Store{f.A, f.B}[i/3%2]
		if _, err := on.Update(ctx, raise); err != nil {
			return err
		}
		if err := sleep(ctx, 2*time.Millisecond); err != nil { // for the readers to look
			return err
		}
	}
	readers.Wait()
	return errors.Join(errs...)
}

// watch reads until it sees the version, which must not fall.
func watch(ctx context.Context, on settings.Store, until int64) error {
	for last := int64(0); last < until; {
		s, err := on.Get(ctx)
		if err != nil {
			return err
		}
		if s.Version < last {
			return fmt.Errorf("version %d after %d", s.Version, last)
		}
		last = s.Version
		if err := sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func readAtIsRecent(ctx context.Context, f Fixture) error {
	for _, on := range []settings.Store{f.A, f.B, f.A} {
		asked := time.Now().Round(0)
		s, err := on.Get(ctx)
		if err != nil {
			return err
		}
		if age := asked.Sub(s.ReadAt); age > 2*time.Second || s.ReadAt.After(time.Now()) {
			return fmt.Errorf("want ReadAt within a second, and one for a slow machine, before %v, got %v", asked, s.ReadAt)
		}
		if _, err := on.Update(ctx, raise); err != nil {
			return err
		}
	}
	return nil
}

func endedContext(ctx context.Context, f Fixture) error {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := f.A.Update(ended, raise); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("want context.Canceled, got %v", err)
	}
	return defaultAtFirst(ctx, f)
}

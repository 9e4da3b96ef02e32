package blacklisttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seckill-go/seckill/blacklist"
)

func nobodyAtFirst(ctx context.Context, f Fixture) error {
	all, err := f.A.Entries(ctx, time.Now())
	if err != nil || len(all) != 0 {
		return fmt.Errorf("Entries: want none, got %v, %v", all, err)
	}
	return errors.Join(notFound(ctx, f.A, "u"), notFound(ctx, f.B, "u"))
}

func findsWhatWasAdded(ctx context.Context, f Fixture) error {
	for _, e := range []blacklist.Entry{
		{User: "plain", AddedAt: time.Now()},
		{User: "A-z_0123456789", Reason: `bot "farm" 机器人`, AddedAt: time.Unix(1_700_000_000, 123_456_789), ExpiresAt: time.Now().Add(time.Hour)},
		{User: strings.Repeat("x", 64), AddedAt: time.Now(), ExpiresAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
	} {
		if err := errors.Join(f.A.Add(ctx, e, time.Now()), found(ctx, f.A, e)); err != nil {
			return err
		}
	}
	return notFound(ctx, f.A, "plai")
}

func addSetsAddedAt(ctx context.Context, f Fixture) error {
	before := time.Now().Round(0)
	if err := f.A.Add(ctx, blacklist.Entry{User: "u"}, time.Now()); err != nil {
		return err
	}
	e, _, err := f.A.Find(ctx, "u", time.Now())
	if err != nil || e.AddedAt.Before(before) || e.AddedAt.After(time.Now()) {
		return fmt.Errorf("want AddedAt at or after %v, got %v, %v", before, e.AddedAt, err)
	}
	return nil
}

func addReaches(ctx context.Context, f Fixture) error {
	return errors.Join(reaches(ctx, f.A, f.B, "u1"), reaches(ctx, f.B, f.A, "u2"))
}

// reaches makes the other node remember that the user is not listed, first.
func reaches(ctx context.Context, on, other blacklist.List, user string) error {
	if err := notFound(ctx, other, user); err != nil {
		return err
	}
	e := blacklist.Entry{User: user, Reason: "r", AddedAt: time.Now()}
	if err := on.Add(ctx, e, time.Now()); err != nil {
		return err
	}
	return withinASecond(ctx, func() error { return found(ctx, other, e) })
}

func removeReaches(ctx context.Context, f Fixture) error {
	if err := reaches(ctx, f.A, f.B, "u"); err != nil {
		return err
	}
	if _, _, err := f.A.Find(ctx, "u", time.Now()); err != nil { // so that A remembers, too
		return err
	}
	if err := errors.Join(removed(ctx, f.A, "u", true), notFound(ctx, f.A, "u")); err != nil {
		return err
	}
	return withinASecond(ctx, func() error { return notFound(ctx, f.B, "u") })
}

func removeReports(ctx context.Context, f Fixture) error {
	soon := time.Now().Add(50 * time.Millisecond)
	if err := errors.Join(
		f.A.Add(ctx, blacklist.Entry{User: "listed"}, time.Now()),
		f.A.Add(ctx, blacklist.Entry{User: "expired", ExpiresAt: soon}, time.Now()),
		removed(ctx, f.B, "nobody", false),
		removed(ctx, f.B, "not a user's id", false),
		removed(ctx, f.B, "listed", true),
		removed(ctx, f.A, "listed", false),
	); err != nil {
		return err
	}
	sleepUntil(ctx, soon)
	return removed(ctx, f.A, "expired", false)
}

func endsAtItsTime(ctx context.Context, f Fixture) error {
	e := blacklist.Entry{User: "u", AddedAt: time.Now(), ExpiresAt: time.Now().Add(300 * time.Millisecond)}
	if err := f.A.Add(ctx, e, time.Now()); err != nil {
		return err
	}
	for {
		err := found(ctx, f.A, e)
		if !time.Now().Before(e.ExpiresAt) {
			break // whatever the answer was, it came too late to tell
		}
		if err != nil {
			return fmt.Errorf("%v before its end: %w", time.Until(e.ExpiresAt), err)
		}
		sleepUntil(ctx, time.Now().Add(10*time.Millisecond))
	}
	all, err := f.A.Entries(ctx, time.Now())
	if len(all) != 0 {
		err = errors.Join(err, fmt.Errorf("Entries: want none, got %v", all))
	}
	return errors.Join(err, notFound(ctx, f.A, "u"), notFound(ctx, f.B, "u"))
}

func callersTimeDecides(ctx context.Context, f Fixture) error {
	for i, off := range []time.Duration{-time.Hour, time.Hour, -10 * 365 * 24 * time.Hour} {
		user, now := fmt.Sprint("u", i), time.Now().Add(off)
		e := blacklist.Entry{User: user, ExpiresAt: now.Add(time.Minute)}
		if err := f.A.Add(ctx, e, now); err != nil {
			return err
		}
		for after, want := range map[time.Duration]bool{0: true, time.Minute - time.Millisecond: true, time.Minute: false, time.Hour: false} {
			got, there, err := f.A.Find(ctx, user, now.Add(after))
			if err != nil || there != want || there && !got.AddedAt.Equal(now) {
				return fmt.Errorf("%v off, %v later: want found %v, got %+v, %v, %v", off, after, want, got, there, err)
			}
			all, err := f.A.Entries(ctx, now.Add(after))
			if err != nil || slices.Contains(names(all), user) != want {
				return fmt.Errorf("%v off, %v later: want listed %v, got %v, %v", off, after, want, all, err)
			}
		}
		was, err := f.A.Remove(ctx, user, now)
		if err != nil || !was {
			return fmt.Errorf("%v off: want Remove to say that it was listed, got %v, %v", off, was, err)
		}
	}
	return nil
}

func expiredIsNotListed(ctx context.Context, f Fixture) error {
	expired := blacklist.Entry{User: "u", ExpiresAt: time.Now().Add(-time.Hour)}
	return errors.Join(
		f.A.Add(ctx, expired, time.Now()), notFound(ctx, f.A, "u"),
		f.A.Add(ctx, blacklist.Entry{User: "u"}, time.Now()),
		f.A.Add(ctx, expired, time.Now()), notFound(ctx, f.A, "u"),
		removed(ctx, f.B, "u", false),
	)
}

func replaces(ctx context.Context, f Fixture) error {
	first := blacklist.Entry{User: "u", Reason: "first", AddedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
	second := blacklist.Entry{User: "u", Reason: "second", AddedAt: first.AddedAt.Add(time.Second), ExpiresAt: first.ExpiresAt.Add(-time.Minute)}
	third := blacklist.Entry{User: "u", Reason: "third", AddedAt: second.AddedAt.Add(time.Second)}
	if err := f.A.Add(ctx, first, time.Now()); err != nil {
		return err
	}
	for _, e := range []blacklist.Entry{second, third} {
		if err := errors.Join(f.B.Add(ctx, e, time.Now()), found(ctx, f.B, e)); err != nil {
			return err
		}
		if err := withinASecond(ctx, func() error { return found(ctx, f.A, e) }); err != nil {
			return err
		}
	}
	all, err := f.A.Entries(ctx, time.Now())
	if err != nil || len(all) != 1 {
		return fmt.Errorf("Entries: want one, got %v, %v", all, err)
	}
	return nil
}

func replacedEndsNothing(ctx context.Context, f Fixture) error {
	soon := time.Now().Add(100 * time.Millisecond)
	for _, ends := range []time.Time{{}, time.Now().Add(time.Hour)} {
		user := "u" + fmt.Sprint(ends.Year())
		if err := errors.Join(
			f.A.Add(ctx, blacklist.Entry{User: user, ExpiresAt: soon}, time.Now()),
			f.B.Add(ctx, blacklist.Entry{User: user, ExpiresAt: ends}, time.Now()),
		); err != nil {
			return err
		}
	}
	sleepUntil(ctx, soon.Add(20*time.Millisecond)) // a timer may be a little late
	all, err := f.A.Entries(ctx, time.Now())
	if err != nil || len(all) != 2 {
		return fmt.Errorf("want both entries there after the end of those before them, got %v, %v", all, err)
	}
	return nil
}

func entriesAreCurrent(ctx context.Context, f Fixture) error {
	users := []string{"m", "B", "a", "_", "10", "9", "-"}
	for i, user := range users {
		on := []blacklist.List{f.A, f.B}[i%2]
		if err := on.Add(ctx, blacklist.Entry{User: user, Reason: user + "!"}, time.Now()); err != nil {
			return err
		}
		all, err := f.A.Entries(ctx, time.Now())
		if err != nil {
			return err
		}
		want := slices.Sorted(slices.Values(users[:i+1]))
		if got := names(all); !slices.Equal(got, want) || all[0].Reason != want[0]+"!" {
			return fmt.Errorf("want %q, each with its reason, got %v", want, all)
		}
	}
	return nil
}

func invalidUser(ctx context.Context, f Fixture) error {
	for _, user := range []string{"", " ", "a b", "a/b", "../u", "用户", "u\n", strings.Repeat("x", 65)} {
		if err := f.A.Add(ctx, blacklist.Entry{User: user}, time.Now()); !errors.Is(err, blacklist.ErrInvalidUser) {
			return fmt.Errorf("Add(%q): want ErrInvalidUser, got %v", user, err)
		}
		if err := notFound(ctx, f.A, user); err != nil {
			return err
		}
	}
	return nobodyAtFirst(ctx, f)
}

func losesNone(ctx context.Context, f Fixture) error {
	const n = 50
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		on, user := []blacklist.List{f.A, f.B}[i%2], fmt.Sprintf("user-%02d", i)
		all.Go(func() {
			errs[i] = on.Add(ctx, blacklist.Entry{User: user, ExpiresAt: time.Now().Add(time.Hour)}, time.Now())
			if i >= n/2 && errs[i] == nil {
				errs[i] = removed(ctx, on, user, true)
			}
		})
	}
	all.Wait()
	left, err := f.A.Entries(ctx, time.Now())
	if err = errors.Join(append(errs, err)...); err != nil || len(left) != n/2 {
		return fmt.Errorf("want the %d that were not removed, got %d, %v", n/2, len(left), err)
	}
	for _, e := range left {
		if err := withinASecond(ctx, func() error { return errors.Join(found(ctx, f.A, e), found(ctx, f.B, e)) }); err != nil {
			return err
		}
	}
	return nil
}

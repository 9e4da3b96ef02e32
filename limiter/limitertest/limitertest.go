// Package limitertest proves that a limiter keeps the contract of package limiter.
// Call [Run] from a test of your backend.
package limitertest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/limiter"
)

// Run proves the limiters that newLimiter makes, a fresh one for each law. The laws
// take real time, well under a second each.
func Run(t *testing.T, newLimiter func(t *testing.T) limiter.Limiter) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			if err := law.check(t.Context(), newLimiter(t)); err != nil {
				t.Errorf("%s\n%v", law.sentence, err)
			}
		})
	}
}

// Broken returns the names of the laws that the limiters break.
func Broken(ctx context.Context, newLimiter func() limiter.Limiter) []string {
	var broken []string
	for _, law := range laws {
		if law.check(ctx, newLimiter()) != nil {
			broken = append(broken, law.name)
		}
	}
	return broken
}

type law struct {
	name, sentence string
	hold           func(*caller) error
}

// patience is how long a law may take. Only a broken limiter needs it all.
const patience = 20 * time.Second

func (l law) check(ctx context.Context, lim limiter.Limiter) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.hold(&caller{ctx: ctx, limiter: lim, key: "user-1"})
}

var laws = []law{
	{"AllowsUpToTheLimit", "Limit calls are allowed, the next is refused; only a refusal says when to come again.", allowsUpToTheLimit},
	{"NeverMoreThanTheLimitAtOnce", "A hundred callers at once get Limit calls between them, decided one by one.", neverMoreAtOnce},
	{"NeverMoreThanTheLimitInAnyWindow", "In no span of Window are more than Limit calls allowed, however many ask.", neverMoreInAnyWindow},
	{"TheWindowSlides", "A window begins with every call; none begins afresh when another ends.", slides},
	{"RetryAfterIsLongEnough", "Who waits for RetryAfter gets one through, also under a lowered limit.", retryIsLongEnough},
	{"RetryAfterIsNoLongerThanNeeded", "RetryAfter ends when the call that is in the way leaves the window.", retryIsNoLonger},
	{"RefusedCallsDoNotCount", "Who hammers waits no longer than who asked once.", refusedDoNotCount},
	{"ALoweredLimitAppliesAtOnce", "A lowered limit counts the calls allowed under the higher one.", lowered},
	{"ARaisedLimitAppliesAtOnce", "A raised limit lets as many more through as it was raised by, and no more.", raised},
	{"AShorterWindowAppliesAtOnce", "A shorter window lets go what is too old for it, and keeps the rest.", shorter},
	{"ALimitOfZeroAllowsNone", "A Limit of 0 refuses each call, for a Window, and counts none.", zero},
	{"KeysDoNotAffectEachOther", "Each key has calls of its own.", keys},
	{"AnInvalidRateIsRefused", "A negative limit or a window that is not positive gives ErrInvalidRate and counts nothing.", invalid},
}

// Package blacklisttest proves that a blacklist keeps the contract of package
// blacklist. Call [Run] from a test of your backend.
package blacklisttest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/blacklist"
)

// Fixture is one empty blacklist as two nodes see it. A backend for one process
// gives the same value twice.
type Fixture struct {
	A, B blacklist.List
}

// Run proves the blacklists that newFixture makes, a fresh one for each law.
func Run(t *testing.T, newFixture func(t *testing.T) Fixture) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			t.Parallel()
			if err := law.check(t.Context(), newFixture(t)); err != nil {
				t.Errorf("%s\n%v", law.sentence, err)
			}
		})
	}
}

// Broken returns the names of the laws that the blacklists break.
func Broken(ctx context.Context, newFixture func() Fixture) []string {
	var broken []string
	for _, law := range laws {
		if law.check(ctx, newFixture()) != nil {
			broken = append(broken, law.name)
		}
	}
	return broken
}

type law struct {
	name, sentence string
	hold           func(context.Context, Fixture) error
}

// patience is how long a law may take. Only a broken blacklist needs it all.
const patience = 20 * time.Second

func (l law) check(ctx context.Context, f Fixture) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.hold(ctx, f)
}

var laws = []law{
	{"NobodyIsListedAtFirst", "An empty list finds nobody, without an error.", nobodyAtFirst},
	{"FindsWhatWasAdded", "What was added is found at once on the node itself, with all its fields.", findsWhatWasAdded},
	{"AddSetsAddedAt", "AddedAt is the time of Add when it is zero.", addSetsAddedAt},
	{"AddReachesEveryNodeWithinASecond", "What was added on one node is found on every node within a second.", addReaches},
	{"RemoveReachesEveryNodeWithinASecond", "What was removed on one node is found on no node after a second, and not at all on the node itself.", removeReaches},
	{"RemoveSaysWhetherTheUserWasListed", "Remove reports whether the user was on the list.", removeReports},
	{"AnEntryEndsAtItsTime", "An entry is found until ExpiresAt, and not from then on.", endsAtItsTime},
	{"TheCallersTimeDecides", "Whether an entry has ended is decided by now, however far the node's clock is from it.", callersTimeDecides},
	{"AnExpiredEntryIsNotListed", "An entry that has already expired is not listed, and ends an earlier one.", expiredIsNotListed},
	{"AddReplaces", "An entry takes the place of an earlier one of the same user.", replaces},
	{"AReplacedEntrysEndEndsNothing", "The end of an entry that was replaced does not end the one in its place.", replacedEndsNothing},
	{"EntriesAreSortedAndCurrent", "Entries lists each entry that has not expired, sorted by user, as the backend has them now.", entriesAreCurrent},
	{"AnInvalidUserIsNotAdded", "A user's id that does not match gives ErrInvalidUser and adds nothing.", invalidUser},
	{"LosesNoneOfManyAtOnce", "Nodes that add and remove at the same time lose nothing.", losesNone},
}

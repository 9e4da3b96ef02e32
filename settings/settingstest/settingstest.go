// Package settingstest proves that a settings store keeps the contract of package
// settings. Call [Run] from a test of your backend.
package settingstest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/settings"
)

// Fixture is one store, in which nothing was ever changed, as two nodes see it. A
// backend for one process gives the same value twice.
type Fixture struct {
	A, B settings.Store
}

// Run proves the stores that newFixture makes, a fresh one for each law.
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

// Broken returns the names of the laws that the stores break.
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

// patience is how long a law may take. Only a broken store needs it all.
const patience = 20 * time.Second

func (l law) check(ctx context.Context, f Fixture) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.hold(ctx, f)
}

var laws = []law{
	{"TheDefaultHoldsAtFirst", "Before any change Get returns Default, with Version 0.", defaultAtFirst},
	{"AChangeIsSeenAtOnceOnItsNode", "Update returns what was written, and Get on the same node returns the same.", seenAtOnce},
	{"AChangeReachesEveryNodeWithinASecond", "A change made on one node is seen on every node within a second.", reaches},
	{"VersionRisesByOne", "Each change raises Version by one, also one that alters nothing.", versionRises},
	{"ChangeDoesNotSetVersionOrReadAt", "What change does to Version or ReadAt is ignored.", versionIsNotChanged},
	{"ChangeBeginsWithTheCurrentSettings", "Update lets change alter what any node wrote last, even a moment ago.", beginsWithCurrent},
	{"AnErrorOfChangeWritesNothing", "An error of change is returned as it is and nothing is written.", errorOfChange},
	{"InvalidSettingsAreNotWritten", "An error of Validate is returned as it is and nothing is written.", invalid},
	{"ChangeIsCalledAgainOnAConflict", "If somebody else writes in between, change is called again with what they wrote.", conflict},
	{"LosesNoneOfManyUpdates", "Updates of many nodes at once all count.", losesNone},
	{"NeverGoesBack", "Whoever reads sees versions that only rise, while others write.", neverGoesBack},
	{"ReadAtIsRecent", "ReadAt is when the settings were last known to be current: no more than a second ago while the backend answers.", readAtIsRecent},
	{"AnEndedContextEndsUpdate", "When ctx has ended, Update's error matches ctx's.", endedContext},
}

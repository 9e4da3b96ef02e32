package locktest_test

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/lock/locktest"
)

// careless names, for each law, an implementation that breaks it.
var careless = map[string]func() locktest.Fixture{
	"OneHolderAtATime":              double(func(m *lock.Memory) lock.Locker { return nothingExcludes{m} }),
	"NeverBothModes":                double(func(m *lock.Memory) lock.Locker { return sharersExcludeNothing{m} }),
	"SharersStandTogether":          double(func(m *lock.Memory) lock.Locker { return alwaysExclusive{m} }),
	"ExclusiveKeepsSharersOut":      double(func(m *lock.Memory) lock.Locker { return sharersExcludeNothing{m} }),
	"SharersKeepExclusiveOut":       double(func(m *lock.Memory) lock.Locker { return nothingExcludes{m} }),
	"ZeroOptionsAreShared":          double(func(m *lock.Memory) lock.Locker { return alwaysExclusive{m} }),
	"NamesAreIndependent":           double(func(m *lock.Memory) lock.Locker { return oneName{m} }),
	"BadNameIsAFault":               double(func(m *lock.Memory) lock.Locker { return oneName{m} }),
	"EndedContextIsAFault":          double(func(m *lock.Memory) lock.Locker { return deaf{m} }),
	"ArrivalOrder":                  double(func(m *lock.Memory) lock.Locker { return &lastFirst{Memory: m} }),
	"ExclusiveIsNotStarved":         double(func(m *lock.Memory) lock.Locker { return noQueue{m} }),
	"TryDoesNotOvertake":            double(func(m *lock.Memory) lock.Locker { return noQueue{m} }),
	"TryFailsFast":                  double(func(m *lock.Memory) lock.Locker { return slowTry{m} }),
	"CancelledWaitMatchesBoth":      double(func(m *lock.Memory) lock.Locker { return terse{m} }),
	"CancelledWaitLeavesNothing":    double(func(m *lock.Memory) lock.Locker { return litter{m} }),
	"FencesRise":                    lease(func(l lock.Lease) lock.Lease { return fixedFence{l} }),
	"SharedFenceIsTheLastExclusive": double(func(m *lock.Memory) lock.Locker { return &fencePerGrant{Memory: m} }),
	"LeaseOutlivesItsCtx":           double(func(m *lock.Memory) lock.Locker { return bound{m} }),
	"ReleaseClosesLost":             lease(func(l lock.Lease) lock.Lease { return neverLost{l} }),
	"SecondReleaseDoesNothing":      double(func(m *lock.Memory) lock.Locker { return &releasesByName{Memory: m} }),
	"WantedWhenOneWaits":            lease(func(l lock.Lease) lock.Lease { return neverWanted{l} }),
	"NotWantedOtherwise":            lease(func(l lock.Lease) lock.Lease { return alwaysWanted{l} }),
	"LivingHolderRenews":            double(func(m *lock.Memory) lock.Locker { return lazy{m} }),
	"CrashedHolderLosesTheLease":    immortal,

	"HoldersAreTold":  double(func(m *lock.Memory) lock.Locker { return anonymous{m} }),
	"BadNodeIsAFault": double(func(m *lock.Memory) lock.Locker { return anonymous{m} }),

	"SilentHolderIsTakenOver":         double(func(m *lock.Memory) lock.Locker { return promising{m, 0} }),
	"TakenOverHolderLosesTheLease":    lease(func(l lock.Lease) lock.Lease { return neverLost{l} }),
	"TakeOverRaisesTheFence":          lease(func(l lock.Lease) lock.Lease { return fixedFence{l} }),
	"TakeOverKeepsTheOrder":           double(func(m *lock.Memory) lock.Locker { return lastInherits{&lastFirst{Memory: m}} }),
	"ReleaseAfterTakeOverDoesNothing": double(func(m *lock.Memory) lock.Locker { return &releasesByName{Memory: m} }),
	"NoPromiseNoTakeOver":             double(func(m *lock.Memory) lock.Locker { return promising{m, 50 * time.Millisecond} }),
	"PromiseCountsFromWanted":         double(func(m *lock.Memory) lock.Locker { return endsItself{m} }),
	"PromiseOutlivesTheWaiter":        double(func(m *lock.Memory) lock.Locker { return &forgetful{Memory: m} }),
}

func TestEveryLawCatchesACarelessImplementation(t *testing.T) {
	for _, law := range locktest.Laws() {
		t.Run(law.Name, func(t *testing.T) {
			t.Parallel()
			broken := careless[law.Name]
			if broken == nil {
				t.Fatal("nothing breaks this law")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			err := law.Holds(ctx, broken())
			if err == nil {
				t.Fatalf("not caught: %s", law.Sentence)
			}
			t.Log(err)
		})
	}
}

func double(breaks func(*lock.Memory) lock.Locker) func() locktest.Fixture {
	return func() locktest.Fixture {
		l := breaks(new(lock.Memory))
		return locktest.Fixture{Locker: l, Other: l}
	}
}

func lease(breaks func(lock.Lease) lock.Lease) func() locktest.Fixture {
	return double(func(m *lock.Memory) lock.Locker { return leases{m, breaks} })
}

// immortal holders go on after a crash.
func immortal() locktest.Fixture {
	m := new(lock.Memory)
	return locktest.Fixture{Locker: m, Other: m, Crash: func() {}}
}

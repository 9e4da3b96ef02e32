// Package locktest proves that an implementation keeps the promises of package
// lock. Whoever writes a backend calls [Run] from a test of it.
package locktest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// patience bounds one law; only a broken promise takes that long.
const patience = 2 * time.Minute

// Fixture is what the laws are tried on. Each has names of its own: leases of one
// fixture are never in the way of another.
type Fixture struct {
	// Locker is the implementation under test.
	Locker lock.Locker
	// Other is what another node has: a second value over the same backend, or
	// Locker itself if the backend is process-local.
	Other lock.Locker
	// Crash ends the node behind Locker as a kill would, without a release. It is
	// nil if the backend is process-local.
	Crash func()
}

// Law is one promise.
type Law struct {
	// Name is a claim in one word.
	Name string
	// Sentence is what the contract says.
	Sentence string
	// Holds returns what it saw that breaks the law, or nil.
	Holds func(ctx context.Context, f Fixture) error
}

// Run tries every law on a fixture of its own, in parallel.
func Run(t *testing.T, newFixture func(t *testing.T) Fixture) {
	for _, law := range Laws() {
		t.Run(law.Name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := law.Holds(ctx, newFixture(t)); err != nil {
				t.Errorf("%s\nbut %v", law.Sentence, err)
			}
		})
	}
}

// Laws are the promises in the order of the contract's comments.
func Laws() []Law {
	return []Law{
		{"OneHolderAtATime", "An exclusive lease excludes every other, also among callers of one value.", oneHolderAtATime},
		{"NeverBothModes", "Shared leases exclude exclusive ones, under any mix of callers.", neverBothModes},
		{"SharersStandTogether", "Shared leases stand beside each other.", sharersStandTogether},
		{"ExclusiveKeepsSharersOut", "An exclusive lease excludes shared ones.", exclusiveKeepsSharersOut},
		{"SharersKeepExclusiveOut", "Shared leases exclude exclusive ones until the last is released.", sharersKeepExclusiveOut},
		{"ZeroOptionsAreShared", "The zero Options are a shared lease.", zeroOptionsAreShared},
		{"NamesAreIndependent", "Names have nothing to do with each other.", namesAreIndependent},
		{"BadNameIsAFault", "A name that CheckName refuses is a fault.", badNameIsAFault},
		{"EndedContextIsAFault", "A ctx that has ended before the call is a fault that matches ctx.Err().", endedContextIsAFault},

		{"ArrivalOrder", "Acquire grants in the order of arrival.", arrivalOrder},
		{"ExclusiveIsNotStarved", "Shared requests that arrive after a waiting exclusive one are granted after it.", exclusiveIsNotStarved},
		{"TryDoesNotOvertake", "TryAcquire does not overtake requests that wait in a mode that excludes it.", tryDoesNotOvertake},
		{"TryFailsFast", "TryAcquire does not wait.", tryFailsFast},
		{"CancelledWaitMatchesBoth", "A wait that ctx ends matches ErrNotObtained and ctx.Err().", cancelledWaitMatchesBoth},
		{"CancelledWaitLeavesNothing", "Nothing of a cancelled request stays behind.", cancelledWaitLeavesNothing},

		{"FencesRise", "The fence of an exclusive lease is higher than that of every lease before it.", fencesRise},
		{"SharedFenceIsTheLastExclusive", "The fence of a shared lease is that of the last exclusive grant, or 1.", sharedFenceIsTheLastExclusive},
		{"LeaseOutlivesItsCtx", "ctx bounds the call and not the lease.", leaseOutlivesItsCtx},
		{"ReleaseClosesLost", "Lost is closed by Release, also if ctx has ended, and not before.", releaseClosesLost},
		{"SecondReleaseDoesNothing", "A second Release does nothing.", secondReleaseDoesNothing},
		{"WantedWhenOneWaits", "Wanted is closed when a request waits that the lease keeps out.", wantedWhenOneWaits},
		{"NotWantedOtherwise", "Wanted stays open while nobody waits for the lease.", notWantedOtherwise},
		{"LivingHolderRenews", "A living holder keeps its lease beyond the TTL.", livingHolderRenews},
		{"CrashedHolderLosesTheLease", "A crashed holder's Lost is closed before its TTL gives the name to another.", crashedHolderLosesTheLease},

		{"HoldersAreTold", "Holders are the granted leases of each name by mode, node and fence, and nobody who waits.", holdersAreTold},
		{"BadNodeIsAFault", "A node that CheckName refuses is a fault.", badNodeIsAFault},

		{"SilentHolderIsTakenOver", "A holder that promised to yield and does not is taken over by those who wait, in any mode.", silentHolderIsTakenOver},
		{"TakenOverHolderLosesTheLease", "The Lost of a holder that was taken over is closed.", takenOverHolderLosesTheLease},
		{"TakeOverRaisesTheFence", "What is granted after a take-over has a higher fence, in any mode.", takeOverRaisesTheFence},
		{"TakeOverKeepsTheOrder", "A lease that is taken over goes to whoever waited longest.", takeOverKeepsTheOrder},
		{"ReleaseAfterTakeOverDoesNothing", "A Release after the lease was lost does nothing.", releaseAfterTakeOverDoesNothing},
		{"NoPromiseNoTakeOver", "A holder that promised nothing keeps its lease until it releases, whatever the waiter promises.", noPromiseNoTakeOver},
		{"PromiseCountsFromWanted", "The promised time counts from when the lease is granted and wanted, and costs it only while somebody waits.", promiseCountsFromWanted},
		{"PromiseOutlivesTheWaiter", "A holder stays told when the request that told it has left.", promiseOutlivesTheWaiter},
	}
}

package ordertest_test

import (
	"slices"
	"testing"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/ordertest"
)

func TestStoreLawsHoldForMemory(t *testing.T) {
	for _, v := range ordertest.CheckStore(t.Context(), func() order.Store { return new(order.Memory) }) {
		t.Errorf("%s: %v", v.Law, v.Err)
	}
}

// Each careless double breaks one promise; law is one that has to catch it.
func TestStoreLawsCatchCarelessDoubles(t *testing.T) {
	for _, double := range []struct {
		name, law string
		store     func() order.Store
	}{
		{"oversells", "SoldOutAtTheTotal", func() order.Store { return oversells{new(order.Memory)} }},
		{"knows no attempt", "SameAttemptSameOrder", func() order.Store { return &forgetsAttempts{Memory: new(order.Memory)} }},
		{"looks at the stock first", "SameAttemptSameOrder", func() order.Store { return stockFirst{new(order.Memory)} }},
		{"ignores limits", "LimitCountsThisOrder", func() order.Store { return ignoresLimits{new(order.Memory)} }},
		{"fails the neighbours", "RefusedDraftsFailNoNeighbour", func() order.Store { return allOrNothing{new(order.Memory)} }},
		{"fails other goods", "ManyGoodsAtOnce", func() order.Store { return &poisons{Memory: new(order.Memory)} }},
		{"ignores the fence", "OlderFenceChangesNothing", func() order.Store { return ignoresFence{new(order.Memory)} }},
		{"keeps nanoseconds", "TimesAreUTCToTheMicrosecond", func() order.Store { return keepsNanoseconds{new(order.Memory)} }},
		{"restores twice", "CancelGivesUnitsBackOnce", func() order.Store { return &restoresTwice{Memory: new(order.Memory)} }},
		{"pays a cancelled order", "TheOnlyMoves", func() order.Store { return illegalEdge{new(order.Memory)} }},
		{"forgets event ids", "EventsHappenOnce", func() order.Store { return forgetsEventIDs{new(order.Memory)} }},
		{"knows no event", "EventsHappenOnce", func() order.Store { return neverKnown{new(order.Memory)} }},
		{"remembers events of no order", "MoveOfNoOrder", func() order.Store { return &remembersAll{Memory: new(order.Memory)} }},
		{"buries nothing", "BuriedForGood", func() order.Store { return buriesNothing{new(order.Memory)} }},
		{"races with burials", "BuriedOrBooked", func() order.Store { return racesWithBurials{new(order.Memory)} }},
		{"forgets events", "CommittedGoesOut", func() order.Store { return forgetsEvents{new(order.Memory)} }},
		{"gives a group one trace", "TracesGoOut", func() order.Store { return oneTrace{new(order.Memory)} }},
		{"sends newest first", "EventsOfAKeyKeepOrder", func() order.Store { return newestFirst{new(order.Memory)} }},
		{"enqueues twice", "EnqueueOnce", func() order.Store { return &enqueuesTwice{Memory: new(order.Memory)} }},
		{"marks nothing sent", "PendingUntilSent", func() order.Store { return marksNothing{new(order.Memory)} }},
		{"has one lane", "LanesSplitTheOutbox", func() order.Store { return oneLane{new(order.Memory)} }},
		{"unparks nothing", "ParkedUntilUnparked", func() order.Store { return unparksNothing{new(order.Memory)} }},
		{"parks again", "ParkedOnce", func() order.Store { return &parksAgain{Memory: new(order.Memory)} }},
		{"cancels what is paid", "OverdueLeavesOutWhatIsParked", func() order.Store { return cancelsWhatIsPaid{new(order.Memory)} }},
		{"opens with less than sold", "OpenRefuses", func() order.Store { return opensAnything{new(order.Memory)} }},
		{"amends what is right", "AmendLeavesASoundGoodsAsItIs", func() order.Store { return amendsTooMuch{new(order.Memory)} }},
		{"amends unfenced", "AmendIsFenced", func() order.Store { return amendsUnfenced{new(order.Memory)} }},
		{"opens again to resize", "ResizeChangesTheTotalAlone", func() order.Store { return reopensToResize{new(order.Memory)} }},
		{"opens with the total it is given", "OpenKeepsTheTotal", func() order.Store { return opensWithNothing{new(order.Memory)} }},
		{"makes rows up", "StocksOfMany", func() order.Store { return makesRowsUp{new(order.Memory)} }},
		{"resizes below what is sold", "ResizeRefuses", func() order.Store { return resizesAnything{new(order.Memory)} }},
		{"forgets fences", "OrdersKnowTheirFences", func() order.Store { return forgetsFences{new(order.Memory)} }},
		{"releases under an old fence", "ReleasesAreBeforeOrAfterOpen", func() order.Store { return releasesUnderTheOrdersFence{new(order.Memory)} }},
		{"recounts at two moments", "RecountIsOfOneMoment", func() order.Store { return recountsAnOldRow{new(order.Memory)} }},
		{"lists paid orders as overdue", "OverdueEarliestFirst", func() order.Store { return overdueAll{new(order.Memory)} }},
		{"forgets to restore", "UnrestoredUntilMarked", func() order.Store { return nothingOwed{new(order.Memory)} }},
		{"lists one page", "ListPagesNewestFirst", func() order.Store { return onePage{new(order.Memory)} }},
		{"yields live orders alone", "SalesYieldsAllOrders", func() order.Store { return liveSales{new(order.Memory)} }},
		{"ends no audit", "AuditsBeginAndEnd", func() order.Store { return endsNoAudit{new(order.Memory)} }},
		{"forgets who committed", "HistoryTellsEachStep", func() order.Store { return forgetsNodes{new(order.Memory)} }},
		{"says sent too early", "HistoryTellsEachStep", func() order.Store { return sentAtOnce{new(order.Memory)} }},
		{"remembers the last move", "HistoryHasEveryMove", func() order.Store { return lastMove{new(order.Memory)} }},
		{"lists the first page only", "LatestPagesNewestFirst", func() order.Store { return firstPage{new(order.Memory)} }},
		{"knows every order", "HistoryOfNoOrder", func() order.Store { return knowsAll{new(order.Memory)} }},
	} {
		t.Run(double.name, func(t *testing.T) {
			var broken []string
			for _, v := range ordertest.CheckStore(t.Context(), double.store) {
				broken = append(broken, v.Law)
			}
			if !slices.Contains(broken, double.law) {
				t.Errorf("%s let it pass; broken are %q", double.law, broken)
			}
		})
	}
}

package seckilltest_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/seckilltest"
)

// mutant is adapters with one thing wrong, and the invariant that it breaks. A kit
// that lets one live is no evidence.
type mutant struct {
	name, invariant string
	breed           func(*seckill.Options)
}

var mutants = []mutant{
	{"TheLedgerSellsMoreThanTheTotal", "I1", func(o *seckill.Options) { o.Orders = &oversells{Store: o.Orders} }},
	{"TheGateStaysSoldOut", "I2", func(o *seckill.Options) { o.Stock = &staysSoldOut{Store: o.Stock} }},
	{"TheGateIsRefilledFromTheTotal", "I3", func(o *seckill.Options) { o.Stock = refilled{o.Stock} }},
	{"TheGateReadsItsNumbersOneByOne", "I3", func(o *seckill.Options) { o.Stock = tornCounts{o.Stock} }},
	{"TheGateNeverConfirms", "I2", func(o *seckill.Options) { o.Stock = unconfirmed{o.Stock} }},
	{"ACancelDoesNotReturnTheUnits", "I7", func(o *seckill.Options) { o.Orders = &keepsUnits{miscounts{Store: o.Orders}} }},
	{"ACancelReturnsTheUnitsEachTime", "I7", func(o *seckill.Options) { o.Orders = &restoresTwice{miscounts: miscounts{Store: o.Orders}} }},
	{"NobodyCountsAUsersUnitsOverNodes", "I4", func(o *seckill.Options) { o.Stock, o.Orders = limitlessGate{o.Stock}, limitlessLedger{o.Orders} }},
	{"TheGateTestsStockBeforeDuplicate", "I5", func(o *seckill.Options) { o.Stock = stockFirst{o.Stock} }},
	{"TheGateDoesNotKnowDuplicates", "I11", func(o *seckill.Options) { o.Stock = &noDuplicates{Store: o.Stock} }},
	{"TheLedgerDoesNotKnowDuplicates", "I5", func(o *seckill.Options) { o.Orders = &twoOrders{Store: o.Orders} }},
	{"AnUnknownCommitIsTakenForARefusal", "I11", func(o *seckill.Options) { o.Orders = &guesses{Store: o.Orders} }},
	{"APaymentIsAcknowledgedBeforeItIsDurable", "I6", func(o *seckill.Options) { o.Orders = &forgetsPayments{Store: o.Orders} }},
	{"OrdersAreReadFromALaggingReplica", "I8", func(o *seckill.Options) { o.Orders = &lags{Store: o.Orders} }},
	{"TheLedgerSkipsTheFence", "I9", func(o *seckill.Options) { o.Orders = unfencedLedger{o.Orders} }},
	{"TheGateSkipsTheFence", "I9", func(o *seckill.Options) { o.Stock = unfencedGate{o.Stock} }},
	{"TheLockHasOneFenceForAll", "I9", func(o *seckill.Options) { o.Locker = sameFence{o.Locker} }},
	{"TheOutboxForgetsWhatItHandsOut", "I10", func(o *seckill.Options) { o.Orders = forgetsOutbox{o.Orders} }},
	{"TheSinkLosesEveryFifthEvent", "I10", func(o *seckill.Options) { o.Sink = &loses{Sink: o.Sink} }},
	{"TheSinkSortsByTypeAndNotByKey", "I10", func(o *seckill.Options) { o.Sink = &sortsByType{Sink: o.Sink} }},
	{"TheCatalogOpensTomorrowsSaleToday", "I12", func(o *seckill.Options) { o.Catalog = opensEarly{o.Catalog} }},
	{"EveryThirdAuditRowIsMissing", "I16", func(o *seckill.Options) { o.Orders = &skipsAudits{Store: o.Orders} }},
	{"AuditRowsAreNotFinished", "I16", func(o *seckill.Options) { o.Orders = unfinishedAudits{o.Orders} }},
}

// TestEachMutantIsCaughtWithEachSeed runs the tortures beside each other: they wait
// for the clock most of their time.
func TestEachMutantIsCaughtWithEachSeed(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	atOnce := make(chan struct{}, 36)
	for _, m := range mutants {
		for seed := range uint64(seeds) {
			all.Go(func() {
				atOnce <- struct{}{}
				defer func() { <-atOnce }()
				m.judge(t, seed+1)
			})
		}
	}
	all.Wait()
}

// judge gives a mutant three chances with a seed: how often it misbehaves depends on
// the machine too.
func (m mutant) judge(t *testing.T, seed uint64) {
	for try := 1; ; try++ {
		o, adapters := inMemory()
		m.breed(&o)
		adapters.Node = func() (seckill.Options, error) { return o, nil }
		violated, report, tally, err := seckilltest.Judge(t.Context(), adapters, seckilltest.Options{
			Seed: seed, Buyers: 5, Units: 10, For: time.Duration(try) * 600 * time.Millisecond, Recovery: 2 * time.Second,
		})
		switch {
		case err != nil:
			t.Errorf("%s, seed %d: %v", m.name, seed, err)
			return
		case slices.Contains(violated, m.invariant):
			t.Logf("%s, seed %d: %v; %s", m.name, seed, violated, tally)
			return
		case try == 3:
			t.Errorf("%s, seed %d: %s is not violated: %s\n%s", m.name, seed, m.invariant, tally, report)
			return
		}
	}
}

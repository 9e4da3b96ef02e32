package stocktest_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/stocktest"
)

func TestPassesAnHonestStore(t *testing.T) {
	for _, v := range check(t.Context(), func(m *stock.Memory) stock.Store { return m }) {
		t.Errorf("%s: %v", v.Law.Name, v.Err)
	}
}

func TestPassesAStoreWithoutGroups(t *testing.T) {
	for _, v := range check(t.Context(), func(m *stock.Memory) stock.Store { return groupless{m} }) {
		t.Errorf("%s: %v", v.Law.Name, v.Err)
	}
}

func TestCatchesEveryCarelessStore(t *testing.T) {
	for _, double := range doubles {
		t.Run(double.name, func(t *testing.T) {
			var broken []string
			for _, v := range check(t.Context(), double.of) {
				broken = append(broken, v.Law.Name)
			}
			if !slices.Contains(broken, double.caughtBy) {
				t.Errorf("got %q broken, want %s among them", broken, double.caughtBy)
			}
		})
	}
}

func TestEachLawHasItsNameAndSentence(t *testing.T) {
	seen := map[string]bool{}
	for _, law := range stocktest.Laws() {
		if law.Name == "" || law.Sentence == "" || law.Test == nil || seen[law.Name] {
			t.Errorf("law %q is not complete, or comes twice", law.Name)
		}
		seen[law.Name] = true
	}
}

// check runs the suite on a store that is made of an honest one.
func check(ctx context.Context, of func(*stock.Memory) stock.Store) []stocktest.Violation {
	return stocktest.Check(ctx, func() stocktest.Fixture {
		var ahead atomic.Int64
		honest := &stock.Memory{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}
		return stocktest.Fixture{Store: of(honest), Advance: func(d time.Duration) { ahead.Add(int64(d)) }}
	})
}

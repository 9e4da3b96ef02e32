package seckill_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
)

func TestAQuantileLiesInItsBucket(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 50 {
		values := make([]time.Duration, 1+random.IntN(2000))
		for i := range values { // from 10 µs to 100 s, evenly on a logarithmic scale
			values[i] = time.Duration(math.Pow(10, 4+7*random.Float64()))
		}
		h := seckill.Durations(values...)
		slices.Sort(values)
		for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 1} {
			exact := values[max(0, int(math.Ceil(q*float64(len(values))))-1)].Seconds()
			low, high := bucket(h, exact)
			if got := h.Quantile(q); got < low || got > high {
				t.Errorf("quantile %v of %d values is %v, the histogram says %v, which is not in %v to %v", q, len(values), exact, got, low, high)
			}
		}
	}
}

// bucket returns the bounds around a value; above all bounds there is only the last.
func bucket(h seckill.Histogram, value float64) (low, high float64) {
	for _, high = range h.Bounds {
		if value <= high {
			return low, high
		}
		low = high
	}
	return high, high
}

func TestTheBucketsReachFrom100MicrosecondsTo30Seconds(t *testing.T) {
	h := seckill.Durations(50*time.Microsecond, 100*time.Microsecond, 100*time.Microsecond+1, 30*time.Second, time.Hour)
	last := len(h.Bounds) - 1
	if fmt.Sprintf("%.6g %.6g", h.Bounds[0], h.Bounds[last]) != "0.0001 30" || !slices.IsSorted(h.Bounds) {
		t.Errorf("bounds %v", h.Bounds)
	}
	if h.Counts[0] != 2 || h.Counts[1] != 1 || h.Counts[last] != 1 || h.Counts[last+1] != 1 || h.Count != 5 {
		t.Errorf("counts %v", h.Counts)
	}
}

func TestAHistogramWithoutValuesHasQuantileZero(t *testing.T) {
	for _, h := range []seckill.Histogram{{}, seckill.Durations()} {
		if got := h.Quantile(0.99); got != 0 {
			t.Errorf("got %v", got)
		}
	}
}

func TestTheDifferenceOfTwoHistogramsTellsOfTheTimeBetween(t *testing.T) {
	before := seckill.Durations(time.Second, time.Second, time.Second)
	after := seckill.Durations(time.Second, time.Second, time.Second, 15*time.Millisecond, 12*time.Millisecond)
	d := after.Since(before)
	if p99 := d.Quantile(0.99); d.Count != 2 || p99 <= 0.01 || p99 > 0.02 || math.Abs(d.Sum-0.027) > 1e-9 {
		t.Errorf("%+v, p99 %v", d, p99)
	}
	if whole := after.Since(seckill.Histogram{}); whole.Count != 5 || !slices.Equal(whole.Counts, after.Counts) {
		t.Errorf("since the beginning: %+v", whole)
	}
	if after.Count != 5 || after.Counts[len(after.Counts)-1] != 0 {
		t.Errorf("the later copy was changed: %+v", after)
	}
}

func TestTheTallyMeasuresEveryPurchaseAndGroup(t *testing.T) {
	s := open(t, 100, 0)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() { s.buy(fmt.Sprint("user-", i)) })
	}
	all.Wait()
	if _, err := s.Purchase(t.Context(), "user-1", "1001", "no ticket"); err == nil {
		t.Error("no ticket, and it bought")
	}
	got := s.Tally()
	if times := got.Stages[seckill.StagePurchase]; times.Count != 41 || times.Sum <= 0 || times.Quantile(1) <= 0 {
		t.Errorf("41 purchases: %+v", times)
	}
	if got.GroupSizes.Sum != 40 || got.GroupSizes.Count == 0 {
		t.Errorf("40 buyers in groups: %+v", got.GroupSizes)
	}
}

package seckill

import (
	"slices"
	"sync/atomic"
	"time"
)

// Histogram is how often values of each size were seen since the engine was built.
// Two of one kind may be subtracted with [Histogram.Since], which tells of the time
// between them. It is a copy and is not changed any more; do not change Bounds,
// which all copies share.
type Histogram struct {
	// Bounds are the largest values of the buckets, inclusive and rising, in the
	// unit of what was measured.
	Bounds []float64
	// Counts are the values in each bucket alone, not in those before it. It is one
	// longer than Bounds: the last bucket has what is larger than every bound.
	Counts []uint64
	// Sum is of all values. It may be ahead of Counts by values that were being
	// counted at the moment.
	Sum float64
	// Count is the number of all values, the sum of Counts.
	Count uint64
}

// Quantile returns the value that the share q of all values is not above, for q
// from 0 to 1: half of them for 0.5. It is right to within its bucket, in which the
// values are taken to lie evenly. A value in the last bucket counts as the largest
// bound. Without values it is 0.
func (h Histogram) Quantile(q float64) float64 {
	rank := min(max(q, 0), 1) * float64(h.Count)
	var seen, low float64
	for i, high := range h.Bounds {
		n := float64(h.Counts[i])
		if n > 0 && seen+n >= rank {
			return low + (high-low)*(rank-seen)/n
		}
		seen, low = seen+n, high
	}
	if h.Count == 0 {
		return 0
	}
	return low
}

// Since returns what was added after an earlier copy of the same histogram. The
// zero Histogram is one before all values.
func (h Histogram) Since(before Histogram) Histogram {
	d := Histogram{Bounds: h.Bounds, Counts: slices.Clone(h.Counts), Sum: h.Sum - before.Sum}
	for i, n := range before.Counts {
		d.Counts[i] -= n
	}
	for _, n := range d.Counts {
		d.Count += n
	}
	return d
}

// scale are the buckets of a kind of values, which are counted as whole numbers of
// a small unit, such as nanoseconds.
type scale struct {
	per    float64  // how many of it are one in the unit of bounds
	limits []uint64 // in the small unit
	bounds []float64
}

func newScale(per float64, limits ...uint64) *scale {
	s := &scale{per: per, limits: limits}
	for _, n := range limits {
		s.bounds = append(s.bounds, float64(n)/per)
	}
	return s
}

var (
	// durations are in seconds, from 100 µs to 30 s, four buckets to a power of ten.
	durations = newScale(float64(time.Second), spread(100*time.Microsecond, 30*time.Second)...)
	// sizes are of groups, which have at most 1024 buyers.
	sizes = newScale(1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
)

// spread is 1, 2, 3 and 5 in each power of ten.
func spread(first, last time.Duration) (limits []uint64) {
	for power := first; ; power *= 10 {
		for _, n := range []time.Duration{1, 2, 3, 5} {
			if n*power > last {
				return limits
			}
			limits = append(limits, uint64(n*power))
		}
	}
}

// recorder fills a histogram. It is safe for concurrent use, and costs two atomic
// additions a value.
type recorder struct {
	*scale
	counts []atomic.Uint64
	sum    atomic.Uint64
}

func newRecorder(s *scale) *recorder {
	return &recorder{scale: s, counts: make([]atomic.Uint64, len(s.limits)+1)}
}

func (r *recorder) add(n uint64) {
	i, _ := slices.BinarySearch(r.limits, n)
	r.sum.Add(n)
	r.counts[i].Add(1)
}

func (r *recorder) histogram() Histogram {
	h := Histogram{Bounds: r.bounds, Counts: make([]uint64, len(r.counts))}
	for i := range r.counts {
		h.Counts[i] = r.counts[i].Load()
		h.Count += h.Counts[i]
	}
	h.Sum = float64(r.sum.Load()) / r.per
	return h
}

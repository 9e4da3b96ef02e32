package crowd_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/simulate/crowd"
)

func plan(c crowd.Curve, seed uint64) crowd.Plan {
	return crowd.Plan{
		Visitors: 20_000, Duration: 10 * time.Second, Curve: c, Seed: seed, Bots: 10, Doubles: 25,
		Mix: crowd.Mix{Pay: 70, Abandon: 20, Fail: 10},
	}
}

func TestTheSameSeedDrawsTheSameCrowd(t *testing.T) {
	t.Parallel()
	for _, c := range crowd.Curves {
		first, again, other := crowd.Draw(plan(c, 1)), crowd.Draw(plan(c, 1)), crowd.Draw(plan(c, 2))
		require.True(t, reflect.DeepEqual(first, again), "what they will draw later is the same too")
		require.False(t, reflect.DeepEqual(first, other))
	}
}

func TestArrivalsFollowTheCurve(t *testing.T) {
	t.Parallel()
	// How many percent have arrived after so many tenths of the run.
	for c, want := range map[crowd.Curve]map[int]float64{
		crowd.Constant: {1: 10, 5: 50, 9: 90, 10: 100},
		crowd.Ramp:     {1: 1, 5: 25, 9: 81, 10: 100},
		crowd.Spike:    {1: 45.2, 5: 95.3, 9: 99.8, 10: 100},
	} {
		all := crowd.Draw(plan(c, 3))
		require.Len(t, all, 20_000)
		require.True(t, slices.IsSortedFunc(all, func(a, b crowd.Visitor) int { return int(a.At - b.At) }))
		require.GreaterOrEqual(t, all[0].At, time.Duration(0))
		for tenths, percent := range want {
			n := 0
			for _, v := range all {
				if v.At <= time.Duration(tenths)*time.Second {
					n++
				}
			}
			require.InDelta(t, percent, float64(n)/200, 1.2, "%s after %d tenths", c, tenths)
		}
	}
}

func TestVisitorsAreMixedAsAsked(t *testing.T) {
	t.Parallel()
	var bots, doubles float64
	intents := map[crowd.Intent]float64{}
	for _, v := range crowd.Draw(plan(crowd.Constant, 4)) {
		intents[v.Intent] += 1. / 200
		if v.Bot {
			bots += 1. / 200
		}
		if v.Double {
			doubles += 1. / 200
		}
	}
	require.InDelta(t, 10, bots, 1)
	require.InDelta(t, 25, doubles, 1.5)
	require.InDelta(t, 70, intents[crowd.Pays], 1.5)
	require.InDelta(t, 20, intents[crowd.Abandons], 1.5)
	require.InDelta(t, 10, intents[crowd.Fails], 1)
}

func TestNoneIsNoneAndAllIsAll(t *testing.T) {
	t.Parallel()
	p := plan(crowd.Constant, 5)
	p.Bots, p.Doubles, p.Mix = 0, 100, crowd.Mix{Fail: 100}
	for _, v := range crowd.Draw(p) {
		require.False(t, v.Bot)
		require.True(t, v.Double)
		require.Equal(t, crowd.Fails, v.Intent)
	}
}

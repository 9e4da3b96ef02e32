package measure_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/simulate/measure"
)

func TestEverySampleIsCountedOnce(t *testing.T) {
	t.Parallel()
	r := measure.NewRecorder(time.Second)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 100 {
				due := time.Duration(n) * 10 * time.Millisecond
				r.Arrived(due, time.Duration(i)*time.Millisecond)
				r.Add(measure.Sample{Step: measure.Ticket, Due: due, Took: time.Millisecond})
				r.Add(measure.Sample{Step: measure.Purchase, Due: due, Took: 2 * time.Millisecond})
				r.Add(measure.Sample{Step: measure.Click, Due: due, Took: time.Millisecond})
				r.Add(measure.Sample{Step: measure.BotTicket, Due: due, Took: time.Millisecond, Code: "sold_out"})
				r.Add(measure.Sample{Step: measure.Forged, Due: due, Took: time.Millisecond, Fault: "timeout"})
				r.Add(measure.Sample{Step: measure.Visit, Due: due, Took: time.Minute})
				r.Left("order")
			}
		})
	}
	all.Wait()
	f := r.Figures()
	require.Equal(t, 800, f.Arrivals)
	require.Equal(t, 7*time.Millisecond, f.Late)
	require.Equal(t, map[string]int{"order": 800}, f.Visits)
	require.Equal(t, 5*800, f.Answers, "a visit is no request")
	require.Equal(t, 800, f.Tickets)
	require.Equal(t, 800, f.Orders, "a second click is no second order")
	require.Equal(t, map[string]int{"sold_out": 800}, f.Refusals)
	require.Equal(t, map[string]int{"timeout": 800}, f.Faults)
	var sum measure.Point
	for _, p := range f.Points {
		sum.Arrivals, sum.Answers, sum.Tickets = sum.Arrivals+p.Arrivals, sum.Answers+p.Answers, sum.Tickets+p.Tickets
		sum.Orders, sum.Refusals, sum.Faults = sum.Orders+p.Orders, sum.Refusals+p.Refusals, sum.Faults+p.Faults
	}
	require.Equal(t, measure.Point{Arrivals: 800, Answers: 4000, Tickets: 800, Orders: 800, Refusals: 800, Faults: 800}, sum)
	require.InDelta(t, 4000, f.PerSecond()*f.End().Seconds(), 1e-6)
}

func TestPercentilesAreThoseOfTheSamples(t *testing.T) {
	t.Parallel()
	r := measure.NewRecorder(time.Second)
	for n := range 1000 {
		r.Add(measure.Sample{Step: measure.Pay, Took: time.Duration(n+1) * time.Millisecond})
	}
	l := r.Figures().Steps[0]
	require.Equal(t, 1000, l.Count)
	for want, got := range map[int]time.Duration{500: l.P50, 900: l.P90, 990: l.P99, 999: l.P999} {
		require.InEpsilon(t, time.Duration(want)*time.Millisecond, got, 0.002)
	}
	require.Equal(t, time.Second, l.Max)
}

// What is longer than the histogram reaches counts, and is the maximum.
func TestAnEndlessAnswerIsNotLost(t *testing.T) {
	t.Parallel()
	r := measure.NewRecorder(time.Second)
	r.Add(measure.Sample{Step: measure.Pay, Due: -time.Second, Took: 3 * time.Hour, Fault: "timeout"})
	f := r.Figures()
	require.Equal(t, 3*time.Hour, f.Steps[0].Max)
	require.Equal(t, 1, f.Steps[0].Count)
	require.Equal(t, 1, f.Points[len(f.Points)-1].Faults)
	require.LessOrEqual(t, len(f.Points), 1000)
}

// A stall shows where it was: in what was due then, not in what came then.
func TestALatencyStandsWhereTheRequestWasDue(t *testing.T) {
	t.Parallel()
	r := measure.NewRecorder(10 * time.Second)
	r.Add(measure.Sample{Step: measure.Ticket, Due: time.Second, Took: 5 * time.Second})
	f := r.Figures()
	require.Equal(t, 200*time.Millisecond, f.Slice)
	require.InEpsilon(t, 5*time.Second, f.Points[5].Max, 0.02)
	require.Equal(t, 1, f.Points[30].Answers)
	require.Zero(t, f.Points[5].Answers)
	require.Zero(t, f.Points[30].Max)
}

func TestNothingIsMeasuredOfNothing(t *testing.T) {
	t.Parallel()
	f := measure.NewRecorder(time.Second).Figures()
	require.Zero(t, f.PerSecond())
	require.Empty(t, f.Points)
}

package crowd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Curve is how arrivals are spread over a run.
type Curve string

// The curves.
const (
	// Spike is the opening of a flash sale: most come at once, the rest trickle in.
	Spike Curve = "spike"
	// Ramp rises evenly from nobody.
	Ramp Curve = "ramp"
	// Constant is the same rate all the time.
	Constant Curve = "constant"
)

// Curves are all of them.
var Curves = []Curve{Spike, Ramp, Constant}

// steepness of the spike: half of its crowd comes in the first ninth of the run.
const steepness = 6

// at is when of a run of length 1 the part u of all have arrived.
func (c Curve) at(u float64) float64 {
	switch c {
	case Spike:
		return -math.Log1p(-u*(1-math.Exp(-steepness))) / steepness
	case Ramp:
		return math.Sqrt(u)
	default:
		return u
	}
}

// Intent is what a buyer does with an order.
type Intent string

// The intents.
const (
	Pays     Intent = "pay"
	Abandons Intent = "abandon"
	Fails    Intent = "fail" // to pay: the provider says no
)

// Mix is how many percent of the buyers do what with their orders; they add up to
// 100.
type Mix struct{ Pay, Abandon, Fail float64 }

// Plan is a crowd before it comes.
type Plan struct {
	Visitors int
	Duration time.Duration
	Curve    Curve
	Mix      Mix
	// Bots and Doubles are percent of the visitors: programs that hammer and forge, and
	// people who click twice.
	Bots, Doubles float64
	// Retries is how often a visitor asks again who was told to, or got no answer.
	Retries int
	// Seed decides who comes when and does what.
	Seed uint64
}

// Visitor is one of the crowd: who comes when, and does what.
type Visitor struct {
	Index  int
	At     time.Duration // since the start
	Bot    bool
	Double bool // clicks twice
	Intent Intent

	random *rand.Rand
}

// Draw draws the crowd, earliest first. The same plan makes the same crowd. The
// arrivals are a Poisson process of which the number of arrivals is known.
func Draw(p Plan) []Visitor {
	random := rand.New(rand.NewPCG(p.Seed, 0))
	times := make([]float64, p.Visitors)
	for i := range times {
		times[i] = random.Float64()
	}
	slices.Sort(times)
	all := make([]Visitor, p.Visitors)
	for i := range all {
		own := rand.New(rand.NewPCG(p.Seed, uint64(i)+1))
		v := Visitor{Index: i, At: time.Duration(p.Curve.at(times[i]) * float64(p.Duration)), random: own}
		v.Bot, v.Double = percent(own, p.Bots), percent(own, p.Doubles)
		v.Intent = p.Mix.draw(own)
		all[i] = v
	}
	return all
}

func percent(r *rand.Rand, p float64) bool { return r.Float64()*100 < p }

func (m Mix) draw(r *rand.Rand) Intent {
	switch u := r.Float64() * 100; {
	case u < m.Pay:
		return Pays
	case u < m.Pay+m.Abandon:
		return Abandons
	default:
		return Fails
	}
}

// String is the mix as the command line has it.
func (m Mix) String() string {
	return fmt.Sprintf("pay=%g,abandon=%g,fail=%g", m.Pay, m.Abandon, m.Fail)
}

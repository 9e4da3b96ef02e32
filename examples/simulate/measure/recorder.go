// Package measure keeps how long a crowd's requests took and what became of them,
// in bounded memory: histograms over all of a run and over each slice of it.
//
// A latency begins when the request was due, not when it could be sent, so a
// server that stalls cannot hide how many would have come meanwhile.
package measure

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Step is a kind of request, or a span of a visit.
type Step string

// The steps of a visit, in their order. Visit is all of it, retries included, until
// the order or the last refusal. Settled is from a payment that was accepted to the
// order that is paid.
const (
	Visit     Step = "visit"
	Ticket    Step = "ticket"
	Purchase  Step = "purchase"
	Click     Step = "second click"
	Pay       Step = "pay"
	Settled   Step = "until paid"
	BotTicket Step = "bot ticket"
	BotBuys   Step = "bot purchase"
	Forged    Step = "forged ticket"
)

// Steps are all of them, as tables list them.
var Steps = []Step{Visit, Ticket, Purchase, Click, Pay, Settled, BotTicket, BotBuys, Forged}

// isRequest tells a request from a span that holds several.
func (s Step) isRequest() bool { return s != Visit && s != Settled }

// Sample is one request that ended.
type Sample struct {
	Step Step
	// Due is when it should have been sent, since the start of the run, and Took how
	// long after that its answer was there, or it was given up.
	Due, Took time.Duration
	// Code is the refusal's, "" for a success; Fault says that there was no answer that
	// the API knows, and then names it.
	Code, Fault string
}

const (
	longest   = 10 * time.Minute // that a histogram tells from what is longer
	maxPoints = 1000
)

// Recorder takes samples. It is safe for concurrent use.
type Recorder struct {
	width time.Duration

	mu      sync.Mutex
	steps   map[Step]*step
	points  []*point
	visits  map[string]int
	arrived int
	late    time.Duration
	faults  map[string]int
}

type step struct {
	all   *hdrhistogram.Histogram
	max   time.Duration
	codes map[string]int
}

// point is one slice of the run.
type point struct {
	Point
	latencies *hdrhistogram.Histogram
}

// NewRecorder returns a recorder for a run of about the given length, of which it
// keeps some 50 slices.
func NewRecorder(length time.Duration) *Recorder {
	return &Recorder{
		width: slice(length), steps: make(map[Step]*step), visits: make(map[string]int), faults: make(map[string]int),
	}
}

// slice is a length for slices that reads well on an axis.
func slice(length time.Duration) time.Duration {
	for unit := 10 * time.Millisecond; ; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if length/(n*unit) <= 60 {
				return n * unit
			}
		}
	}
}

// Arrived takes in a visitor who came, due at that time, and so much late: this
// program could not send the crowd any faster.
func (r *Recorder) Arrived(due, late time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrived++
	r.late = max(r.late, late)
	r.at(due).Arrivals++
}

// Left takes in a visitor who went, and with what: "order", a refusal's code,
// "fault" or "unfinished".
func (r *Recorder) Left(with string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.visits[with]++
}

// OnSale takes in how many units were left at a time.
func (r *Recorder) OnSale(at time.Duration, left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(at).Left = &left
}

// Add takes in a sample. Answers count in the slice in which they came, latencies
// in the one in which they were due.
func (r *Recorder) Add(s Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := r.steps[s.Step]
	if of == nil {
		of = &step{all: hdrhistogram.New(1, longest.Microseconds(), 3), codes: make(map[string]int)}
		r.steps[s.Step] = of
	}
	took := max(s.Took, 0)
	of.all.RecordValue(min(took, longest).Microseconds())
	of.max = max(of.max, took)
	if !s.Step.isRequest() {
		return
	}
	then := r.at(s.Due + took)
	then.Answers++
	switch {
	case s.Fault != "":
		r.faults[s.Fault]++
		then.Faults++
	case s.Code != "":
		of.codes[s.Code]++
		then.Refusals++
	default:
		of.codes[""]++
		then.grant(s.Step)
	}
	due := r.at(s.Due)
	if due.latencies == nil {
		due.latencies = hdrhistogram.New(1, longest.Microseconds(), 2)
	}
	due.latencies.RecordValue(min(took, longest).Microseconds())
}

func (p *point) grant(s Step) {
	switch s {
	case Ticket, BotTicket:
		p.Tickets++
	case Purchase, BotBuys:
		p.Orders++
	}
}

// at returns the slice of a time; what is later than the last counts there.
func (r *Recorder) at(t time.Duration) *point {
	i := min(int(max(t, 0)/r.width), maxPoints-1)
	for len(r.points) <= i {
		r.points = append(r.points, new(point))
	}
	return r.points[i]
}

// Now returns how many came, got an order and ended so far, for whoever waits.
func (r *Recorder) Now() (arrived, orders, ended int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.visits {
		ended += n
	}
	return r.arrived, r.visits["order"], ended
}

// Figures returns what was measured so far.
func (r *Recorder) Figures() Figures {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := Figures{Arrivals: r.arrived, Late: r.late, Visits: maps.Clone(r.visits), Faults: maps.Clone(r.faults), Refusals: make(map[string]int), Slice: r.width}
	for _, name := range Steps {
		if of := r.steps[name]; of != nil {
			f.Steps = append(f.Steps, of.figures(name))
			f.count(name, of)
		}
	}
	for i, p := range r.points {
		p.At = time.Duration(i) * r.width
		if p.latencies != nil {
			p.P50, p.P99, p.Max = quantile(p.latencies, 50), quantile(p.latencies, 99), quantile(p.latencies, 100)
		}
		f.Points = append(f.Points, p.Point)
		f.Answers += p.Answers
	}
	f.Points = slices.Clip(f.Points)
	return f
}

func (f *Figures) count(name Step, of *step) {
	for code, n := range of.codes {
		if code != "" {
			f.Refusals[code] += n
		}
	}
	switch granted := of.codes[""]; name {
	case Ticket, BotTicket:
		f.Tickets += granted
	case Purchase, BotBuys:
		f.Orders += granted
	}
}

func (s *step) figures(name Step) Latencies {
	return Latencies{
		Step: name, Count: int(s.all.TotalCount()), Max: s.max, Granted: s.codes[""],
		P50: s.quantile(50), P90: s.quantile(90), P99: s.quantile(99), P999: s.quantile(99.9),
	}
}

// quantile is never above the longest that there was, which the histogram rounds.
func (s *step) quantile(p float64) time.Duration { return min(quantile(s.all, p), s.max) }

func quantile(h *hdrhistogram.Histogram, p float64) time.Duration {
	return time.Duration(h.ValueAtPercentile(p)) * time.Microsecond
}

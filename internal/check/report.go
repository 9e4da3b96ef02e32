package check

import (
	"errors"
	"fmt"
	"strings"
)

// Status is what became of one invariant.
type Status string

// The statuses of an invariant.
const (
	Held         Status = "held"
	Violated     Status = "VIOLATED"
	NotEvaluated Status = "not evaluated"
	// NotDecided: what was looked at holds, but a search was cut off.
	NotDecided Status = "not decided"
)

// Violation is one way in which an invariant did not hold.
type Violation struct {
	// What says what is wrong, in a sentence.
	What string
	// Ops are the operations concerned.
	Ops []Op
}

// Result is the verdict on one invariant.
type Result struct {
	ID, Name string
	Status   Status
	// Note says why it was not evaluated or decided.
	Note string
	// Violations are the first few; Count is how many there are.
	Violations []Violation
	Count      int
}

// Report has one result for each invariant, I1 first.
type Report struct {
	Results []Result
	figure  *figure
}

// most bounds the violations that are listed for one invariant.
const most = 10

// Violated returns the ids of the invariants that do not hold.
func (r Report) Violated() (ids []string) {
	for _, res := range r.Results {
		if res.Status == Violated {
			ids = append(ids, res.ID)
		}
	}
	return ids
}

// Result returns the verdict on one invariant, zero if there is none of that id.
func (r Report) Result(id string) Result {
	for _, res := range r.Results {
		if res.ID == id {
			return res
		}
	}
	return Result{}
}

// Err returns nil if nothing is violated, else an error that tells all of it.
func (r Report) Err() error {
	if len(r.Violated()) == 0 {
		return nil
	}
	return errors.New(r.String())
}

// String is the report for a person: a line for each invariant, and below it what
// violates it.
func (r Report) String() string {
	var b strings.Builder
	for _, res := range r.Results {
		fmt.Fprintf(&b, "%-4s %-26s %s", res.ID, res.Name, res.Status)
		if res.Note != "" {
			fmt.Fprintf(&b, " (%s)", res.Note)
		}
		b.WriteByte('\n')
		for _, v := range res.Violations {
			fmt.Fprintf(&b, "     - %s\n", v.What)
			for _, op := range v.Ops {
				fmt.Fprintf(&b, "         %s\n", op)
			}
		}
		if hidden := res.Count - len(res.Violations); hidden > 0 {
			fmt.Fprintf(&b, "     and %d more\n", hidden)
		}
	}
	return b.String()
}

// verdict gathers what a judge finds.
type verdict struct {
	Result
	seen      bool
	undecided bool
}

// looked says that there was something to look at.
func (v *verdict) looked() { v.seen = true }

// without notes why something was not looked at.
func (v *verdict) without(why string) {
	if v.Note != "" {
		why = v.Note + "; " + why
	}
	v.Note = why
}

func (v *verdict) fail(ops []Op, format string, args ...any) {
	v.seen = true
	if v.Count++; v.Count <= most {
		v.Violations = append(v.Violations, Violation{What: fmt.Sprintf(format, args...), Ops: ops[:min(len(ops), most)]})
	}
}

// unless fails with the sentence if the condition does not hold.
func (v *verdict) unless(ok bool, format string, args ...any) {
	v.seen = true
	if !ok {
		v.fail(nil, format, args...)
	}
}

func (v *verdict) result() Result {
	switch {
	case v.Count > 0:
		v.Status = Violated
	case !v.seen:
		v.Status = NotEvaluated
	case v.undecided:
		v.Status = NotDecided
	default:
		v.Status = Held
	}
	return v.Result
}

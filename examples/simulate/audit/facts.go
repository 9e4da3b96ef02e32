package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seckill-go/seckill/examples/simulate/client"
)

// Facts are what is known when the crowd has gone: what it was told, and what the
// shop showed afterwards.
type Facts struct {
	GoodsID  string
	Attempts []Attempt
	// SoldOut is how many answers said so, Most the largest total that was seen.
	SoldOut, Most int
	// Before and After are the goods at the start and when the crowd had gone.
	Before, After client.Goods
	// Orders are those of the goods that the shop shows to its buyers, by id.
	Orders map[string]Shown
	// Shared are orders that somebody else's session could read.
	Shared []string
	// Status is the operator's view, nil if nobody asked.
	Status *client.Status
	// Fresh says that the sessions were made for this run, so that all of their orders
	// are of it.
	Fresh bool
	// Within is how long a payment may take.
	Within string
	// Unread is why something could not be read, for each such thing.
	Unread []string
}

// Shown is an order as its buyer sees it.
type Shown struct {
	client.Order
	Buyer int
}

// live says that the order has its units.
func (s Shown) live() bool { return s.State == "pending" || s.State == "paid" }

// told is every order that an answer named.
func (f *Facts) told() map[string][]*Attempt {
	told := make(map[string][]*Attempt)
	for i := range f.Attempts {
		a := &f.Attempts[i]
		for _, id := range a.ids() {
			told[id] = append(told[id], a)
		}
	}
	return told
}

// ids are the orders that the answers to one ticket named, each once.
func (a *Attempt) ids() (ids []string) {
	for _, o := range a.Receipts {
		if !slices.Contains(ids, o.ID) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// units are those in orders that keep theirs, back those that came back.
func (f *Facts) units() (live, back int) {
	for _, o := range f.Orders {
		if o.live() {
			live += o.Quantity
		} else {
			back += o.Quantity
		}
	}
	return live, back
}

// open is how many attempts nobody knows the end of.
func (f *Facts) open() (n int) {
	for _, a := range f.Attempts {
		if a.Ambiguous && len(a.Receipts) == 0 {
			n++
		}
	}
	return n
}

// Check is one invariant and what became of it.
type Check struct {
	Name string `json:"name"`
	// Claim is what has to hold, in words.
	Claim   string  `json:"claim"`
	Verdict Verdict `json:"verdict"`
	// Detail is what was counted, or what is wrong.
	Detail string `json:"detail"`
}

// Verdict is what became of a check.
type Verdict string

// The verdicts. Open means that it could not be told, Unasked that nobody wanted to
// know.
const (
	Holds   Verdict = "holds"
	Broken  Verdict = "broken"
	Open    Verdict = "open"
	Unasked Verdict = "unasked"
)

// faults are what is wrong, of which the first few are told.
type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

func (f faults) String() string {
	const few = 3
	all := slices.Sorted(slices.Values(f))
	if len(all) > few {
		all = append(all[:few], fmt.Sprintf("and %d more", len(f)-few))
	}
	return strings.Join(all, "; ")
}

package main

import (
	"fmt"
	"maps"
	"slices"
)

// target is what a ratio has to reach, and what would be good.
type target struct {
	id         string // with its buyers
	must, goal float64
	most       bool // at most, instead of at least
}

var targets = []target{
	{"A1@64", .20, .30, false}, {"A1@256", .35, .50, false}, {"A1@1000", .38, .60, false},
	{"A2@64", 5, 8, false}, {"A2@256", 10, 15, false}, {"A2@1000", 14, 20, false},
	{"A3@64", 40, 65, false}, {"A3@256", 60, 90, false},
	{"A4@1000", .35, .60, false},
	{"A5@1", 1.20, 1.05, true},
	{"A6@256", 3, 2, true},
	{"B1@256", .60, .75, false},
	{"C1@256", .90, .97, false}, {"C2@256", .70, .85, false},
	{"D1@shared", .75, .95, false}, {"D1@exclusive", .5, .8, false},
	{"E1", 1.3, 1.1, true},
	{"E2", 16, 4, true},
}

// meets says what a ratio has reached: "goal", "must" or "missed".
func (t target) meets(ratio float64) string {
	reached := func(bound float64) bool { return ratio >= bound != t.most || ratio == bound }
	switch {
	case reached(t.goal):
		return "goal"
	case reached(t.must):
		return "must"
	}
	return "MISSED"
}

// ratios are the medians over the rounds, each of figures of the same round.
func (b *bench) ratios() map[string]float64 {
	all := maps.Clone(b.more)
	put := func(id string, buyers int, ratio func(of func(path) run) (over, under float64)) {
		var values []float64
		for _, r := range b.rounds[buyers] {
			over, under := ratio(func(p path) run { return r[p.with(buyers)] })
			if over > 0 && under > 0 {
				values = append(values, over/under)
			}
		}
		if len(values) > 0 {
			slices.Sort(values)
			all[fmt.Sprintf("%s@%d", id, buyers)] = values[len(values)/2]
		}
	}
	rates := func(over, under path) func(func(path) run) (float64, float64) {
		return func(of func(path) run) (float64, float64) { return of(over).PerSecond, of(under).PerSecond }
	}
	for _, buyers := range b.command.buyers {
		put("A1", buyers, rates(full, hello))
		put("A2", buyers, rates(full, p2))
		put("A3", buyers, rates(full, p0))
		put("A5", buyers, func(of func(path) run) (float64, float64) { return of(full).P50, of(p2).P50 })
		put("A6", buyers, func(of func(path) run) (float64, float64) { return of(full).P99, of(full).P50 })
	}
	put("A4", b.command.most(), func(of func(path) run) (float64, float64) {
		return of(fullInprocess).PerSecond, b.primitives["insert256"]
	})
	at := b.command.refused()
	put("B1", at, rates(reserve, hello))
	put("C1", at, rates(soldOut, hello))
	put("C2", at, func(of func(path) run) (float64, float64) {
		return min(of(forged).PerSecond, of(limited).PerSecond, of(blacklisted).PerSecond), of(hello).PerSecond
	})
	return all
}

package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// still are the metrics and stages that need not move while all goes well, and why.
var still = map[string]string{
	"seckill_part_up":                     "every part does its work",
	"seckill_stock_conserved":             "the gate's numbers always add up",
	"seckill_stock_drift_units":           "gate and ledger agree",
	"seckill_fenced_groups_total":         "nobody is paused past its lease",
	"seckill_astray_groups_total":         "Redis does not go back in time",
	"seckill_unknown_outcomes_total":      "the database answers",
	"seckill_swept_holds_total":           "nobody dies and leaves holds",
	"seckill_reconcile_differences_total": "there are none to be found",
	"seckill_parked":                      "nothing is refused",
	"seckill_parked_total":                "nothing is refused",

	"stage callback": "the sandbox answers at once and calls nobody back",
	"stage cancel":   "everybody pays or fails within 15 minutes",
	"stage sweep":    "nobody dies and leaves holds",
	"stage rebuild":  "Redis keeps its numbers; only units that come back while a gate is filled have somebody look",
}

// page is what a node shows: by metric and, for the stages, by stage, its numbers.
type page struct {
	numbers map[string]string
	labels  map[string]map[string]bool // by name, the values
}

func scrape(t *testing.T, target string) page {
	t.Helper()
	w, err := http.Get(target + "/metrics")
	require.NoError(t, err)
	defer w.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(w.Body)
	require.NoError(t, err)
	p := page{make(map[string]string), make(map[string]map[string]bool)}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			number := fmt.Sprint(m.GetGauge().GetValue(), m.GetCounter().GetValue(), m.GetHistogram().GetSampleCount())
			p.numbers[name] += number + " "
			for _, l := range m.GetLabel() {
				if p.labels[l.GetName()] == nil {
					p.labels[l.GetName()] = make(map[string]bool)
				}
				p.labels[l.GetName()][l.GetValue()] = true
				if l.GetName() == "stage" {
					p.numbers["stage "+l.GetValue()] = number
				}
			}
		}
	}
	return p
}

func (p page) metrics() (names []string) {
	for name := range p.numbers {
		if strings.HasPrefix(name, "seckill_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// watchers returns the expressions of the dashboard and of the alerts.
func watchers(t *testing.T) (expressions []string) {
	t.Helper()
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	text, err := os.ReadFile("../../deploy/grafana/dashboards/seckill.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &board))
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	for _, a := range alerts(t) {
		expressions = append(expressions, a.Expr)
	}
	require.Greater(t, len(expressions), 30)
	return expressions
}

type alert struct{ Alert, Expr string }

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	text, err := os.ReadFile("../../deploy/prometheus/alerts.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &file))
	return file.Groups[0].Rules
}

var (
	metricName  = regexp.MustCompile(`seckill_[a-z_]+`)
	partOfOne   = regexp.MustCompile(`_(bucket|sum|count)$`)
	matcher     = regexp.MustCompile(`(\w+)=~?"([^"$]+)"`)
	documented  = regexp.MustCompile("(?m)^\\| `(seckill_[a-z_]+)` \\|")
	namedAlerts = regexp.MustCompile("(?m)^\\| `(Seckill[A-Za-z]+)` \\|")
)

// watched returns the metrics that an expression is about.
func watched(expression string, p page) (names []string) {
	for _, name := range metricName.FindAllString(expression, -1) {
		if whole := partOfOne.ReplaceAllString(name, ""); p.numbers[name] == "" {
			name = whole
		}
		names = append(names, name)
	}
	return names
}

func TestDashboardAlertsAndRunbookKnowWhatThereIs(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	before := scrape(t, p.url)
	for _, expression := range watchers(t) {
		for _, name := range watched(expression, before) {
			require.Contains(t, before.numbers, name, expression)
		}
		for _, m := range matcher.FindAllStringSubmatch(expression, -1) {
			for value := range strings.SplitSeq(m[2], "|") {
				require.True(t, m[1] == "job" || before.labels[m[1]][value], "no %s=%q for %s", m[1], value, expression)
			}
		}
	}
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	require.ElementsMatch(t, before.metrics(), firsts(documented, text), "docs/operations.md lists each metric once")
	var names []string
	for _, a := range alerts(t) {
		names = append(names, a.Alert)
	}
	require.ElementsMatch(t, names, firsts(namedAlerts, text), "docs/operations.md lists each alert once")
	for stage := range before.labels["stage"] {
		require.Contains(t, string(text), "`"+stage+"`", "docs/operations.md explains each stage")
	}
}

func firsts(pattern *regexp.Regexp, text []byte) (found []string) {
	for _, m := range pattern.FindAllSubmatch(text, -1) {
		found = append(found, string(m[1]))
	}
	return found
}

func TestEveryMetricMovesDuringASale(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	admin := func(path string) { must(t, "POST", p.url+"/api/admin/"+path, p.adminToken) }
	before := scrape(t, p.url)
	putGoods(t, p)
	admin("preload/moves") // the one filling: the gate agrees with the ledger from then on
	moved := make(map[string]bool)
	for end, round := time.Now().Add(60*time.Second), 0; len(missing(before, moved)) > 0; round++ {
		require.True(t, time.Now().Before(end), "these never moved: %v", missing(before, moved))
		aRoundOfTheSale(t, p, round)
		if round%10 == 9 {
			admin("preload/moves") // the node hands its lease over
			admin("reconcile/moves?dry_run=true")
		}
		for name, number := range scrape(t, p.url).numbers {
			if number != before.numbers[name] {
				moved[name] = true
			}
		}
	}
	for name, why := range still {
		require.Contains(t, before.numbers, name, "it is said to be still as %s", why)
	}
}

// missing are the numbers that should have moved and have not.
func missing(p page, moved map[string]bool) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(p.numbers)) {
		if _, ok := still[name]; !ok && !moved[name] && (strings.HasPrefix(name, "seckill_") || strings.HasPrefix(name, "stage ")) {
			names = append(names, name)
		}
	}
	return names
}

// aRoundOfTheSale is two buyers: one who clicks twice and pays, and one whose
// payment fails.
func aRoundOfTheSale(t *testing.T, p *process, round int) {
	t.Helper()
	for i, success := range []bool{true, false} {
		b, err := buy(http.DefaultClient, always(p.url), fmt.Sprintf("user-%d-%d", round, i), "moves")
		require.NoError(t, err)
		must(t, "POST", p.url+"/api/seckill?goods_id=moves&token="+url.QueryEscape(b.ticket), b.login)
		must(t, "POST", fmt.Sprintf("%s/api/payment/simulate?order_id=%s&success=%t", p.url, b.order, success), b.login)
	}
}

// putGoods adds goods "moves", of which there are enough.
func putGoods(t *testing.T, p *process) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", p.url+"/api/admin/goods", strings.NewReader(`{"goods_id":"moves","title":"Tea","total":100000,
		"price":{"amount":1999,"currency":"CNY"},"starts_at":"2026-01-01T00:00:00Z","ends_at":"2100-01-01T00:00:00Z"}`))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+p.adminToken)
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer w.Body.Close()
	require.Equal(t, 201, w.StatusCode)
}

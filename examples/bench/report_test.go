package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	main "github.com/seckill-go/seckill/examples/bench"
)

func TestARatioReachesTheGoalTheMustOrNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		must, goal float64
		most       bool
		ratio      float64
		want       string
	}{
		{5, 8, false, 8.1, "goal"}, {5, 8, false, 8, "goal"}, {5, 8, false, 7.9, "must"},
		{5, 8, false, 5, "must"}, {5, 8, false, 4.9, "MISSED"}, {5, 8, false, 0, "MISSED"},
		{3, 2, true, 0, "goal"}, {3, 2, true, 2, "goal"}, {3, 2, true, 2.1, "must"},
		{3, 2, true, 3, "must"}, {3, 2, true, 3.1, "MISSED"},
	} {
		require.Equal(t, c.want, main.Meets(c.must, c.goal, c.most, c.ratio), "%+v", c)
	}
	ids := map[string]bool{}
	for _, target := range main.Targets() {
		require.Equal(t, target.Most, target.Goal < target.Must, "%+v", target)
		require.False(t, ids[target.ID], target.ID)
		ids[target.ID] = true
	}
}

// http is a run over HTTP.
func http(path string, buyers int, rate, p50, p99 float64) main.Run {
	return main.Run{Path: path, Transport: "http", Buyers: buyers, PerSecond: rate, P50: p50, P99: p99}
}

// whole is a round of everything, in which hello answers 1,000 a second.
func whole(buyers int) []main.Run {
	return []main.Run{
		http("hello", buyers, 1000, 10, 20), http("full", buyers, 400, 50, 120), http("p2", buyers, 40, 40, 400),
		http("p0", buyers, 5, 1, 1), http("reserve", buyers, 700, 1, 1), http("sold_out", buyers, 950, 1, 1),
		http("forged", buyers, 900, 1, 1), http("limited", buyers, 800, 1, 1), http("blacklisted", buyers, 850, 1, 1),
		{Path: "full", Transport: "inprocess", Buyers: buyers, PerSecond: 600},
	}
}

var primitives = map[string]float64{
	"hello_get": 1, "evalsha": 2, "batch_script": 3, "insert256": 1000, "hot_update": 5, "commit": 6, "etcd_mutex16": 7,
}

func TestRatiosAreThoseOfFiguresOfTheSameRound(t *testing.T) {
	t.Parallel()
	r, err := main.Reported("-buyers 64,256", primitives, map[string]float64{"E2": 3}, whole(64), whole(256))
	require.NoError(t, err)
	want := map[string]float64{"B1@256": .7, "C1@256": .95, "C2@256": .8, "A4@256": .6, "E2": 3}
	for _, buyers := range []int{64, 256} {
		for id, ratio := range map[string]float64{"A1": .4, "A2": 10, "A3": 80, "A5": 1.25, "A6": 2.4} {
			want[fmt.Sprintf("%s@%d", id, buyers)] = ratio
		}
	}
	require.Len(t, r.Ratios, len(want), "%v", r.Ratios)
	for id, ratio := range want {
		require.InDelta(t, ratio, r.Ratios[id], 1e-9, id)
	}
	require.Equal(t, map[int]float64{64: 1000, 256: 1000}, r.Primitives.Hello)
}

// One round was measured while the machine was twice as fast: the ratio of the
// medians would be 0.2.
func TestARatioIsTheMedianOfTheRounds(t *testing.T) {
	t.Parallel()
	rounds := [][]main.Run{
		{http("hello", 64, 2000, 1, 1), http("full", 64, 600, 1, 1)},
		{http("hello", 64, 1000, 1, 1), http("full", 64, 200, 1, 1)},
		{http("hello", 64, 900, 1, 1), http("full", 64, 450, 1, 1)},
	}
	r, err := main.Reported("-buyers 64", nil, nil, rounds...)
	require.NoError(t, err)
	require.InDelta(t, .3, r.Ratios["A1@64"], 1e-9)
	require.InDelta(t, 1000, r.Primitives.Hello[64], 1e-9)
	i := slices.IndexFunc(r.Runs, func(one main.Run) bool { return one.Path == "full" && one.Transport == "http" })
	require.InDelta(t, 450, r.Runs[i].PerSecond, 1e-9)
}

func TestWhatWasNotMeasuredHasNoRatio(t *testing.T) {
	t.Parallel()
	r, err := main.Reported("-buyers 64,256", nil, nil, []main.Run{http("hello", 64, 1000, 1, 1), http("full", 64, 300, 0, 9)})
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"A1@64": .3}, r.Ratios)
	text, err := main.Print(r)
	require.NoError(t, err)
	require.NotContains(t, text, "A2@64")
	require.NotContains(t, text, "NaN")

	r, err = main.Reported("-buyers 64", primitives, nil, []main.Run{http("hello", 64, 1000, 1, 1), http("p2", 64, 40, 1, 1)})
	require.NoError(t, err)
	require.Empty(t, r.Ratios, "not 0, which would be missed")

	r, err = main.Reported("-buyers 64", primitives, nil)
	require.NoError(t, err)
	require.Empty(t, r.Ratios)
	require.Empty(t, r.Runs)
	requireShape(t, saved(t, r), `{"machine":{}, "primitives":{"hello":{}}, "runs":[], "ratios":{}, "checks":{}}`)
}

func TestPeopleSeeWhatIsReached(t *testing.T) {
	t.Parallel()
	r, err := main.Reported("-buyers 64,256", primitives, map[string]float64{"E2": 17, "D1@shared": .8}, whole(64), whole(256))
	require.NoError(t, err)
	text, err := main.Print(r)
	require.NoError(t, err)
	for id, want := range map[string]string{"A1@64": "goal", "A1@256": "must", "A3@64": "goal", "A6@256": "must", "D1@shared": "must", "E2": "MISSED"} {
		i := strings.Index(text, id+" ")
		require.GreaterOrEqual(t, i, 0, id)
		line, _, _ := strings.Cut(text[i:], "\n")
		require.Equal(t, want, strings.Fields(line)[4], line)
	}
	require.Contains(t, text, "checks: every order")
}

// performance is the shape that readers of the JSON go by; more keys are fine, and
// so are more paths.
const performance = `{"machine":{}, "primitives":{"hello":{"256":0}, "evalsha":0, "batch_script":0, "insert256":0, "hot_update":0, "commit":0, "etcd_mutex16":0},
	"runs":[{"path":"full|p0|p2|reserve|sold_out|forged|limited|blacklisted", "transport":"http|inprocess", "buyers":256, "per_second":0, "p50_us":0,
	"p99_us":0, "cpu_us":0, "calls":{"sql":0,"commit":0,"redis":0,"produce":0,"etcd":0}}],
	"ratios":{"A1@64":0,"A1@256":0,"A2@64":0,"B1@256":0,"C1@256":0}, "checks":{"oversold":0,"lost":0,"duplicate":0,"events_missing":0}}`

func TestTheJSONHasItsShape(t *testing.T) {
	t.Parallel()
	r, err := main.Reported("-buyers 64,256", primitives, nil, whole(64), whole(256))
	require.NoError(t, err)
	got := saved(t, r)
	requireShape(t, got, performance)
	for key, value := range primitives {
		require.InDelta(t, value, got["primitives"].(map[string]any)[key], 1e-9, key)
	}
	require.Len(t, got["runs"], 3+9, "of 64 buyers full, p2 and p0; of 256 everything but hello")
}

// saved returns the report as a reader of the file gets it.
func saved(t *testing.T, r main.Report) map[string]any {
	file := filepath.Join(t.TempDir(), "out.json")
	require.NoError(t, main.Save(r, file))
	return decoded(t, file)
}

func decoded(t *testing.T, file string) (got map[string]any) {
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &got))
	return got
}

func requireShape(t *testing.T, got any, shape string) {
	t.Helper()
	var want any
	require.NoError(t, json.Unmarshal([]byte(shape), &want))
	fits(t, "", want, got)
}

// fits fails the test unless got has all keys of the shape, with values of its
// types. In the shape a list has one element, and a text the words to choose from.
func fits(t *testing.T, at string, shape, got any) {
	t.Helper()
	require.IsType(t, shape, got, at)
	switch shape := shape.(type) {
	case map[string]any:
		for key, value := range shape {
			require.Contains(t, got, key, at)
			fits(t, at+"."+key, value, got.(map[string]any)[key])
		}
	case []any:
		for i, one := range got.([]any) {
			if path := one.(map[string]any)["path"]; path != "full_100_goods" {
				fits(t, fmt.Sprintf("%s[%d]", at, i), shape[0], one)
			}
		}
		require.Equal(t, len(shape) == 0, len(got.([]any)) == 0, at)
	case string:
		require.Contains(t, strings.Split(shape, "|"), got, at)
	}
}

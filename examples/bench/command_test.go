package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	main "github.com/seckill-go/seckill/examples/bench"
)

func TestMistakesNameTheFlagAndWhatItExpects(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"-backends mixed":             "-backends: want embedded or real, got mixed",
		"-buyers 1,x":                 `flag -buyers: want numbers of 1 to 10000 with commas between, got "1,x"`,
		"-buyers 0":                   `flag -buyers: want numbers of 1 to 10000 with commas between, got "0"`,
		"-buyers 10001":               `flag -buyers: want numbers of 1 to 10000 with commas between, got "10001"`,
		"-buyers 1,,2":                `flag -buyers: want numbers of 1 to 10000 with commas between, got "1,,2"`,
		"-wait soon":                  `"soon" for flag -wait: want a time like 20s`,
		"-seconds 0.09":               "-seconds: want 0.1 to 60, got 0.09",
		"-seconds 61":                 "-seconds: want 0.1 to 60, got 61",
		"-seconds NaN":                "-seconds: want 0.1 to 60, got NaN",
		"-seconds 1s":                 `"1s" for flag -seconds: want 0.1 to 60`,
		"-rounds 0":                   "-rounds: want 1 to 20, got 0",
		"-rounds 21":                  "-rounds: want 1 to 20, got 21",
		"-rounds 1.5":                 `"1.5" for flag -rounds: want 1 to 20`,
		"-rounds 9999999999999999999": `"9999999999999999999" for flag -rounds: want 1 to 20`,
		"-only everything":            "-only: want one of blacklisted, forged, full, ",
		"-steady 0":                   "-steady: want 0.01 to 10, got 0",
		"-steady 11":                  "-steady: want 0.01 to 10, got 11",
		"-steady very":                `"very" for flag -steady: want 0.01 to 10`,
		"-orders 9999":                "-orders: want 10000 to 10000000, without -only, got 9999",
		"-orders 10000001":            "-orders: want 10000 to 10000000, without -only, got 10000001",
		"-orders many":                `"many" for flag -orders: want 10000 to 10000000`,
		"-only full -orders 10000":    "-orders: want 10000 to 10000000, without -only, got 10000",
		"-kafka embedded":             "-kafka: want embedded, with -backends real, got embedded",
		"-backends real -kafka real":  "-kafka: want embedded, with -backends real, got real",
		"-json":                       "flag needs an argument: -json",
		"-config":                     "flag needs an argument: -config",
		"-cpuprofile":                 "flag needs an argument: -cpuprofile",
		"-buyer 1":                    "flag provided but not defined: -buyer",
		"full":                        `want no arguments besides flags, got ["full"]`,
	} {
		t.Run(line, func(t *testing.T) {
			_, err := main.Ask(line)
			require.ErrorContains(t, err, want)
		})
	}
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := main.Ask("-backends x -seconds 0 -rounds 0 -only y more")
	for _, want := range []string{"-backends: ", "-seconds: ", "-rounds: ", "-only: ", `["more"]`} {
		require.ErrorContains(t, err, want)
	}
}

func TestWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	plain, err := main.Ask("")
	require.NoError(t, err)
	require.Equal(t, main.Asked{
		Config: "deploy/conf.yaml", Buyers: []int{1, 16, 64, 256, 1000}, Wait: 20 * time.Second, Measured: time.Second,
		Rounds: 3, Steady: .15, Steps: plain.Steps,
	}, plain)

	all, err := main.Ask("-backends real -kafka embedded -config c.yaml -buyers 64,4,64 -wait 0s -seconds 0.1 -rounds 20 -steady 10 -orders 10000 -json out.json -cpuprofile cpu")
	require.NoError(t, err)
	require.Equal(t, main.Asked{
		Real: true, GoKafka: true, Config: "c.yaml", Buyers: []int{4, 64}, Measured: 100 * time.Millisecond, Rounds: 20, Steady: 10,
		Orders: 10_000, JSON: "out.json", CPU: "cpu", Steps: all.Steps,
	}, all)

	one, err := main.Ask("-only inprocess")
	require.NoError(t, err)
	require.Equal(t, "inprocess", one.Only)
}

func TestHelpListsEveryFlag(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"-h", "-help", "-rounds 2 -h"} {
		asked, err := main.Ask(line)
		require.NoError(t, err)
		require.True(t, asked.Help)
		for flag := range strings.FieldsSeq("backends kafka config buyers wait seconds rounds only steady orders json cpuprofile") {
			require.Contains(t, asked.Usage, "  -"+flag+" ")
		}
	}
}

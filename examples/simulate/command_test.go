package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	main "github.com/seckill-go/seckill/examples/simulate"
)

func TestMistakesNameTheFlagAndWhatItExpects(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"-url 127.0.0.1:8000":          "-url: want http://host:port or https://host, got 127.0.0.1:8000",
		"-url ftp://host":              "-url: want http://host:port or https://host, got ftp://host",
		"-url http://":                 "-url: want http://host:port",
		"-url http://a:b@host":         "-url: want http://host:port",
		"-url=":                        "-url: want http://host:port",
		"-goods tea.cup":               "-goods: want an id of 1 to 64 of A-Z a-z 0-9 _ -, got tea.cup",
		"-units 0":                     "-units: want 1 to 1000000, without -url, got 0",
		"-units many":                  `"many" for flag -units: want 1 to 1000000`,
		"-units 5 -url http://host":    "-units: want 1 to 1000000, without -url, got 5",
		"-users 0":                     "-users: want 1 to 200000, got 0",
		"-users 200001":                "-users: want 1 to 200000, got 200001",
		"-users 1.5":                   `"1.5" for flag -users: want 1 to 200000`,
		"-duration 5":                  `"5" for flag -duration: want a time of 100ms to 1h`,
		"-duration 99ms":               "-duration: want a time of 100ms to 1h, got 99ms",
		"-duration 61m":                "-duration: want a time of 100ms to 1h, got 1h1m0s",
		"-curve bell":                  "-curve: want spike, ramp or constant, got bell",
		"-mix pay=80":                  `"pay=80" for flag -mix: want percents that add up to 100`,
		"-mix pay=80,steal=20":         "for flag -mix: want percents",
		"-mix pay=50,pay=50":           "for flag -mix: want percents",
		"-mix pay=150,abandon=-50":     "for flag -mix: want percents",
		"-mix pay=NaN":                 "for flag -mix: want percents",
		"-mix pay":                     "for flag -mix: want percents",
		"-bots 101":                    "-bots: want 0 to 100, got 101",
		"-bots NaN":                    "-bots: want 0 to 100, got NaN",
		"-double -1":                   "-double: want 0 to 100, got -1",
		"-retries 21":                  "-retries: want 0 to 20, got 21",
		"-connections 0":               "-connections: want 1 to 4096, got 0",
		"-paid-within 0s":              "-paid-within: want a time of 100ms to 10m, got 0s",
		"-seed -1":                     `"-1" for flag -seed: want a whole number from 0`,
		"-sessions tokens.txt":         "-sessions: want it with -url",
		"-admin token.txt":             "-admin: want it with -url",
		"-user 5":                      "flag provided but not defined: -user",
		"-json":                        "flag needs an argument: -json",
		"http://127.0.0.1:8000":        `want no arguments besides flags, got ["http://127.0.0.1:8000"]`,
		"-users 0 -bots 200 -curve x":  "-bots: want 0 to 100, got 200",
		"-bots 200 -users 0 -curve x ": "-curve: want spike, ramp or constant, got x",
	} {
		t.Run(line, func(t *testing.T) {
			_, err := main.Ask(line)
			require.ErrorContains(t, err, want)
		})
	}
}

func TestRightCommandLinesAreTaken(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"", "-url http://127.0.0.1:8000", "-url https://shop.example/ -sessions a -admin b", "-mix pay=100", "-mix fail=33.3,pay=33.3,abandon=33.4",
		"-seed 18446744073709551615 -users 200000 -bots 100 -double 0 -retries 0 -connections 4096 -curve ramp -duration 1h",
	} {
		_, err := main.Ask(line)
		require.NoError(t, err, line)
	}
}

func TestHelpListsEveryFlag(t *testing.T) {
	t.Parallel()
	usage, err := main.Ask("-h")
	require.NoError(t, err)
	for flag := range strings.FieldsSeq("url goods units users duration curve mix bots double retries connections paid-within sessions admin seed html json") {
		require.Contains(t, usage, "  -"+flag+" ")
	}
}

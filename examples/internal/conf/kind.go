package conf

import (
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kind reads the value of one key into its place in the configuration.
type kind struct {
	want         string // what is accepted, for a person
	list, secret bool
	set          func(string) bool
}

var (
	keyID     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)
	hostname  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)
	schema    = regexp.MustCompile(`^[A-Za-z0-9_$-]{1,64}$`)
	topicName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,249}$`)
	printable = regexp.MustCompile(`^[^\x00-\x1f\x7f]{1,255}$`)
	bearer    = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{22,256}$`)
)

func matching(p *string, re *regexp.Regexp, want string) kind {
	return kind{want: want, set: func(s string) bool {
		*p = s
		return re.MatchString(s)
	}}
}

func oneOf(p *string, values ...string) kind {
	return kind{want: strings.Join(values, " or "), set: func(s string) bool {
		*p = s
		return slices.Contains(values, s)
	}}
}

func number(p *int, low, high int) kind {
	return kind{want: fmt.Sprintf("a whole number from %d to %d", low, high), set: func(s string) (ok bool) {
		*p, ok = whole(s, low, high)
		return ok
	}}
}

func seconds(p *time.Duration, low, high int) kind {
	return kind{want: fmt.Sprintf("whole seconds from %d to %d", low, high), set: func(s string) bool {
		n, ok := whole(s, low, high)
		*p = time.Duration(n) * time.Second
		return ok
	}}
}

func whole(s string, low, high int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && low <= n && n <= high
}

func host(p *string) kind {
	return kind{want: "a host name or an IP address", set: func(s string) bool {
		*p = s
		return hostname.MatchString(s) || net.ParseIP(s) != nil
	}}
}

func address(p *string) kind {
	return kind{want: "host:port", set: func(s string) bool {
		*p = s
		return isAddress(s)
	}}
}

func addresses(p *[]string) kind {
	return kind{want: "a list of host:port", list: true, set: func(s string) bool {
		*p = nil
		for part := range strings.SplitSeq(s, ",") {
			*p = append(*p, strings.TrimSpace(part))
		}
		return !slices.ContainsFunc(*p, func(s string) bool { return !isAddress(s) })
	}}
}

func isAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	_, ok := whole(port, 1, 65535)
	return err == nil && ok && (hostname.MatchString(host) || net.ParseIP(host) != nil)
}

func level(p *slog.Level) kind {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	return kind{want: "debug, info, warn or error", set: func(s string) (ok bool) {
		*p, ok = levels[s]
		return ok
	}}
}

func password(p *Secret) kind {
	return secret(p, "1 to 255 characters, none of them a control character", printable.MatchString)
}

func secret(p *Secret, want string, ok func(string) bool) kind {
	return kind{want: want, secret: true, set: func(s string) bool {
		*p = Secret(s)
		return ok(s)
	}}
}

func keys(p *[]Key) kind {
	const want = "id:base64 of at least 32 random bytes, more with commas between them and other ids"
	return kind{want: want, list: true, secret: true, set: func(s string) (ok bool) {
		*p, ok = ParseKeys(s)
		return ok
	}}
}

// Package jsonappend writes JSON by appending, the bytes that encoding/json would
// write. It is for what is written for each buyer: encoding/json's reflection, and
// its second look at what it wrote, cost several times the writing.
package jsonappend

import (
	"encoding/json"
	"strings"
	"time"
)

// verbatim are the bytes that encoding/json writes in a string as they are.
var verbatim = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = !strings.ContainsRune(`"\<>&`, c)
	}
	return is
}()

// String appends a string with its quotes. It leaves to encoding/json what is not
// verbatim.
func String(b []byte, s string) []byte {
	for i := range len(s) {
		if !verbatim[s[i]] {
			escaped, _ := json.Marshal(s) // Cannot fail: a string.
			return append(b, escaped...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// Time appends a time with its quotes. It fails where encoding/json does: beyond
// the years 0 to 9999, and for a zone that RFC 3339 cannot write.
func Time(b []byte, t time.Time) ([]byte, error) {
	b, err := t.AppendText(append(b, '"'))
	return append(b, '"'), err
}

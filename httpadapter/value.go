package httpadapter

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// value is what was sent for a field.
type value struct {
	kind kind
	text string
}

type kind uint8

const (
	untyped kind = iota // from a query, which has text only
	isString
	isNumber
	isBool
	isOther
)

func (v value) isText() bool   { return v.kind == isString || v.kind == untyped }
func (v value) isNumber() bool { return v.kind == isNumber || v.kind == untyped }

// whole returns the text, for a JSON number without a fraction of zero: 5.0 is 5.
func (v value) whole() string {
	if whole, zeros, ok := strings.Cut(v.text, "."); ok && v.kind == isNumber && zeros != "" && strings.Trim(zeros, "0") == "" {
		return whole
	}
	return v.text
}

// id is the name of a user, a goods or an order.
type id string

func isID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 64
}

// maxNumericID is the largest whole number that every JSON library keeps: 2^53 - 1.
const maxNumericID = 1<<53 - 1

// isNumericID reports whether an id is one that a client may send as a JSON number,
// which is from 0 to maxNumericID.
func isNumericID(i *id) bool {
	*i = id(value{isNumber, string(*i)}.whole())
	n, err := strconv.ParseUint(string(*i), 10, 64)
	return err == nil && n <= maxNumericID
}

// isActor reports whether a text can stand for an operator in the audit log.
func isActor(s string) bool {
	printable := utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
	return printable && strings.TrimSpace(s) != "" && len(s) <= 256
}

// timePattern is that of TimeInput in the document: in UTC the year is 1970 to 9999,
// beyond which no JSON and no database takes a time.
var timePattern = regexp.MustCompile(`^(19[7-9][1-9]|19[89]0|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-` +
	`[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// set sets what into points to, and reports whether the value is as wanted.
func set(into any, v value) bool {
	var err error
	switch to := into.(type) {
	case *id:
		*to = id(v.text)
		return v.isText() && isID(v.text) || v.kind == isNumber && isNumericID(to)
	case *string:
		*to = v.text
		return v.isText()
	case *int:
		*to, err = strconv.Atoi(v.whole())
		return v.isNumber() && err == nil
	case *int64:
		*to, err = strconv.ParseInt(v.whole(), 10, 64)
		return v.isNumber() && err == nil
	case *bool:
		*to = v.text == "true" || v.kind == untyped && v.text == "1"
		known := *to || v.text == "false" || v.kind == untyped && v.text == "0"
		return v.kind != isString && known
	case *time.Duration:
		*to, err = duration(v.whole())
		return (v.isText() || v.isNumber()) && err == nil && *to >= 0
	case *time.Time:
		*to, err = time.Parse(time.RFC3339, v.text) // which also takes an hour of one digit, or a comma
		return v.isText() && err == nil && timePattern.MatchString(v.text)
	}
	return false
}

// wanted is what set takes, for the answer to something else.
func wanted(into any) string {
	switch into.(type) {
	case *id:
		return `a string of 1 to 64 letters, digits, _ or -, such as "1001", or a number from 0 to 2^53-1`
	case *int, *int64:
		return "a whole number"
	case *bool:
		return "true or false"
	case *time.Duration:
		return `a duration such as "90s" or "24h", or whole seconds`
	case *time.Time:
		return `a time such as "2026-11-11T20:00:00Z"`
	}
	return "a string"
}

// duration reads "1m30s", or 90 for the same.
func duration(s string) (time.Duration, error) {
	if seconds, err := strconv.ParseUint(s, 10, 33); err == nil {
		return time.Duration(seconds) * time.Second, nil
	}
	return time.ParseDuration(s)
}

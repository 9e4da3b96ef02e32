package httpadapter

import (
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

// isActor reports whether a text can stand for an operator in the audit log.
func isActor(s string) bool {
	printable := utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
	return printable && strings.TrimSpace(s) != "" && len(s) <= 256
}

// set sets what into points to, and reports whether the value is as wanted.
func set(into any, v value) bool {
	var err error
	switch to := into.(type) {
	case *id:
		*to = id(v.text)
		return v.isText() && isID(v.text)
	case *string:
		*to = v.text
		return v.isText()
	case *int:
		*to, err = strconv.Atoi(v.text)
		return v.isNumber() && err == nil
	case *int64:
		*to, err = strconv.ParseInt(v.text, 10, 64)
		return v.isNumber() && err == nil
	case *bool:
		*to = v.text == "true" || v.text == "1"
		known := *to || v.text == "false" || v.text == "0"
		return v.kind != isString && known
	case *time.Duration:
		*to, err = duration(v.text)
		return (v.isText() || v.isNumber()) && err == nil && *to >= 0
	case *time.Time:
		*to, err = time.Parse(time.RFC3339, v.text)
		year := to.UTC().Year() // beyond these no JSON and no database takes it
		return v.isText() && err == nil && 1970 <= year && year <= 9999
	}
	return false
}

// wanted is what set takes, for the answer to something else.
func wanted(into any) string {
	switch into.(type) {
	case *id:
		return "a string of 1 to 64 letters, digits, _ or -"
	case *int, *int64:
		return "a whole number"
	case *bool:
		return "true, false, 1 or 0"
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

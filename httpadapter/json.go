package httpadapter

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/seckill-go/seckill/internal/jsonflat"
)

// fromJSON sets the fields from one JSON object. An object in the object has its
// fields under names with a dot: "price.amount".
func fromJSON(body []byte, fields []field) error {
	if !jsonflat.Is(body) && (!utf8.Valid(body) || !json.Valid(body)) {
		return invalid("body: want one JSON object in UTF-8")
	}
	t := tokens{body}
	if t.next()[0] != '{' {
		return invalid("body: want a JSON object")
	}
	return t.object("", fields)
}

// tokens takes JSON apart that is known to be valid. The Decoder of encoding/json
// could do it too, for five times the allocations of the rest of a refusal.
type tokens struct{ rest []byte }

// next returns a brace, a bracket, a string with its quotes, a number or a word.
// As the JSON is valid, all between them can be left out.
func (t *tokens) next() []byte {
	for isBetween(t.rest[0]) {
		t.rest = t.rest[1:]
	}
	n := 1
	switch t.rest[0] {
	case '{', '}', '[', ']':
	case '"':
		n = stringSize(t.rest)
	default:
		if n = bytes.IndexAny(t.rest, " \t\r\n,]}"); n < 0 {
			n = len(t.rest)
		}
	}
	token := t.rest[:n]
	t.rest = t.rest[n:]
	return token
}

func isBetween(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ':':
		return true
	}
	return false
}

// stringSize returns how long the string is that b begins with, with its quotes.
func stringSize(b []byte) int {
	n := 1 + bytes.IndexByte(b[1:], '"')
	if bytes.IndexByte(b[:n], '\\') < 0 {
		return n + 1
	}
	for n = 1; b[n] != '"'; n++ {
		if b[n] == '\\' {
			n++
		}
	}
	return n + 1
}

// object sets the fields from the rest of an object whose brace is read.
func (t *tokens) object(prefix string, fields []field) error {
	for token := t.next(); token[0] != '}'; token = t.next() {
		key := unquoted(token)
		name := prefix + key
		if strings.Contains(key, ".") { // price.amount is a name in queries and forms
			return invalid("%.80q: no such field", name)
		}
		token = t.next()
		if hasInner(fields, name) {
			if token[0] != '{' {
				return invalid("%s: want an object", name)
			}
			if err := t.object(name+".", fields); err != nil {
				return err
			}
			needInner(fields, name)
			continue
		}
		f := find(fields, name)
		if f == nil {
			return invalid("%.80q: no such field", name)
		}
		if err := f.take(theBody, valueOf(token)); err != nil {
			return err
		}
	}
	return nil
}

func valueOf(token []byte) value {
	switch c := token[0]; {
	case c == '"':
		return value{isString, unquoted(token)}
	case c == 't' || c == 'f':
		return value{isBool, string(token)}
	case c == '-' || '0' <= c && c <= '9':
		return value{isNumber, string(token)}
	}
	return value{isOther, ""}
}

func unquoted(token []byte) string {
	if bytes.IndexByte(token, '\\') < 0 {
		return string(token[1 : len(token)-1])
	}
	var s string
	_ = json.Unmarshal(token, &s) // it is a valid string
	return s
}

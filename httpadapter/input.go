package httpadapter

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/seckill-go/seckill"
)

// field is one input of a route. The type of what into points to says what a value
// may be; see value.go.
type field struct {
	name     string
	into     any
	optional bool

	from source
}

// source is where a field's value came from.
type source uint8

const (
	nowhere source = iota
	theQuery
	theBody
)

func need(name string, into any) field { return field{name: name, into: into} }
func may(name string, into any) field  { return field{name: name, into: into, optional: true} }

// read sets the fields from the body and, where the body has none, from the query.
func read(r *http.Request, fields ...field) error {
	return withBody(r, func(media string, body []byte) error { return parse(media, body, r.URL.RawQuery, fields) })
}

func parse(media string, body []byte, query string, fields []field) error {
	var err error
	switch {
	case media == typeForm:
		err = fromForm(string(body), fields)
	case len(body) > 0:
		err = fromJSON(body, fields)
	}
	if err != nil {
		return err
	}
	if query != "" {
		if err := fromQuery(query, fields); err != nil {
			return err
		}
	}
	for i := range fields {
		if f := &fields[i]; f.from == nowhere && !f.optional {
			return f.invalid("missing, want " + wanted(f.into))
		}
	}
	return nil
}

// fromForm sets the fields from a form. As in JSON, what is no field is refused.
func fromForm(form string, fields []field) error {
	values, err := url.ParseQuery(form)
	if err != nil {
		return invalid("body: want name=value pairs, percent-encoded")
	}
	for name, texts := range values {
		f := find(fields, name)
		if f == nil {
			return invalid("%.80q: no such field", name)
		}
		for _, text := range texts {
			if err := f.take(theBody, value{untyped, text}); err != nil {
				return err
			}
		}
	}
	return nil
}

// fromQuery sets fields that the body has not. Other parameters are no fault: a
// query picks things up on its way.
func fromQuery(query string, fields []field) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return invalid("query: want name=value pairs, percent-encoded")
	}
	for name, texts := range values {
		f := find(fields, name)
		if f == nil || f.from == theBody {
			continue
		}
		for _, text := range texts {
			if err := f.take(theQuery, value{untyped, text}); err != nil {
				return err
			}
		}
	}
	return nil
}

// take sets the field, once.
func (f *field) take(from source, v value) error {
	if f.from != nowhere {
		return f.invalid("given twice")
	}
	f.from = from
	if !set(f.into, v) {
		return f.invalid("want " + wanted(f.into))
	}
	return nil
}

// invalid refuses the field. The copy of its name is for the compiler, which leaves
// the fields of every request on the stack if nothing of them gets away.
func (f *field) invalid(why string) *seckill.Refusal {
	return invalid("%s: %s", strings.Clone(f.name), why)
}

// find returns the field of that name, or nil. "gid" is goods_id as well.
func find(fields []field, name string) *field {
	if name == "gid" {
		name = "goods_id"
	}
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
}

// needInner makes the fields of an object needed, which is there and so has to be whole.
func needInner(fields []field, name string) {
	for i := range fields {
		if rest, ok := strings.CutPrefix(fields[i].name, name); ok && strings.HasPrefix(rest, ".") {
			fields[i].optional = false
		}
	}
}

// hasInner reports whether there are fields in an object of that name.
func hasInner(fields []field, name string) bool {
	for i := range fields {
		if rest, ok := strings.CutPrefix(fields[i].name, name); ok && strings.HasPrefix(rest, ".") {
			return true
		}
	}
	return false
}

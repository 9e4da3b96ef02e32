package conf

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// fromYAML returns what the file gives. It walks the syntax tree instead of
// decoding it, so that each mistake is named and has its line.
func fromYAML(name, text string) (map[string]given, []fault) {
	d := document{name: name, values: make(map[string]given)}
	tree, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	switch syntax, ok := errors.AsType[*yaml.SyntaxError](err); {
	case ok:
		d.fault(syntax.GetToken().Position.Line, "", syntax.GetMessage())
	case err != nil:
		d.fault(0, "", err.Error())
	case len(tree.Docs) > 1:
		d.fault(tree.Docs[1].Start.Position.Line, "", "want one document, got more")
	case len(tree.Docs) == 1 && tree.Docs[0].Body != nil:
		d.pairs(tree.Docs[0].Body, "", d.section)
	}
	return d.values, d.faults
}

type document struct {
	name   string
	values map[string]given
	faults []fault
}

func (d *document) fault(line int, key, text string) {
	d.faults = append(d.faults, fault{line, d.at(line, key) + ": " + text})
}

func (d *document) at(line int, key string) string {
	at := d.name
	if line > 0 {
		at = fmt.Sprintf("%s:%d", d.name, line)
	}
	if key != "" {
		at += ": " + key
	}
	return at
}

// pairs calls each for every key of a mapping.
func (d *document) pairs(n ast.Node, key string, each func(line int, key string, value ast.Node)) {
	switch n := n.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
	case ast.MapNode:
		seen := make(map[string]bool)
		for all := n.MapRange(); all.Next(); {
			token := all.Key().GetToken()
			line, name := token.Position.Line, token.Value
			if seen[name] {
				d.fault(line, name, "given twice")
				continue
			}
			seen[name] = true
			each(line, name, all.Value())
		}
	default:
		d.fault(lineOf(n), key, "want keys with values")
	}
}

func (d *document) section(line int, section string, value ast.Node) {
	if !slices.Contains(sections(), section) {
		d.fault(line, fmt.Sprintf("%.80q", section), "unknown section, want one of "+strings.Join(sections(), ", "))
		return
	}
	d.pairs(value, section, func(line int, name string, value ast.Node) {
		if !known(section + "." + name) {
			d.fault(line, fmt.Sprintf("%s.%.80s", section, name), "unknown key, want one of "+namesOf(section))
			return
		}
		d.value(line, section+"."+name, value)
	})
}

func (d *document) value(line int, name string, n ast.Node) {
	g := given{from: d.at(line, name), line: line}
	parts := []ast.Node{n}
	if s, ok := n.(*ast.SequenceNode); ok {
		parts, g.list = s.Values, true
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		var ok bool
		if texts[i], ok = scalar(part); !ok {
			d.fault(line, name, "want a plain value or a list of them, in quotes if there is a colon in it")
			return
		}
	}
	if g.value = strings.Join(texts, ","); g.value != "" {
		d.values[name] = g
	}
}

// scalar returns a value as it is written, so that a password of digits stays one.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.NullNode:
		return "", true
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

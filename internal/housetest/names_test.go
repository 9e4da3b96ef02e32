package housetest_test

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

var nameRules = []rule{
	{"CommandsInSentencesRunATest", idle, map[string]string{
		"SECURITY.md": "`go test -run 'Forged\\|Lost' ./ticket`", "ticket/t_test.go": "package ticket_test\nfunc TestForged() {}",
	}},
	{"CommandsInSentencesRunAProgram", idle, map[string]string{"README.md": "`go run ./examples/gone`"}},
	{"TestsNamedInTheDocumentsExist", nameless, map[string]string{
		"docs/guarantees.md": "`TestNeverOversells`", "stock/s_test.go": "package stock_test\nfunc TestOversells() {}",
	}},
	{"NamedErrorsBeginWithTheirPackage", strayErrors, map[string]string{
		"stock/stock.go": "package stock\nvar ErrGone = errors.New(\"no stock\")",
	}},
	{"NoErrorBeginsWithAnotherPackage", strayErrors, map[string]string{
		"stock/stock.go": "package stock", "stock/rstock/put.go": "package rstock\nvar err = fmt.Errorf(\"stock: put: %w\", cause)",
	}},
}

var (
	namedError = regexp.MustCompile(`(?m)^\s*(?:var )?(Err\w+)\s*=\s*(?:errors\.New|fmt\.Errorf)\("([^"]*)"`)
	anyError   = regexp.MustCompile(`(?:errors\.New|fmt\.Errorf)\("([a-z/]+): `)

	sentence = regexp.MustCompile("`go (test|run) ([^`]*)`")
	words    = regexp.MustCompile(`'[^']*'|\S+`)
	testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)(…?)`")
)

// idle: a command that runs no test is green for ever.
func idle(r *tree) (faults []string) {
	for _, p := range r.paths(".md") {
		for _, m := range sentence.FindAllStringSubmatch(anyFence.ReplaceAllString(r.texts[p], ""), -1) {
			if fault := r.idles(m[1], words.FindAllString(m[2], -1)); fault != "" {
				faults = append(faults, fmt.Sprintf("%s: %s: %s", p, m[0], fault))
			}
		}
	}
	return faults
}

// idles says why a command runs nothing, "" if it runs something.
func (r *tree) idles(verb string, args []string) string {
	var wanted, folders []string
	for i, arg := range args {
		switch {
		case i > 0 && (args[i-1] == "-run" || args[i-1] == "-bench"):
			// In a table, the bar between two names has a stroke before it.
			wanted = append(wanted, strings.Split(strings.ReplaceAll(strings.Trim(arg, "'"), `\|`, "|"), "|")...)
		case arg == "." || strings.HasPrefix(arg, "./") && arg != "./...":
			folders = append(folders, path.Clean(arg))
		}
	}
	for _, folder := range folders {
		k := r.packages[folder]
		if k == nil || verb == "run" && k.name != "main" || verb == "test" && len(k.tests) == 0 {
			return "nothing to run in " + folder
		}
	}
	if len(folders) == 0 {
		return ""
	}
	for _, want := range wanted {
		if want != "^$" && !slices.ContainsFunc(r.tests(folders), func(name string) bool { return strings.Contains(name, want) }) {
			return "nothing is called " + want
		}
	}
	return ""
}

// tests returns the names of the test functions in the folders, in any if there are
// none.
func (r *tree) tests(folders []string) (names []string) {
	for _, p := range r.paths("_test.go") {
		if folders != nil && !slices.Contains(folders, path.Dir(p)) {
			continue
		}
		for _, d := range r.code[p].Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func nameless(r *tree) (faults []string) {
	all := r.tests(nil)
	for _, p := range r.paths(".md") {
		for _, m := range testName.FindAllStringSubmatch(r.texts[p], -1) {
			if !slices.ContainsFunc(all, func(name string) bool { return name == m[1] || m[2] != "" && strings.HasPrefix(name, m[1]) }) {
				faults = append(faults, p+": there is no "+m[1])
			}
		}
	}
	return faults
}

// strayErrors: the text of an error begins with the package that returns it, so that a
// log line says where to look, whichever contract the package implements.
func strayErrors(r *tree) (faults []string) {
	packages := map[string]bool{}
	for _, k := range r.packages {
		packages[k.name] = k.name != "main"
	}
	for _, p := range r.paths(".go") {
		name := r.code[p].Name.Name
		if isTest(p) || name == "main" {
			continue
		}
		for _, m := range namedError.FindAllStringSubmatch(r.texts[p], -1) {
			if !strings.HasPrefix(m[2], name+": ") {
				faults = append(faults, fmt.Sprintf("%s: %s: want a text that begins with %q, got %q", p, m[1], name+": ", m[2]))
			}
		}
		for _, m := range anyError.FindAllStringSubmatch(r.texts[p], -1) {
			if last := path.Base(m[1]); packages[last] && m[1] != name {
				faults = append(faults, fmt.Sprintf("%s: an error begins with %q, want %q", p, m[1]+": ", name+": "))
			}
		}
	}
	return faults
}

package housetest_test

import (
	"fmt"
	"go/ast"
	"path"
	"strings"
)

var codeRules = []rule{
	{"EveryPackageHasAComment", uncommented, map[string]string{"stock/stock.go": "package stock"}},
	{"FilesStayShort", long, map[string]string{"stock/stock.go": "package stock\n" + strings.Repeat("//\n", 300)}},
	{"FunctionsStayShort", longFunctions, map[string]string{
		"stock/stock.go": "package stock\nfunc f() {" + strings.Repeat("\n", 60) + "}",
	}},
	{"TestsStandOutside", inside, map[string]string{"stock/stock_test.go": "package stock"}},
	{"NothingIsSkipped", skipped, map[string]string{
		"stock/stock_test.go": "package stock_test\nfunc TestX(t *testing.T) { t.Skip() }",
	}},
	{"NothingIsLeftForLater", later, map[string]string{"stock/stock.go": "package stock\n// " + "TO" + "DO: the rest"}},
	{"OnlyTheProjectSpeaks", betrayed, map[string]string{"README.md": "see /ro" + "ot/notes"}},
}

// mostLines is where a reader loses the thread, in code. A test's file is a list
// of claims, which may be longer.
const mostLines, mostTestLines, mostFunctionLines = 300, 500, 60

// longer are the files that may be longer than that, and why.
var longer = map[string]string{
	"client/client.gen.go": "it is made from the API's document, and read there",
}

// longerFunctions are the functions that may be longer than mostFunctionLines, and
// why.
var longerFunctions = map[string]string{}

func uncommented(r *tree) (faults []string) {
	for _, folder := range r.folders() {
		if !r.packages[folder].comment {
			faults = append(faults, folder+": no package comment")
		}
	}
	return faults
}

func long(r *tree) (faults []string) {
	for _, p := range r.paths(".go") {
		lines, most := strings.Count(r.texts[p], "\n"), mostLines
		if isTest(p) {
			most = mostTestLines
		}
		if _, ok := longer[p]; ok == (lines > most) {
			continue
		} else if ok {
			faults = append(faults, p+": needs its exception no more")
			continue
		}
		faults = append(faults, fmt.Sprintf("%s: %d lines, want at most %d, or a reason", p, lines, most))
	}
	return faults
}

func longFunctions(r *tree) (faults []string) {
	for _, p := range r.paths(".go") {
		if isTest(p) {
			continue
		}
		for _, d := range r.code[p].Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			lines := r.set.Position(f.Body.Rbrace).Line - r.set.Position(f.Body.Lbrace).Line
			if name := p + " " + f.Name.Name; lines >= mostFunctionLines && longerFunctions[name] == "" {
				faults = append(faults, fmt.Sprintf("%s: %d lines, want fewer than %d, or a reason", name, lines, mostFunctionLines))
			}
		}
	}
	return faults
}

// inside: a test that sees only what users see proves what users get. What it has
// to reach all the same is handed out by one file, export_test.go.
func inside(r *tree) (faults []string) {
	for _, p := range r.paths("_test.go") {
		if f := r.code[p]; path.Base(p) != "export_test.go" && !strings.HasSuffix(f.Name.Name, "_test") {
			faults = append(faults, p+": package "+f.Name.Name+", want "+f.Name.Name+"_test")
		}
	}
	return faults
}

func skipped(r *tree) (faults []string) {
	for _, p := range r.paths(".go") {
		ast.Inspect(r.code[p], func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "Skip" || s.Sel.Name == "Skipf" || s.Sel.Name == "SkipNow") {
				faults = append(faults, r.set.Position(n.Pos()).String()+": "+s.Sel.Name)
			}
			return true
		})
	}
	return faults
}

// later: what is not done is said to the reader in a document, not to the writer in
// the code.
func later(r *tree) []string {
	return r.grep(r.paths(".go"), "// "+"TODO", "// "+"FIXME", "// "+"XXX", "panic(\""+"not implemented")
}

// betrayed: nothing of the machine that a change was made on stands in the tree.
func betrayed(r *tree) []string {
	return r.grep(r.paths(""), "/ro"+"ot/", "/wo"+"rk/", "/ho"+"me/", "/tmp"+"/", "pro"+"xy.golang.org", "gopro"+"xy", "sum."+"golang.org",
		"language"+" model", "as an"+" AI", "co-"+"authored-by", "generated"+" with")
}

// grep names where each of the words, in any case, stands first in a file.
func (r *tree) grep(paths []string, words ...string) (faults []string) {
	for _, p := range paths {
		text := strings.ToLower(r.texts[p])
		for _, w := range words {
			if before, _, found := strings.Cut(text, strings.ToLower(w)); found {
				faults = append(faults, fmt.Sprintf("%s:%d: %q", p, strings.Count(before, "\n")+1, w))
			}
		}
	}
	return faults
}

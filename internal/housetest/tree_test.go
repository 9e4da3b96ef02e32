// Package housetest holds the promises that the repository makes of itself: which
// package may import which, that what the documents show is compiled, that files
// stay short. A broken promise is a red test with the file's name in it.
package housetest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/seckill-go/seckill"

// tree is the repository as the rules see it.
type tree struct {
	texts    map[string]string // by path, all files
	code     map[string]*ast.File
	packages map[string]*pkg // by folder, "." for the root
	set      *token.FileSet
}

// pkg is one folder of Go code.
type pkg struct {
	files, tests []string // paths
	imports      []string // of files, without repetition
	testImports  []string
	name         string
	comment      bool
}

// read takes the tree in, without what .gitignore leaves out: what is built, what
// a server keeps, what a failed property test notes. Folders whose name begins
// with a dot are not part of it either, but for the one with the checks.
func read(t *testing.T, fsys fs.FS) *tree {
	t.Helper()
	r := &tree{texts: map[string]string{}, code: map[string]*ast.File{}, packages: map[string]*pkg{}, set: token.NewFileSet()}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && p != "." && p != ".ci":
			return fs.SkipDir
		case d.IsDir() && (p == "bin" || p == "data" || strings.HasSuffix(p, "testdata/rapid")):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		b, err := fs.ReadFile(fsys, p)
		r.texts[p] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.paths(".go") {
		f, err := parser.ParseFile(r.set, p, r.texts[p], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		r.code[p] = f
		r.add(p, f)
	}
	return r
}

func (r *tree) add(p string, f *ast.File) {
	folder := path.Dir(p)
	k := r.packages[folder]
	if k == nil {
		k = &pkg{}
		r.packages[folder] = k
	}
	k.comment = k.comment || f.Doc != nil
	imports := &k.imports
	if isTest(p) {
		imports = &k.testImports
		k.tests = append(k.tests, p)
	} else {
		k.name = f.Name.Name
		k.files = append(k.files, p)
	}
	for _, spec := range f.Imports {
		if name, _ := strconv.Unquote(spec.Path.Value); !slices.Contains(*imports, name) {
			*imports = append(*imports, name)
		}
	}
}

func isTest(p string) bool { return strings.HasSuffix(p, "_test.go") }

// paths returns the files with the given ending, sorted.
func (r *tree) paths(ending string) []string {
	var found []string
	for p := range r.texts {
		if strings.HasSuffix(p, ending) {
			found = append(found, p)
		}
	}
	slices.Sort(found)
	return found
}

// folders returns the folders with code in them, sorted.
func (r *tree) folders() []string {
	var found []string
	for f := range r.packages {
		found = append(found, f)
	}
	slices.Sort(found)
	return found
}

// folderOf returns the folder of an import path of this module, false for any
// other.
func folderOf(name string) (string, bool) {
	if name == module {
		return ".", true
	}
	return strings.CutPrefix(name, module+"/")
}

// isForeign tells a dependency from the standard library and this module.
func isForeign(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	_, own := folderOf(name)
	return !own && strings.Contains(first, ".")
}

// reach returns everything that linking the folder's package links, with one
// import chain for each.
func (r *tree) reach(folder string) map[string]string {
	found := map[string]string{}
	var visit func(folder, chain string)
	visit = func(folder, chain string) {
		k := r.packages[folder]
		if k == nil {
			return
		}
		for _, name := range k.imports {
			if _, seen := found[name]; seen {
				continue
			}
			found[name] = chain + " → " + name
			if own, ok := folderOf(name); ok {
				visit(own, chain+" → "+own)
			}
		}
	}
	visit(folder, folder)
	return found
}

package housetest_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var docRules = []rule{
	{"ReadmesStayShort", longReadmes, map[string]string{"README.md": strings.Repeat("\n", 151), "README.zh-CN.md": ""}},
	{"GoInTheDocumentsIsCompiled", uncompiled, map[string]string{"README.md": "```go\nx.Y()\n```\n", "a.go": "package a"}},
	{"LinksLeadSomewhere", dead, map[string]string{"README.md": "[a](b.md)"}},
	{"FilesNamedInTheDocumentsExist", lost, map[string]string{"DESIGN.md": "see (`stock/stock.go`)"}},
	{"TheChangelogIsOpen", closed, map[string]string{"CHANGELOG.md": "# Changelog\n"}},
	{"RoutesInTheReadmesExist", invented, map[string]string{
		"README.md": "| `GET /api/wishes` |", "httpadapter/openapi.yaml": "paths:\n  /api/goods/{id}:\n",
	}},
	{"TheLayoutNamesEveryRoom", unnamed, map[string]string{"README.md": "```\nlock/\n```\n", "lock/l.go": "package lock", "stock/s.go": "package stock"}},
	{"TheLayoutNamesNoOther", imagined, map[string]string{"README.md": "```\nlock/ stock/\n```\n", "lock/l.go": "package lock"}},
	{"TheTwoCommandsAreInView", hidden, map[string]string{"README.md": strings.Repeat("\n", 40) + "go test ./...\ngo run ./examples/server\n"}},
}

var readmes = []string{"README.md", "README.zh-CN.md"}

func longReadmes(r *tree) (faults []string) {
	for _, p := range readmes {
		text, ok := r.texts[p]
		if lines := strings.Count(text, "\n"); !ok || lines > 150 {
			faults = append(faults, fmt.Sprintf("%s: want it, with at most 150 lines, got %d", p, lines))
		}
	}
	return faults
}

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// blocks returns the code blocks of a document, language first.
func (r *tree) blocks(p string) [][2]string {
	var found [][2]string
	for _, m := range fence.FindAllStringSubmatch(r.texts[p], -1) {
		found = append(found, [2]string{m[1], m[2]})
	}
	return found
}

// uncompiled: a reader who copies gets what the compiler has seen. A block may
// leave out the indentation that it has in its file.
func uncompiled(r *tree) (faults []string) {
	for _, p := range r.paths(".md") {
		for _, b := range r.blocks(p) {
			if b[0] == "go" && !r.compiles(b[1]) {
				faults = append(faults, fmt.Sprintf("%s: a block that stands in no .go file:\n%s", p, b[1]))
			}
		}
	}
	return faults
}

func (r *tree) compiles(block string) bool {
	indented := indent.ReplaceAllString(block, "\t$0")
	for _, p := range r.paths(".go") {
		if strings.Contains(r.texts[p], block) || strings.Contains(r.texts[p], indented) {
			return true
		}
	}
	return false
}

var indent = regexp.MustCompile(`(?m)^.+$`)

var heading = regexp.MustCompile(`(?m)^(#+) `)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// links returns where a document's links lead, without what stands in code.
func (r *tree) links(p string) []string { return linksOf(r.texts[p]) }

func linksOf(text string) (found []string) {
	for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		found = append(found, m[1])
	}
	return found
}

// dead: a link inside the repository leads to a file or folder that is there.
func dead(r *tree) (faults []string) {
	for _, p := range r.paths(".md") {
		for _, to := range r.links(p) {
			to, _, _ := strings.Cut(to, "#")
			if to == "" || strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			if !r.exists(path.Join(path.Dir(p), to)) {
				faults = append(faults, p+": nothing at "+to)
			}
		}
	}
	return faults
}

var file = regexp.MustCompile("`([a-z0-9_/]+\\.(?:go|lua|sql))`")

// lost: a document that names a file follows it when it moves.
func lost(r *tree) (faults []string) {
	for _, p := range r.paths(".md") {
		for _, m := range file.FindAllStringSubmatch(r.texts[p], -1) {
			if !r.exists(m[1]) {
				faults = append(faults, p+": there is no "+m[1])
			}
		}
	}
	return faults
}

func (r *tree) exists(p string) bool {
	for f := range r.texts {
		if f == p || strings.HasPrefix(f, p+"/") {
			return true
		}
	}
	return false
}

func closed(r *tree) []string {
	if !strings.Contains(r.texts["CHANGELOG.md"], "\n## [Unreleased]\n") {
		return []string{"CHANGELOG.md: no chapter [Unreleased]"}
	}
	return nil
}

// hidden: the first page of each README shows how to try it and how to test it.
func hidden(r *tree) (faults []string) {
	for _, p := range readmes {
		lines := strings.Split(r.texts[p], "\n")
		first := lines[:min(len(lines), 40)]
		for _, command := range []string{"go run ./examples/server", "go test ./..."} {
			if !slices.ContainsFunc(first, func(l string) bool { return strings.HasPrefix(l, command) }) {
				faults = append(faults, p+": not on its first page: "+command)
			}
		}
	}
	return faults
}

var route = regexp.MustCompile("`[A-Z]+ (/[^` ?]+)`")

// invented: the tables of routes are short forms of the OpenAPI document.
func invented(r *tree) (faults []string) {
	for _, p := range readmes {
		for _, m := range route.FindAllStringSubmatch(r.texts[p], -1) {
			if !strings.Contains(r.texts["httpadapter/openapi.yaml"], "\n  "+m[1]+":\n") {
				faults = append(faults, p+": httpadapter/openapi.yaml knows no "+m[1])
			}
		}
	}
	return faults
}

// named returns the folders that a README's drawings name.
func (r *tree) named(p string) map[string]bool {
	rooms := map[string]bool{}
	for _, b := range r.blocks(p) {
		if b[0] != "" {
			continue
		}
		for word := range strings.FieldsSeq(b[1]) {
			if room, ok := strings.CutSuffix(word, "/"); ok {
				rooms[room] = true
			}
		}
	}
	return rooms
}

// rooms are the folders at the top that a user may enter.
func (r *tree) rooms() map[string]bool {
	rooms := map[string]bool{}
	for p := range r.texts {
		room, _, deep := strings.Cut(p, "/")
		if deep && room != "internal" && room != "tools" && !strings.HasPrefix(room, ".") {
			rooms[room] = true
		}
	}
	return rooms
}

func unnamed(r *tree) (faults []string) {
	for _, p := range readmes {
		for room := range r.rooms() {
			if !r.named(p)[room] {
				faults = append(faults, p+": its layout lacks "+room+"/")
			}
		}
	}
	return faults
}

func imagined(r *tree) (faults []string) {
	for _, p := range readmes {
		for room := range r.named(p) {
			if !r.rooms()[room] {
				faults = append(faults, p+": its layout names "+room+"/, which is not there")
			}
		}
	}
	return faults
}

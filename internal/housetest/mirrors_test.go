package housetest_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var mirrorRules = []rule{
	{"MirrorsTellTheSame", different, map[string]string{"README.md": "# A\n## B\n", "README.zh-CN.md": "# A\n"}},
	{"MirrorsHaveTheSameCode", different, map[string]string{
		"docs/a.md": "```bash\nmake a\n```\n", "docs/zh-CN/a.md": "```bash\nmake b\n```\n",
	}},
	{"MirrorsLeadToTheSame", different, map[string]string{
		"docs/a.md": "[b](b.md)", "docs/zh-CN/a.md": "[b](../c.md)", "docs/b.md": "", "docs/c.md": "",
	}},
	{"WhatAMirrorLacksIsThere", lacking, map[string]string{
		"docs/a.md": "# A\n## B\n", "docs/zh-CN/a.md": "# 甲\n<!-- not yet here: C -->\n",
	}},
}

// mirrors returns the Chinese documents with the English ones that they mirror.
func (r *tree) mirrors() map[string]string {
	found := map[string]string{}
	for _, p := range r.paths(".md") {
		if en := english(p); en != p {
			found[p] = en
		}
	}
	return found
}

// english is the document of which this one is the Chinese mirror, or itself.
func english(p string) string {
	return strings.Replace(strings.Replace(p, "docs/zh-CN/", "docs/", 1), ".zh-CN.md", ".md", 1)
}

// lack is how a mirror says that a chapter of the English document is not in it
// yet. Whoever adds one to the English alone puts such a line into the mirror.
var lack = regexp.MustCompile(`(?m)^<!-- not yet here: (.+) -->$`)

// mirrored is the English document without the chapters that its mirror lacks.
func (r *tree) mirrored(mirror string) string {
	text := r.texts[english(mirror)]
	for _, m := range lack.FindAllStringSubmatch(r.texts[mirror], -1) {
		text = without(text, m[1])
	}
	return text
}

// without cuts a chapter out of a document: from its heading to the next one that
// is as high.
func without(text, title string) string {
	start := regexp.MustCompile(`(?m)^(#+) ` + regexp.QuoteMeta(title) + `$`).FindStringSubmatchIndex(text)
	if start == nil {
		return text
	}
	level := start[3] - start[2]
	end := regexp.MustCompile(fmt.Sprintf(`(?m)^#{1,%d} `, level)).FindStringIndex(text[start[1]:])
	if end == nil {
		return text[:start[0]]
	}
	return text[:start[0]] + text[start[1]+end[0]:]
}

func lacking(r *tree) (faults []string) {
	for mirror, en := range r.mirrors() {
		for _, m := range lack.FindAllStringSubmatch(r.texts[mirror], -1) {
			if without(r.texts[en], m[1]) == r.texts[en] {
				faults = append(faults, fmt.Sprintf("%s: %s has no chapter %q", mirror, en, m[1]))
			}
		}
	}
	return faults
}

// different: whoever reads Chinese gets no less: the same chapters in the same
// order, the same code, the same links.
func different(r *tree) (faults []string) {
	for mirror, en := range r.mirrors() {
		same := func(what string, of func(p, text string) []string) {
			if a, b := of(en, r.mirrored(mirror)), of(mirror, r.texts[mirror]); !slices.Equal(a, b) {
				faults = append(faults, fmt.Sprintf("%s differ from those of %s:\n%q\n%q", what, mirror, a, b))
			}
		}
		same("levels of headings", func(_, text string) (levels []string) {
			for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
				levels = append(levels, m[1])
			}
			return levels
		})
		same("blocks", func(_, text string) (blocks []string) {
			for _, m := range fence.FindAllStringSubmatch(text, -1) {
				if m[1] != "" { // a drawing has words in it
					blocks = append(blocks, m[1]+"\n"+m[2])
				}
			}
			return blocks
		})
		same("links", func(p, text string) (links []string) {
			for _, to := range linksOf(text) {
				if to, _, _ = strings.Cut(to, "#"); to == "" {
					continue // a chapter's name is translated
				}
				if !strings.Contains(to, "://") {
					to = english(path.Join(path.Dir(p), to))
				}
				if to != en { // the way from one language to the other
					links = append(links, to)
				}
			}
			slices.Sort(links)
			return links
		})
	}
	return faults
}

package check

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

const dockerfilePath = "deploy/docker/Dockerfile"

func dockerfile(t Tree) []Fault {
	l := &list{file: dockerfilePath}
	stages, err := l.parse(filepath.Join(t.Root, dockerfilePath))
	if err != nil {
		l.add("file", "%v", err)
		return l.faults
	}
	context, err := newBuildContext(t.Root)
	if err != nil {
		l.add(".dockerignore", "%v", err)
		return l.faults
	}
	for i, stage := range stages {
		if stage.BaseName != "scratch" && !pinned(stage.BaseName) {
			l.add(at(stage.Location), "FROM %s: want an image with a version", stage.BaseName)
		}
		for _, c := range stage.Commands {
			l.command(c, stages[:i], context)
		}
	}
	l.unprivileged(stages[len(stages)-1])
	return l.faults
}

func (l *list) parse(file string) ([]instructions.Stage, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	tree, err := parser.Parse(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, text string, where []parser.Range) {
		l.add(at(where), "%s: %s", rule, text)
	}})
	stages, _, err := instructions.Parse(tree.AST, lint)
	return stages, err
}

func at(where []parser.Range) string {
	if len(where) == 0 {
		return "file"
	}
	return fmt.Sprintf("line %d", where[0].Start.Line)
}

// pinned reports whether an image's name has a version.
func pinned(image string) bool {
	_, tag, ok := strings.Cut(path.Base(image), ":")
	return ok && tag != "" && tag != "latest"
}

// command checks what the parser cannot know: that what is copied and built is there.
func (l *list) command(c instructions.Command, before []instructions.Stage, context buildContext) {
	switch c := c.(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			if _, ok := instructions.HasStage(before, c.From); !ok && !pinned(c.From) {
				l.add(at(c.Location()), "COPY --from=%s: no such stage before, and no image with a version", c.From)
			}
			return
		}
		for _, source := range c.SourcePaths {
			if !context.has(source) {
				l.add(at(c.Location()), "COPY %s: not in the build context", source)
			}
		}
	case *instructions.RunCommand:
		for _, folder := range packages.FindAllString(strings.Join(c.CmdLine, " "), -1) {
			if !context.has(folder) {
				l.add(at(c.Location()), "RUN: %s is not in the build context", folder)
			}
		}
	}
}

var (
	packages = regexp.MustCompile(`\./[a-z/]+`)
	number   = regexp.MustCompile(`^[1-9][0-9]*(:[1-9][0-9]*)?$`)
)

// unprivileged: the last USER is a number other than root's.
func (l *list) unprivileged(s instructions.Stage) {
	user := ""
	for _, c := range s.Commands {
		if u, ok := c.(*instructions.UserCommand); ok {
			user = u.User
		}
	}
	if !number.MatchString(user) {
		l.add("USER", "want the number of a user who is not root, got %q", user)
	}
}

// buildContext is what the builder gets to see of the tree.
type buildContext struct {
	root    string
	ignored *patternmatcher.PatternMatcher
}

func newBuildContext(root string) (buildContext, error) {
	f, err := os.Open(filepath.Join(root, dockerfilePath+".dockerignore"))
	if err != nil {
		return buildContext{}, err
	}
	defer f.Close()
	patterns, err := ignorefile.ReadAll(f)
	if err != nil {
		return buildContext{}, err
	}
	ignored, err := patternmatcher.New(slices.Clip(patterns))
	return buildContext{root, ignored}, err
}

// has reports whether a file, or a folder with at least one file, is in the context.
func (b buildContext) has(name string) bool {
	found := false
	filepath.WalkDir(filepath.Join(b.root, name), func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return nil
		}
		relative, _ := filepath.Rel(b.root, p)
		ignored, err := b.ignored.MatchesOrParentMatches(filepath.ToSlash(relative))
		if found = err == nil && !ignored; found {
			return filepath.SkipAll
		}
		return nil
	})
	return found
}

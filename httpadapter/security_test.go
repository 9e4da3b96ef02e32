package httpadapter_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var command = regexp.MustCompile("`go test -run (\\w+) \\./(\\w+)`")

// A command in SECURITY.md that runs no test would be green for ever.
func TestTheCommandsInSecurityRunATest(t *testing.T) {
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := command.FindAllStringSubmatch(string(text), -1)
	if want := strings.Count(string(text), "go test "); len(commands) != want || want < 10 {
		t.Errorf("%d commands, %d of them with a test and a folder", want, len(commands))
	}
	for _, c := range commands {
		files, _ := filepath.Glob("../" + c[2] + "/*_test.go")
		found := false
		for _, f := range files {
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(content), "\nfunc "+c[1]+"(")
		}
		if !found {
			t.Errorf("there is no %s in %s", c[1], c[2])
		}
	}
}

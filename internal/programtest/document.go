package programtest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Block is a fenced block of a document.
type Block struct{ Language, Text string }

var fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// Blocks returns the fenced blocks of a document.
func Blocks(t testing.TB, path string) []Block {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []Block
	for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, Block{m[1], m[2]})
	}
	return blocks
}

// Follow runs the bash blocks one after another in one shell, as a reader pastes
// them, for at most a minute, and fails the test where a command fails, or where the json or text block
// behind a bash block is not what it printed: JSON has to have the same fields of
// the same types, text to be in it. It returns how many answers were compared.
func Follow(t testing.TB, blocks []Block, env []string) (compared int) {
	t.Helper()
	const mark = "\n--- end of a block ---\n"
	var script strings.Builder
	script.WriteString("set -eu\n")
	for _, b := range blocks {
		if b.Language == "bash" {
			script.WriteString(b.Text + "\nprintf '%s' '" + mark + "'\n")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-c", script.String())
	shell.WaitDelay = time.Second
	shell.Env = env
	var out, faults Output
	shell.Stdout, shell.Stderr = &out, &faults
	if err := shell.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), faults.String())
	}
	printed, n := strings.Split(out.String(), mark), -1
	for i, b := range blocks {
		if b.Language == "bash" {
			n++
			continue
		}
		if i == 0 || blocks[i-1].Language != "bash" || b.Language != "json" && b.Language != "text" {
			continue
		}
		compared++
		if err := resembles(b, printed[n]); err != nil {
			t.Errorf("%v\n%s\nthe document says\n%s\nit was\n%s", err, blocks[i-1].Text, b.Text, printed[n])
		}
	}
	return compared
}

func resembles(b Block, printed string) error {
	if b.Language == "text" {
		if !strings.Contains(printed, strings.TrimSpace(b.Text)) {
			return fmt.Errorf("the text is not there")
		}
		return nil
	}
	var want, got any
	if err := json.Unmarshal([]byte(b.Text), &want); err != nil {
		return fmt.Errorf("the document's JSON: %w", err)
	}
	if err := json.Unmarshal([]byte(printed), &got); err != nil {
		return err
	}
	return alike("", want, got)
}

// alike compares shapes; null is like everything, and a list is compared by its
// first element.
func alike(at string, want, got any) error {
	if want == nil || got == nil {
		return nil
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		names, others := slices.Sorted(maps.Keys(w)), slices.Sorted(maps.Keys(g))
		if !ok || !slices.Equal(names, others) {
			return fmt.Errorf("%s: want the fields %v, got %v", at, names, others)
		}
		for _, name := range names {
			if err := alike(at+"."+name, w[name], g[name]); err != nil {
				return err
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(w) > 0 && len(g) == 0 {
			return fmt.Errorf("%s: want a list, got %v", at, got)
		}
		if len(w) > 0 {
			return alike(at+"[0]", w[0], g[0])
		}
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			return fmt.Errorf("%s: want something like %v, got %v", at, want, got)
		}
	}
	return nil
}

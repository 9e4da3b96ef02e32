package fault_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seckill-go/seckill/internal/fault"
)

func TestAPointDoesNothingUntilItIsArmed(t *testing.T) {
	var passed []string
	fault.Point("a")
	fault.Arm(func(name string) { passed = append(passed, name) })
	fault.Point("b")
	fault.Arm(nil)
	fault.Point("c")
	if !slices.Equal(passed, []string{"b"}) {
		t.Errorf("want b, got %v", passed)
	}
}

func TestAPointAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { fault.Point("a") }); n != 0 {
		t.Errorf("want no allocation, got %v", n)
	}
}

// BenchmarkPoint is what every normal program pays for a point.
func BenchmarkPoint(b *testing.B) {
	for b.Loop() {
		fault.Point("sale.reserved")
	}
}

var call = regexp.MustCompile(`\b(?:fault|crash)\.Point\("([^"]*)"\)`)

func TestEveryPointInTheSourceHasAMeaningAndEveryNameAPoint(t *testing.T) {
	found := map[string]string{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") ||
			strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal/fault/") {
			return err
		}
		text, err := fs.ReadFile(root, path)
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			if before, twice := found[m[1]]; twice {
				t.Errorf("%s is in %s and in %s", m[1], before, path)
			}
			if found[m[1]] = path; fault.Meaning(m[1]) == "" {
				t.Errorf("%s: nobody says what is true at %q", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fault.Names() {
		if found[name] == "" {
			t.Errorf("no point is called %q", name)
		}
	}
}

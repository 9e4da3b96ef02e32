package conf

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// Load reads the configuration from the file and the environment, which is in the
// form of os.Environ. The error joins one error for each mistake.
func Load(path string, environ []string) (Config, error) {
	text, err := readFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return Parse(path, text, environ)
}

// Parse is Load for a text that was read before; name is how mistakes call it.
func Parse(name, text string, environ []string) (Config, error) {
	c, faults := read(name, text, environ)
	if len(faults) == 0 {
		faults = c.relations()
	}
	return c, join(faults)
}

// Environment reads the sections server and log from the environment alone, for a
// program that brings its own backends. A variable that says where others are is a
// mistake: the program would not use them.
func Environment(environ []string) (Config, error) {
	var faults []fault
	own := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		variable, value, _ := strings.Cut(pair, "=")
		name, ok := keyOf(variable)
		if strings.HasPrefix(name, "server.") || strings.HasPrefix(name, "log.") {
			return false
		}
		if ok && value != "" && known(name) {
			faults = append(faults, fault{inEnvironment, variable + ": want it with a configuration file: without one all backends run inside the process"})
		}
		return true
	})
	c, more := read("", "", own)
	return c, join(append(faults, more...))
}

func read(name, text string, environ []string) (Config, []fault) {
	c := Default()
	file, faults := fromYAML(name, text)
	env, more := fromEnv(environ)
	faults = append(faults, more...)
	for _, k := range c.table() {
		faults = append(faults, k.read(file, env)...)
	}
	return c, faults
}

// given is a value that somebody gave for a key.
type given struct {
	value string
	list  bool
	from  string // what a mistake calls it
	line  int
}

// fault is one mistake and where it stands in the list of them.
type fault struct {
	line int
	text string
}

const (
	inEnvironment = math.MaxInt - 1
	atEnd         = math.MaxInt
)

func join(faults []fault) error {
	slices.SortStableFunc(faults, func(a, b fault) int { return a.line - b.line })
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = errors.New(f.text)
	}
	return errors.Join(errs...)
}

// read sets the key from the environment or, if it has nothing, from the file.
func (k key) read(file, env map[string]given) []fault {
	faults := append(contradiction(k.name, file), contradiction(k.name, env)...)
	for _, source := range []map[string]given{env, file} {
		if g, ok := source[k.name]; ok {
			return append(faults, k.set(g)...)
		}
		if g, ok := source[k.name+"_file"]; ok {
			text, err := readFile(g.value)
			if err != nil {
				return append(faults, fault{g.line, g.from + ": want the name of a readable file: " + err.Error()})
			}
			g.value = strings.TrimSpace(text)
			return append(faults, k.set(g)...)
		}
	}
	return faults
}

func contradiction(name string, source map[string]given) []fault {
	g, inline := source[name]
	f, file := source[name+"_file"]
	if !inline || !file {
		return nil
	}
	return []fault{{f.line, f.from + ": want either this or " + g.from + ", got both"}}
}

func (k key) set(g given) []fault {
	if k.kind.set(g.value) && (k.kind.list || !g.list) {
		return nil
	}
	got := fmt.Sprintf("%.80q", g.value)
	switch {
	case k.kind.secret:
		got = fmt.Sprintf("%d other characters", len(g.value))
	case g.list:
		got = "a list"
	}
	return []fault{{g.line, g.from + ": want " + k.kind.want + ", got " + got}}
}

// maxFile bounds the files that are read, 1 MiB.
const maxFile = 1 << 20

func readFile(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errors.New("not a regular file")
	case info.Size() > maxFile:
		return "", errors.New("larger than 1 MiB")
	}
	b, err := os.ReadFile(path)
	return string(b), err
}

package check

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// container is what a server in a container gets to see.
type container struct {
	args  []string
	env   map[string]string
	files map[string]string // contents by path
}

// stranger is a variable that is not the server's but Go's.
const stranger = "GOMEMLIMIT"

// configure has the server itself judge what the container gives it.
func (c container) configure(ctx context.Context, server string, l *list) {
	c.secrecy(l)
	i := slices.Index(c.args, "-config")
	if i < 0 || i+1 == len(c.args) {
		l.add("args", "want -config and a file, got %q", c.args)
		return
	}
	text, ok := c.files[c.args[i+1]]
	if !ok {
		l.add("args", "-config %s: nothing is mounted there", c.args[i+1])
		return
	}
	c.loads(ctx, server, text, l)
	c.reads(ctx, server, text, l)
}

// secrecy: a secret is never the value of a variable, and what names a file names
// one that is there.
func (c container) secrecy(l *list) {
	for _, name := range slices.Sorted(maps.Keys(c.env)) {
		_, mounted := c.files[c.env[name]]
		switch {
		case strings.HasSuffix(name, "_FILE") && !mounted:
			l.add(name, "nothing is mounted at %s", c.env[name])
		case strings.HasSuffix(name, "_FILE"):
		case isSecret(name):
			l.add(name, "a secret in the environment; want %s_FILE", name)
		case name != stranger && !strings.HasPrefix(name, "SECKILL_"):
			l.add(name, "no variable of the server")
		}
	}
}

func isSecret(name string) bool {
	return slices.ContainsFunc([]string{"PASSWORD", "TOKEN", "KEYS", "SECRET"}, func(s string) bool {
		return strings.HasSuffix(name, "_"+s)
	})
}

// loads: the server takes the configuration.
func (c container) loads(ctx context.Context, server, conf string, l *list) {
	said, err := c.ask(ctx, server, conf, func(name string) string {
		return sample(strings.TrimSuffix(name, "_FILE"))
	})
	if err != nil {
		l.add("configuration", "%v", err)
		return
	}
	for _, line := range said {
		l.add("configuration", "%s", line)
	}
}

// reads: the server knows each variable, as it complains by name of one that has
// a value which nothing takes. A misspelt section would be passed over otherwise.
func (c container) reads(ctx context.Context, server, conf string, l *list) {
	c.env = maps.Clone(c.env)
	for name := range c.env {
		if strings.HasPrefix(name, "SECKILL_") && !strings.HasSuffix(name, "_FILE") {
			c.env[name] = "\x01"
		}
	}
	said, err := c.ask(ctx, server, conf, func(string) string { return "\x01" })
	if err != nil {
		l.add("configuration", "%v", err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.env)) {
		known := slices.ContainsFunc(said, func(line string) bool {
			return strings.HasPrefix(line, name+": ") && !strings.Contains(line, "unknown key")
		})
		if strings.HasPrefix(name, "SECKILL_") && !known {
			l.add(name, "the server does not know this variable")
		}
	}
}

// nowhere is an address that nobody can listen on. The server reads all of its
// configuration before it tries, and starts nothing before that.
const nowhere = "127.0.0.1:-1"

// ask starts the server on a copy of the container's files, of which secret gives
// the contents of those that a variable names, and returns what it says about its
// configuration, line by line.
func (c container) ask(ctx context.Context, server, conf string, secret func(string) string) ([]string, error) {
	dir, err := os.MkdirTemp("", "container-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "conf.yaml")
	err = os.WriteFile(file, []byte(conf), 0o600)
	environ := []string{}
	for name, value := range c.env {
		if strings.HasSuffix(name, "_FILE") {
			value = filepath.Join(dir, name)
			err = errors.Join(err, os.WriteFile(value, []byte(secret(name)), 0o600))
		}
		environ = append(environ, name+"="+value)
	}
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, server, "-config", file, "-addr", nowhere)
	command.Env = environ
	out, _ := command.CombinedOutput() // it always fails, and says why
	text := strings.TrimSpace(strings.ReplaceAll(string(out), dir+string(filepath.Separator), ""))
	lines := strings.Split(text, "\n")
	switch {
	case strings.HasPrefix(text, "-addr "+nowhere):
		return nil, nil
	case strings.HasPrefix(lines[0], "the configuration cannot be used"):
		return lines[1:], nil
	}
	return nil, fmt.Errorf("the server says something unexpected: %s", text)
}

// Placeholders returns what the server says to the secrets of the example as they
// stand there.
func Placeholders(ctx context.Context, t Tree) string {
	text, err := os.ReadFile(filepath.Join(t.Root, manifests, example))
	if err != nil {
		return err.Error()
	}
	conf, err := os.ReadFile(filepath.Join(t.Root, manifests, "conf.yaml"))
	if err != nil {
		return err.Error()
	}
	c := container{env: map[string]string{}}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		name := "SECKILL_SERVER_" + strings.ToUpper(key) + "_FILE"
		if ok && !strings.HasSuffix(key, "_password") {
			c.env[name], values[name] = "", value
		}
	}
	said, err := c.ask(ctx, t.Server, string(conf), func(name string) string { return values[name] })
	if err != nil {
		return err.Error()
	}
	return strings.Join(said, "\n")
}

// sample is a value that a secret of that name could have.
func sample(name string) string {
	random := strings.Repeat("c2Vj", 11) // 33 bytes
	switch {
	case strings.HasSuffix(name, "_KEYS"):
		return "k1:" + random
	case strings.HasSuffix(name, "_SECRET"):
		return "whsec_" + random
	}
	return random
}

// Package check finds mistakes in the files that deploy the example server in
// containers. The Dockerfile goes through BuildKit's parser, compose.yaml through
// the Compose loader with its schema, the manifests through kustomize and the
// strict decoder of the Kubernetes API, alert rules and dashboards through Prometheus's
// parsers, and what the containers give the server through the server itself.
package check

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Tree is what is checked.
type Tree struct {
	// Root is the repository's root.
	Root string
	// Server is the example server's binary, which judges its configuration.
	Server string
}

// Fault is a mistake and where it stands.
type Fault struct{ File, Field, Text string }

func (f Fault) String() string { return fmt.Sprintf("%s: %s: %s", f.File, f.Field, f.Text) }

// All returns all mistakes; of a file that cannot be read at all, that one.
func All(ctx context.Context, t Tree) []Fault {
	faults := dockerfile(t)
	faults = append(faults, compose(ctx, t)...)
	faults = append(faults, watching(t)...)
	return append(faults, kubernetes(ctx, t)...)
}

// BuildServer builds the example server into dir and returns its path.
func BuildServer(ctx context.Context, root, dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "server")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "./examples/server")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./examples/server: %w\n%s", err, out)
	}
	return path, nil
}

// list collects the mistakes of one file.
type list struct {
	file   string
	faults []Fault
}

func (l *list) add(field, format string, args ...any) {
	l.faults = append(l.faults, Fault{l.file, field, fmt.Sprintf(format, args...)})
}

// Validate checks what stands in deploy for containers, without a container engine
// and without a network: the Dockerfile, compose.yaml, the Kubernetes manifests, the
// alert rules and the dashboard.
//
//	go -C deploy/validate run .
//
// It prints each mistake with its file and field, and exits 1 if there is one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/seckill-go/seckill/deploy/validate/check"
)

func main() {
	root := flag.String("root", "../..", "the repository's root `folder`")
	flag.Parse()
	faults, err := run(context.Background(), *root)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, f)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
	fmt.Println("Dockerfile, compose.yaml, manifests, alerts and dashboard are valid. Nothing was run.")
}

func run(ctx context.Context, root string) ([]check.Fault, error) {
	dir, err := os.MkdirTemp("", "validate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	server, err := check.BuildServer(ctx, root, dir)
	if err != nil {
		return nil, err
	}
	return check.All(ctx, check.Tree{Root: root, Server: server}), nil
}

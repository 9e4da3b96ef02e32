package check

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const (
	manifests     = "deploy/k8s"
	kustomization = "kustomization.yaml"
	example       = "secret.env.example"
)

func kubernetes(ctx context.Context, t Tree) []Fault {
	l := &list{file: manifests + "/" + kustomization}
	folder := filepath.Join(t.Root, manifests)
	names, err := resources(folder)
	if err != nil {
		l.add("file", "%v", err)
		return l.faults
	}
	l.unlisted(folder, names)
	for _, name := range names {
		one := &list{file: manifests + "/" + name}
		one.source(filepath.Join(folder, name))
		l.faults = append(l.faults, one.faults...)
	}
	objects, err := l.render(folder)
	if err != nil {
		l.add("build", "%v", err)
		return l.faults
	}
	return append(l.faults, newCluster(objects).check(ctx, t)...)
}

// resources are the manifests that kustomization.yaml names.
func resources(folder string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(folder, kustomization))
	if err != nil {
		return nil, err
	}
	var k struct{ Resources []string }
	return k.Resources, yaml.Unmarshal(b, &k)
}

// unlisted: a manifest that kustomization.yaml forgets is never applied.
func (l *list) unlisted(folder string, names []string) {
	all, _ := filepath.Glob(filepath.Join(folder, "*.yaml"))
	for _, p := range all {
		name := filepath.Base(p)
		if name != kustomization && name != "conf.yaml" && !slices.Contains(names, name) {
			l.add("resources", "%s is not listed", name)
		}
	}
}

// strict decodes what the Kubernetes API takes, without a field that it would drop.
var strict = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

func decode(text []byte) (runtime.Object, error) {
	object, _, err := strict.Decode(text, nil, nil)
	return object, err
}

// source decodes a manifest before kustomize has touched it, so that a mistake has
// its file.
func (l *list) source(file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		l.add("file", "%v", err)
		return
	}
	if _, err := decode(b); err != nil {
		l.add("schema", "%v", err)
	}
}

// render is kustomize build. Secrets are not in the tree: those of the example are
// there, under the name that the real ones will have.
func (l *list) render(folder string) ([]runtime.Object, error) {
	files := filesys.MakeFsInMemory()
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range all {
		name := entry.Name()
		if entry.IsDir() || name == strings.TrimSuffix(example, ".example") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		if err := files.WriteFile("/"+strings.TrimSuffix(name, ".example"), b); err != nil {
			return nil, err
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "/")
	if err != nil {
		return nil, err
	}
	var objects []runtime.Object
	for _, r := range built.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			return nil, err
		}
		o, err := decode(text)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.GetKind(), r.GetName(), err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

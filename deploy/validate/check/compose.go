package check

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const composePath = "deploy/compose.yaml"

func compose(ctx context.Context, t Tree) []Fault {
	l := &list{file: composePath}
	options, err := cli.NewProjectOptions([]string{filepath.Join(t.Root, composePath)}, cli.WithName("seckill"))
	if err != nil {
		l.add("file", "%v", err)
		return l.faults
	}
	p, err := options.LoadProject(ctx)
	if err != nil {
		l.add("file", "%v", err)
		return l.faults
	}
	for name, c := range p.Configs {
		l.there("configs."+name, c.File)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		l.service(p, p.Services[name])
	}
	for _, name := range []string{"seckill-1", "seckill-2"} {
		l.node(ctx, t, p, name)
	}
	return l.faults
}

func (l *list) there(field, path string) {
	if _, err := os.Stat(path); err != nil {
		l.add(field, "%v", err)
	}
}

// service checks what the schema cannot know.
func (l *list) service(p *types.Project, s types.ServiceConfig) {
	field := "services." + s.Name
	if s.Build == nil && !pinned(s.Image) {
		l.add(field+".image", "want an image with a version, got %q", s.Image)
	}
	if s.Build != nil {
		l.there(field+".build", filepath.Join(s.Build.Context, s.Build.Dockerfile))
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind {
			l.there(field+".volumes", v.Source)
		}
	}
	for name, d := range s.DependsOn {
		if d.Condition == types.ServiceConditionHealthy && p.Services[name].HealthCheck == nil && p.Services[name].Build == nil {
			l.add(field+".depends_on."+name, "it has no health check to wait for")
		}
	}
	for name, value := range s.Environment { // of all servers, not of the nodes alone
		if value != nil && isSecret(name) {
			l.add(field+".environment."+name, "a secret in the environment")
		}
	}
	l.published(field, s)
}

// published: what a service publishes is for the machine itself.
func (l *list) published(field string, s types.ServiceConfig) {
	for _, port := range s.Ports {
		if port.HostIP != "127.0.0.1" {
			l.add(field+".ports", "%s is open to the network; want 127.0.0.1 before it", port.Published)
		}
	}
}

// node has the server judge what one of its containers gets.
func (l *list) node(ctx context.Context, t Tree, p *types.Project, name string) {
	s, ok := p.Services[name]
	if !ok {
		l.add("services."+name, "want this node, got none")
		return
	}
	c := container{args: s.Command, env: map[string]string{}, files: map[string]string{}}
	if len(c.args) == 0 {
		c.args = []string{"-config", "/etc/seckill/conf.yaml"} // the image's own
	}
	for key, value := range s.Environment {
		if value != nil {
			c.env[key] = *value
		}
	}
	for _, secret := range s.Secrets {
		c.files[mountPoint(secret.Target, "/run/secrets/", secret.Source)] = ""
	}
	for _, config := range s.Configs {
		b, err := os.ReadFile(p.Configs[config.Source].File)
		if err != nil {
			continue // said above
		}
		c.files[mountPoint(config.Target, "/", config.Source)] = string(b)
	}
	one := &list{file: l.file}
	c.configure(ctx, t.Server, one)
	for _, f := range one.faults {
		l.add("services."+name+"."+f.Field, "%s", f.Text)
	}
}

// mountPoint is where a secret or config named source is mounted.
func mountPoint(target, folder, source string) string {
	switch {
	case target == "":
		return folder + source
	case strings.HasPrefix(target, "/"):
		return target
	}
	return folder + target
}

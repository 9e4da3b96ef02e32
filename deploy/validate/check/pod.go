package check

import (
	"context"
	"net"
	"path"
	"strings"

	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const inPod = "spec.template.spec."

// shutdown is how long a node may take after SIGTERM, in seconds: the farewell, the
// requests under way, the groups under way.
const shutdown = 1 + 10 + 15

// pod checks the one container of the deployment, and has the server judge what it
// gets.
func (c *cluster) pod(ctx context.Context, t Tree, l *list) {
	spec := c.deployment.Spec.Template.Spec
	one := spec.Containers[0]
	for _, p := range []*core.Probe{one.StartupProbe, one.LivenessProbe, one.ReadinessProbe} {
		if p == nil || p.HTTPGet == nil {
			l.add(inPod+"containers", "want a startup, a liveness and a readiness probe, by HTTP")
			continue
		}
		l.port(inPod+"containers.probes", p.HTTPGet.Port, one)
	}
	l.patience(spec)
	in := container{args: one.Args, env: map[string]string{}, files: c.files(spec, l)}
	for _, e := range one.Env {
		if e.ValueFrom != nil {
			l.add(inPod+"containers.env."+e.Name, "want a value here; secrets are mounted as files")
		}
		in.env[e.Name] = e.Value
	}
	own := &list{file: l.file}
	in.configure(ctx, t.Server, own)
	for _, f := range own.faults {
		l.add(inPod+"containers."+f.Field, "%s", f.Text)
	}
	for name, text := range in.files {
		if path.Ext(name) == ".yaml" {
			l.listens(text, one)
		}
	}
}

// files are those that the volumes put into the container.
func (c *cluster) files(spec core.PodSpec, l *list) map[string]string {
	volumes := map[string]map[string]string{}
	for _, v := range spec.Volumes {
		source := ""
		switch {
		case v.ConfigMap != nil:
			source = "configMap " + v.ConfigMap.Name
		case v.Secret != nil:
			source = "secret " + v.Secret.SecretName
		}
		data, ok := c.configs[source]
		if !ok {
			l.add(inPod+"volumes."+v.Name, "there is no %s", source)
		}
		volumes[v.Name] = data
	}
	files := map[string]string{}
	for _, m := range spec.Containers[0].VolumeMounts {
		data, ok := volumes[m.Name]
		if !ok {
			l.add(inPod+"containers.volumeMounts", "there is no volume %s", m.Name)
		}
		for key, text := range data {
			files[path.Join(m.MountPath, key)] = text
		}
	}
	return files
}

// patience: nothing is killed that could still end well.
func (l *list) patience(spec core.PodSpec) {
	var before, total int64 = 0, 30
	if h := spec.Containers[0].Lifecycle; h != nil && h.PreStop != nil && h.PreStop.Sleep != nil {
		before = h.PreStop.Sleep.Seconds
	}
	if spec.TerminationGracePeriodSeconds != nil {
		total = *spec.TerminationGracePeriodSeconds
	}
	if before+shutdown >= total {
		l.add(inPod+"terminationGracePeriodSeconds", "want more than %d, got %d", before+shutdown, total)
	}
}

// listens: the server listens where the pod says, and not to itself alone.
func (l *list) listens(conf string, one core.Container) {
	var c struct {
		Server struct {
			Host string
			Port int32
		}
	}
	file := *l
	file.file, file.faults = manifests+"/conf.yaml", nil
	if err := yaml.Unmarshal([]byte(conf), &c); err != nil {
		return // the server has said so
	}
	if ip := net.ParseIP(c.Server.Host); ip == nil || ip.IsLoopback() || strings.HasPrefix(c.Server.Host, "127.") {
		file.add("server.host", "want an address that others reach, got %q", c.Server.Host)
	}
	if len(one.Ports) != 1 || one.Ports[0].ContainerPort != c.Server.Port {
		file.add("server.port", "%d is not the port of the container", c.Server.Port)
	}
	l.faults = append(l.faults, file.faults...)
}

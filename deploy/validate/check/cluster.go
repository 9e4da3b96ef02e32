package check

import (
	"context"
	"strings"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// cluster is what would be applied, to check that its parts fit each other: what a
// decoder of single objects cannot see.
type cluster struct {
	deployment *apps.Deployment
	services   map[string]*core.Service
	configs    map[string]map[string]string
	rest       []runtime.Object
}

func newCluster(objects []runtime.Object) *cluster {
	c := &cluster{services: map[string]*core.Service{}, configs: map[string]map[string]string{}}
	for _, o := range objects {
		switch o := o.(type) {
		case *apps.Deployment:
			c.deployment = o
		case *core.Service:
			c.services[o.Name] = o
		case *core.ConfigMap:
			c.configs["configMap "+o.Name] = o.Data
		case *core.Secret:
			c.configs["secret "+o.Name] = map[string]string{}
			for key, value := range o.Data {
				c.configs["secret "+o.Name][key] = string(value)
			}
		default:
			c.rest = append(c.rest, o)
		}
	}
	return c
}

func (c *cluster) check(ctx context.Context, t Tree) []Fault {
	l := &list{file: manifests + "/deployment.yaml"}
	d := c.deployment
	if d == nil || len(d.Spec.Template.Spec.Containers) != 1 {
		l.add("file", "want one deployment with one container")
		return l.faults
	}
	l.selects("spec.selector", d.Spec.Selector, d.Spec.Template.Labels)
	for _, s := range d.Spec.Template.Spec.TopologySpreadConstraints {
		l.selects("spec.template.spec.topologySpreadConstraints", s.LabelSelector, d.Spec.Template.Labels)
	}
	c.pod(ctx, t, l)
	for _, s := range c.services {
		l.file = manifests + "/service.yaml"
		l.selects("spec.selector", meta.SetAsLabelSelector(s.Spec.Selector), d.Spec.Template.Labels)
		for _, p := range s.Spec.Ports {
			l.port("spec.ports.targetPort", p.TargetPort, d.Spec.Template.Spec.Containers[0])
		}
	}
	for _, o := range c.rest {
		c.other(o, l)
	}
	return l.faults
}

// other checks the objects that refer to the deployment or the service.
func (c *cluster) other(o runtime.Object, l *list) {
	pod := c.deployment.Spec.Template
	switch o := o.(type) {
	case *autoscaling.HorizontalPodAutoscaler:
		l.file = manifests + "/hpa.yaml"
		if to := o.Spec.ScaleTargetRef; to.Kind != "Deployment" || to.Name != c.deployment.Name {
			l.add("spec.scaleTargetRef", "there is no %s %s", to.Kind, to.Name)
		}
	case *policy.PodDisruptionBudget:
		l.file = manifests + "/pdb.yaml"
		l.selects("spec.selector", o.Spec.Selector, pod.Labels)
	case *networking.NetworkPolicy:
		l.file = manifests + "/networkpolicy.yaml"
		l.selects("spec.podSelector", &o.Spec.PodSelector, pod.Labels)
		for _, rule := range o.Spec.Ingress {
			for _, p := range rule.Ports {
				l.port("spec.ingress.ports", *p.Port, pod.Spec.Containers[0])
			}
		}
	case *networking.Ingress:
		l.file = manifests + "/ingress.yaml"
		for _, rule := range o.Spec.Rules {
			for _, p := range rule.HTTP.Paths {
				c.path(p, l)
			}
		}
	}
}

// path: the way from outside ends at a service, and never at the operators' paths.
func (c *cluster) path(p networking.HTTPIngressPath, l *list) {
	for _, closed := range []string{"/api/admin", "/metrics", "/livez", "/readyz", "/api/payment/simulate"} {
		if p.Path == closed || *p.PathType != networking.PathTypeExact && strings.HasPrefix(closed, strings.TrimSuffix(p.Path, "/")+"/") {
			l.add("spec.rules.http.paths", "%s opens %s to everybody", p.Path, closed)
		}
	}
	to := p.Backend.Service
	if s := c.services[to.Name]; s != nil {
		for _, port := range s.Spec.Ports {
			if port.Name == to.Port.Name || port.Port == to.Port.Number {
				return
			}
		}
	}
	l.add("spec.rules.http.paths", "%s: there is no service %s with the port %q", p.Path, to.Name, to.Port.Name)
}

// selects: a selector that selects nothing is silent.
func (l *list) selects(field string, s *meta.LabelSelector, of map[string]string) {
	selector, err := meta.LabelSelectorAsSelector(s)
	switch {
	case err != nil:
		l.add(field, "%v", err)
	case selector.Empty() || !selector.Matches(labels.Set(of)):
		l.add(field, "%q does not select the pods, whose labels are %v", selector, of)
	}
}

func (l *list) port(field string, want intstr.IntOrString, of core.Container) {
	for _, p := range of.Ports {
		if want.StrVal == p.Name && p.Name != "" || want.Type == intstr.Int && want.IntVal == p.ContainerPort {
			return
		}
	}
	l.add(field, "the container has no port %s", want.String())
}

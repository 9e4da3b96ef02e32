package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

const (
	scraping    = "deploy/prometheus/prometheus.yml"
	alerting    = "deploy/prometheus/alerts.yml"
	dashboards  = "deploy/grafana/dashboards"
	datasources = "deploy/docker/grafana/provisioning/datasources/prometheus.yaml"
)

// watching checks what looks at the nodes: alert rules by Prometheus's own parser of
// rules, each expression of a dashboard by its parser of expressions.
func watching(t Tree) []Fault {
	faults := alerts(t)
	faults = append(faults, ruleFiles(t)...)
	all, _ := filepath.Glob(filepath.Join(t.Root, dashboards, "*.json"))
	if len(all) == 0 {
		faults = append(faults, Fault{dashboards, "file", "there is no dashboard"})
	}
	for _, path := range all {
		faults = append(faults, dashboard(t, path)...)
	}
	return faults
}

func alerts(t Tree) []Fault {
	l := &list{file: alerting}
	b, err := os.ReadFile(filepath.Join(t.Root, alerting))
	if err != nil {
		l.add("file", "%v", err)
		return l.faults
	}
	groups, faults := rulefmt.Parse(b, false, model.LegacyValidation, parser.NewParser(parser.Options{}), nil)
	for _, err := range faults {
		l.add("rules", "%v", err)
	}
	if len(faults) > 0 {
		return l.faults
	}
	names := make(map[string]bool)
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			if names[r.Alert] || !strings.HasPrefix(r.Alert, "Seckill") {
				l.add(r.Alert, "want a name of its own that begins with Seckill")
			}
			names[r.Alert] = true
			if !slices.Contains([]string{"info", "warning", "critical"}, r.Labels["severity"]) {
				l.add(r.Alert, "severity: want info, warning or critical, got %q", r.Labels["severity"])
			}
			if r.Annotations["summary"] == "" {
				l.add(r.Alert, "no summary")
			}
		}
	}
	return l.faults
}

// ruleFiles: Prometheus starts without a rule file that a pattern does not find, and
// never alerts.
func ruleFiles(t Tree) []Fault {
	l := &list{file: scraping}
	var c struct {
		RuleFiles []string `json:"rule_files"`
	}
	b, err := os.ReadFile(filepath.Join(t.Root, scraping))
	if err == nil {
		err = yaml.Unmarshal(b, &c)
	}
	if err != nil {
		l.add("file", "%v", err)
		return l.faults
	}
	if len(c.RuleFiles) == 0 {
		l.add("rule_files", "want alerts.yml")
	}
	for _, name := range c.RuleFiles {
		l.there("rule_files", filepath.Join(t.Root, filepath.Dir(scraping), name))
	}
	return l.faults
}

// panel is what is read of one, or of a row of them.
type panel struct {
	Title   string
	Type    string
	Targets []struct {
		Expr       string
		Datasource struct{ UID string }
	}
}

func dashboard(t Tree, path string) []Fault {
	l := &list{file: dashboards + "/" + filepath.Base(path)}
	var d struct{ Panels []panel }
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	if err != nil {
		l.add("file", "%v", err)
		return l.faults
	}
	source, err := datasource(t)
	if err != nil {
		l.add("datasource", "%v", err)
	}
	for _, p := range d.Panels {
		if len(p.Targets) == 0 && p.Type != "row" {
			l.add(p.Title, "asks nothing")
		}
		for _, target := range p.Targets {
			// In the place of a variable stands what Grafana puts there for all of them.
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(target.Expr, "$goods", ".*")); err != nil {
				l.add(p.Title, "%v", err)
			}
			if target.Datasource.UID != source {
				l.add(p.Title, "datasource %q, want %q", target.Datasource.UID, source)
			}
		}
	}
	return l.faults
}

// datasource returns the uid of the one that Grafana is given.
func datasource(t Tree) (string, error) {
	b, err := os.ReadFile(filepath.Join(t.Root, datasources))
	if err != nil {
		return "", err
	}
	var c struct{ Datasources []struct{ UID string } }
	if err := yaml.Unmarshal(b, &c); err != nil || len(c.Datasources) == 0 {
		return "", err
	}
	return c.Datasources[0].UID, nil
}

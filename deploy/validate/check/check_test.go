package check_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seckill-go/seckill/deploy/validate/check"
)

const root = "../../.."

var server string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "check-")
		if err == nil {
			defer os.RemoveAll(dir)
			server, err = check.BuildServer(context.Background(), root, dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

func TestTheTreeIsValid(t *testing.T) {
	for _, f := range check.All(t.Context(), check.Tree{Root: root, Server: server}) {
		t.Error(f)
	}
}

const (
	dockerfile = "deploy/docker/Dockerfile"
	compose    = "deploy/compose.yaml"
	deployment = "deploy/k8s/deployment.yaml"
	alerts     = "deploy/prometheus/alerts.yml"
	board      = "deploy/grafana/dashboards/seckill.json"
)

// mistakes are one edit each, and what the fault must name.
var mistakes = []struct {
	name, file, old, broken string
	at, want                string
}{
	{"UnknownInstruction", dockerfile, "WORKDIR", "WORKDRI", dockerfile, "unknown instruction: WORKDRI"},
	{"Root", dockerfile, "USER 65532:65532", "USER root", dockerfile + ": USER", "not root"},
	{"RootByNumber", dockerfile, "USER 65532:65532", "USER 0", dockerfile + ": USER", "not root"},
	{"ImageWithoutVersion", dockerfile, "golang:1.26.8-alpine", "golang", dockerfile, "want an image with a version"},
	{"CopiedFileIsMissing", dockerfile, "COPY go.mod go.sum ./", "COPY go.mod go.work ./", dockerfile, "COPY go.work"},
	{"ProgramIsIgnored", dockerfile + ".dockerignore", "!deploy/docker/healthcheck\n", "", dockerfile, "./deploy/docker/healthcheck is not in the build context"},
	{"NoSuchStage", dockerfile, "--from=build /out/", "--from=built /out/", dockerfile, "--from=built"},

	{"UnknownComposeKey", compose, "stop_grace_period: 45s", "stop_grace: 45s", compose, "stop_grace"},
	{"UndefinedSecret", compose, "secrets: [grafana_password]", "secrets: [grafana_pass]", compose, "grafana_pass"},
	{"UndefinedVolume", compose, `"mysql:/var`, `"mysq:/var`, compose, "mysq"},
	{"UnknownService", compose, "prometheus: {condition", "prometheu: {condition", compose, "prometheu"},
	{"LatestImage", compose, "mysql:8.4.6", "mysql:latest", compose + ": services.mysql.image", "mysql:latest"},
	{"SecretInTheEnvironment", compose, "SECKILL_REDIS_PASSWORD_FILE: /run/secrets/redis_password", "SECKILL_REDIS_PASSWORD: x", compose, "a secret in the environment"},
	{"SecretIsNotMounted", compose, "/run/secrets/ticket_keys", "/run/secrets/ticket_key", compose + ": services.seckill-1.SECKILL_SERVER_TICKET_KEYS_FILE", "nothing is mounted"},
	{"UnknownKeyInTheEnvironment", compose, "SECKILL_DATABASE_PASSWORD_FILE", "SECKILL_DATABASE_PASSWD_FILE", compose, "SECKILL_DATABASE_PASSWD_FILE"},
	{"UnknownSectionInTheEnvironment", compose, "SECKILL_DATABASE_PASSWORD_FILE", "SECKILL_DATABSE_PASSWORD_FILE", compose + ": services.seckill-1.SECKILL_DATABSE_PASSWORD_FILE", "does not know"},
	{"UnknownKeyInTheConfiguration", "deploy/docker/conf.yaml", "group_id", "groupid", compose + ": services.seckill-1.configuration", "kafka.groupid"},
	{"ConfigurationIsMissing", compose, "./docker/conf.yaml", "./docker/config.yaml", compose + ": configs.conf", "config.yaml"},
	{"NothingToWaitFor", compose, "    healthcheck: # over TCP", "    x-healthcheck: # over TCP", compose + ": services.seckill-1.depends_on.mysql", "no health check"},
	{"OpenToTheNetwork", compose, "127.0.0.1:9090:9090", "9090:9090", compose + ": services.prometheus.ports", "open to the network"},

	{"RuleThatIsNoExpression", alerts, "seckill_part_up == 0", "seckill_part_up = 0", alerts + ": rules", "parse"},
	{"UnknownFieldOfARule", alerts, "for: 30s", "fro: 30s", alerts + ": rules", "fro"},
	{"AlertTwice", alerts, "SeckillSlow", "SeckillBusy", alerts + ": SeckillBusy", "a name of its own"},
	{"AlertWithoutASeverity", alerts, "severity: critical", "team: critical", alerts + ": SeckillPartDown", "severity"},
	{"AlertsAreNotLoaded", "deploy/prometheus/prometheus.yml", "alerts.yml", "alert.yml", "deploy/prometheus/prometheus.yml: rule_files", "alert.yml"},
	{"PanelThatIsNoExpression", board, "min(seckill_stock_conserved", "min[seckill_stock_conserved", board + ": Do the numbers add up?", "parse"},
	{"PanelOfNoSource", board, "\"uid\": \"prometheus\"\n     },\n     \"expr\"", "\"uid\": \"mimir\"\n     },\n     \"expr\"", board, "mimir"},
	{"DashboardIsMissing", compose, "./grafana/dashboards:", "./grafana/boards:", compose, "boards"},

	{"UnknownField", deployment, "failureThreshold: 45", "failuresThreshold: 45", deployment + ": schema", "spec.template.spec.containers[0].startupProbe.failuresThreshold"},
	{"WrongType", deployment, "runAsUser: 65532", `runAsUser: "nobody"`, deployment + ": schema", "runAsUser"},
	{"UnknownKind", "deploy/k8s/pdb.yaml", "policy/v1", "policy/v9", "deploy/k8s/pdb.yaml: schema", "policy/v9"},
	{"UnknownKustomizationField", "deploy/k8s/kustomization.yaml", "namespace:", "namespaces:", "deploy/k8s/kustomization.yaml: build", "namespaces"},
	{"ForgottenManifest", "deploy/k8s/kustomization.yaml", "  - pdb.yaml\n", "", "deploy/k8s/kustomization.yaml: resources", "pdb.yaml"},
	{"SelectsNothing", "deploy/k8s/service.yaml", "selector: {app.kubernetes.io/name: seckill}", "selector: {app: seckill}", "deploy/k8s/service.yaml: spec.selector", "does not select"},
	{"NoSuchPort", "deploy/k8s/service.yaml", "targetPort: http", "targetPort: web", "deploy/k8s/service.yaml: spec.ports.targetPort", "no port web"},
	{"PolicyForNobody", "deploy/k8s/networkpolicy.yaml", "port: http", "port: 8080", "deploy/k8s/networkpolicy.yaml: spec.ingress.ports", "no port 8080"},
	{"ScalesNothing", "deploy/k8s/hpa.yaml", "kind: Deployment, name: seckill", "kind: Deployment, name: server", "deploy/k8s/hpa.yaml: spec.scaleTargetRef", "server"},
	{"OperatorsInTheOpen", "deploy/k8s/ingress.yaml", "/api/openapi.yaml, pathType: Exact", "/api, pathType: Prefix", "deploy/k8s/ingress.yaml: spec.rules.http.paths", "/api/admin"},
	{"KilledTooEarly", deployment, "terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 30", deployment, "terminationGracePeriodSeconds"},
	{"OtherPort", "deploy/k8s/conf.yaml", "port: 8000", "port: 8001", "deploy/k8s/conf.yaml: server.port", "8001"},
	{"ListensToItself", "deploy/k8s/conf.yaml", "host: 0.0.0.0", "host: 127.0.0.1", "deploy/k8s/conf.yaml: server.host", "127.0.0.1"},
	{"UnknownSection", "deploy/k8s/conf.yaml", "redis:", "cache:", deployment, "cache"},
	{"ForgottenSecret", "deploy/k8s/secret.env.example", "etcd_password=", "etcd_pw=", deployment, "SECKILL_ETCD_PASSWORD_FILE"},
	{"MalformedMemoryLimit", deployment, "460MiB", "460Mi", deployment, "GOMEMLIMIT"},
}

func TestNamesFileAndFieldOfAMistake(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			copied := copyOf(t)
			edit(t, filepath.Join(copied, m.file), m.old, m.broken)
			faults := check.All(t.Context(), check.Tree{Root: copied, Server: server})
			for _, f := range faults {
				if text := f.String(); strings.HasPrefix(text, m.at+":") && strings.Contains(text, m.want) {
					return
				}
			}
			t.Errorf("want a fault at %s about %q, got %v", m.at, m.want, faults)
		})
	}
}

// The placeholders of secret.env.example are no secrets that somebody could forget
// to replace.
func TestTheServerRefusesThePlaceholders(t *testing.T) {
	said := check.Placeholders(t.Context(), check.Tree{Root: root, Server: server})
	for _, name := range []string{"ADMIN_TOKEN", "TICKET_KEYS", "SESSION_KEYS", "WEBHOOK_SECRET"} {
		if !strings.Contains(said, "SECKILL_SERVER_"+name+"_FILE: want") {
			t.Errorf("%s is taken; the server said:\n%s", name, said)
		}
	}
}

// copyOf copies what the checks read.
func copyOf(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", compose} {
		copyFile(t, name, to)
	}
	for _, name := range []string{"deploy/docker", "deploy/prometheus", "deploy/grafana", "deploy/k8s", "examples/server"} {
		if err := os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func copyFile(t *testing.T, name, to string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(to, name)
	os.MkdirAll(filepath.Dir(path), 0o700)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, path, old, broken string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), old, broken, 1)
	if text == string(b) {
		t.Fatalf("%s: %q is not in it", path, old)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

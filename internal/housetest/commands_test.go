package housetest_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var commandRules = []rule{
	{"CommandsInTheDocumentsAreRunOrListed", unlisted, map[string]string{"README.md": "```bash\nmake coffee\n```\n"}},
	{"UntaggedCommandsCountToo", unlisted, map[string]string{"README.md": "```\ngo run ./coffee\n```\n"}},
	{"WhatRunsThemIsThere", unproven, map[string]string{"README.md": "```bash\ngo run ./examples/server\n```\n"}},
	{"ListedCommandsStandInADocument", forgotten, map[string]string{"README.md": ""}},
}

// fate is what becomes of a command that a document shows: a test runs it, with
// other addresses and folders; a line of a file does; or nothing, for a reason.
type fate struct{ test, file, line, not string }

var commands = map[string]fate{
	"go run ./examples/server":                                         {test: "examples/server TestThePrintedCommandsWorkAsTheyStand"},
	"go run ./examples/server -data DIR":                               {test: "examples/server TestARestartInAFolderGoesOn"},
	"go run ./examples/server -config conf.yaml":                       {test: "examples/server TestThreeProcessesSellOneGoodsExactlyOnce"},
	"go run ./examples/server -config deploy/conf.yaml":                {file: ".ci/run", line: "deploy/quick-test -config deploy/conf.yaml"},
	"go run ./examples/simulate":                                       {test: "examples/simulate TestOneCommandShowsAWholeSale"},
	"go run ./examples/simulate -url http://127.0.0.1:8000":            {test: "examples/simulate TestAnHonestShopPasses"},
	"go run ./examples/shop":                                           {test: "examples/shop TestTheQuickstartsCommandsAnswerAsItSays"},
	"go run ./examples/bench":                                          {file: ".ci/run", line: "go run ./examples/bench "},
	"go run ./examples/bench -backends real":                           {file: ".ci/run", line: "shortly -backends real"},
	"go run ./examples/bench -backends real -kafka embedded":           {file: ".ci/run", line: "shortly -backends real -kafka embedded"},
	"go test ./...":                                                    {file: ".ci/run", line: "go test ./..."},
	"make cluster-up":                                                  {file: ".ci/run", line: "deploy/native/up.sh"},
	"make cluster-status":                                              {file: ".ci/run", line: "deploy/native/status.sh"},
	"make cluster-down":                                                {file: ".ci/run", line: "deploy/native/down.sh"},
	"make quick-test":                                                  {file: ".ci/run", line: "deploy/quick-test -config deploy/conf.yaml"},
	"make check":                                                       {not: "it runs the test that would run it"},
	"go get github.com/seckill-go/seckill":                             {not: "it downloads from the network"},
	"go get github.com/seckill-go/seckill/client":                      {not: "it downloads from the network"},
	"export SECKILL_ADMIN_TOKEN=$(openssl rand -hex 16)":               {not: "it needs OpenSSL; the test has a token of its own"},
	"echo $SECKILL_ADMIN_TOKEN":                                        {not: "it needs the line before"},
	"docker build -f deploy/docker/Dockerfile -t seckill .":            {not: "it needs containers; deploy/validate reads the file"},
	"docker compose -f deploy/compose.yaml up --build --detach --wait": {not: "it needs containers; deploy/validate reads the file"},
	"deploy/docker/make-secrets.sh":                                    {not: "it writes secrets into the checkout"},
	`curl "http://127.0.0.1:8000/readyz?verbose"`:                      {not: "it needs the containers of the line before"},
	"cp deploy/k8s/secret.env.example deploy/k8s/secret.env":           {not: "it writes secrets into the checkout"},
	"kubectl kustomize deploy/k8s | less":                              {not: "it needs kubectl; deploy/validate does the same with its library"},
	"kubectl apply -k deploy/k8s":                                      {not: "it needs a cluster of Kubernetes"},
	"go -C deploy/native/etcd tool etcdutl snapshot restore backup.db --bump-revision 1000000000 --mark-compacted " +
		"--data-dir NEW --name … --initial-cluster … --initial-advertise-peer-urls …": {not: "it needs the backup of a cluster"},
}

// followed are documents whose commands a test runs as they stand, in those blocks
// that speak to SHOP.
var followed = map[string]string{
	"docs/http-api.md":   "examples/server TestTheCommandsOfTheAPIsPageAnswerAsItSays",
	"docs/quickstart.md": "examples/shop TestTheQuickstartsCommandsAnswerAsItSays",
}

var (
	shell     = []string{"bash", "sh", "shell", "console"}
	anyFence  = regexp.MustCompile("(?ms)^ *```(\\w*)\n(.*?)^ *```$")
	continued = regexp.MustCompile(`\s*\\\n\s*`)
	remark    = regexp.MustCompile(`(^|\s+)#.*$`)
	bare      = regexp.MustCompile(`^(\$ |go |make |curl |git |docker |kubectl )`)
)

// shown returns the commands that a document shows and no test follows.
func (r *tree) shown(p string) (found []string) {
	for _, m := range anyFence.FindAllStringSubmatch(r.texts[p], -1) {
		tagged := slices.Contains(shell, m[1])
		if !tagged && m[1] != "" || followed[english(p)] != "" && strings.Contains(m[2], "SHOP") {
			continue
		}
		for line := range strings.Lines(continued.ReplaceAllString(m[2], " ")) {
			line = strings.TrimSpace(remark.ReplaceAllString(strings.TrimRight(line, "\n"), ""))
			if line != "" && (tagged || bare.MatchString(line)) {
				found = append(found, strings.TrimPrefix(line, "$ "))
			}
		}
	}
	return found
}

// unlisted: a command that nobody runs is wrong one day, so each is run, or stands
// in the list with the reason.
func unlisted(r *tree) (faults []string) {
	for _, p := range r.paths(".md") {
		for _, command := range r.shown(p) {
			if _, ok := commands[command]; !ok {
				faults = append(faults, fmt.Sprintf("%s: say in commands what runs %q, or why nothing does", p, command))
			}
		}
	}
	return faults
}

func unproven(r *tree) (faults []string) {
	proofs := maps.Clone(commands)
	for p, test := range followed {
		proofs[p] = fate{test: test}
	}
	for command, f := range proofs {
		ok := f.not != ""
		switch {
		case f.test != "":
			ok = r.hasTest(f.test)
		case f.file != "":
			ok = strings.Contains(r.texts[f.file], f.line)
		}
		if !ok {
			faults = append(faults, fmt.Sprintf("%s: not run by %+v", command, f))
		}
	}
	return faults
}

// hasTest tells whether there is a test of the name behind the folder.
func (r *tree) hasTest(at string) bool {
	folder, name, _ := strings.Cut(at, " ")
	return slices.Contains(r.tests([]string{folder}), name)
}

// forgotten: what no document shows any more leaves the list.
func forgotten(r *tree) (faults []string) {
	left := maps.Clone(commands)
	for _, p := range r.paths(".md") {
		for _, command := range r.shown(p) {
			delete(left, command)
		}
	}
	for command := range left {
		faults = append(faults, "in no document: "+command)
	}
	return faults
}

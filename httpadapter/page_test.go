package httpadapter_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages are the documents that say in prose what the OpenAPI document says.
var pages = []string{"../docs/http-api.md", "../docs/zh-CN/http-api.md"}

var (
	routeHeading = regexp.MustCompile(`(?m)^### ([A-Z]+ /.*)$`)
	answersLine  = regexp.MustCompile(`(?m)^(?:Answers: |应答：)(.*)$`)
	quoted       = regexp.MustCompile("`([^`]+)`")
)

// everywhere are the responses that the pages describe once for all routes.
var everywhere = []string{"InvalidRequest", "Unauthenticated", "Forbidden", "TooLarge", "UnsupportedMediaType", "Fault", "Busy"}

// answers are an operation's as a page lists them, "409 sold_out".
func (d *document) answers(op map[string]any) (list []string) {
	responses := op["responses"].(map[string]any)
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		ref, _ := responses[status].(map[string]any)["$ref"].(string)
		if slices.Contains(everywhere, ref[strings.LastIndex(ref, "/")+1:]) {
			continue
		}
		_, r := d.resolve("", responses[status])
		content, _ := r["content"].(map[string]any)
		problem, ok := content["application/problem+json"].(map[string]any)
		if !ok {
			list = append(list, status)
			continue
		}
		for code := range problem["examples"].(map[string]any) {
			list = append(list, status+" "+code)
		}
	}
	slices.Sort(list)
	return list
}

func TestThePagesHaveEveryRouteWithACommandAndItsAnswers(t *testing.T) {
	d := readDocument(t)
	want := make(map[string][]string)
	for path, item := range d.root["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			if op, ok := op.(map[string]any); ok {
				want[strings.ToUpper(method)+" "+path] = d.answers(op)
			}
		}
	}
	for _, page := range pages {
		got, text := make(map[string][]string), readPage(t, page)
		for _, at := range routeHeading.FindAllStringSubmatchIndex(text, -1) {
			route := text[at[2]:at[3]]
			section, _, _ := strings.Cut(text[at[1]:], "\n##")
			line := answersLine.FindStringSubmatch(section)
			if line == nil || !strings.Contains(section, "curl ") {
				t.Errorf("%s: %s: want a command and its answers", page, route)
				continue
			}
			for _, m := range quoted.FindAllStringSubmatch(line[1], -1) {
				got[route] = append(got[route], m[1])
			}
			slices.Sort(got[route])
		}
		if !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: documented and described differ:\n%v\n%v", page, want, got)
		}
	}
}

func TestThePagesHaveEveryCode(t *testing.T) {
	d := readDocument(t)
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d+) \\| (\\S+) \\|")
	var want []string
	for name, example := range d.root["components"].(map[string]any)["examples"].(map[string]any) {
		if v, ok := example.(map[string]any)["value"].(map[string]any); ok && v["code"] == name {
			want = append(want, fmt.Sprint(name, " ", v["status"], " ", v["retryable"]))
		}
	}
	slices.Sort(want)
	yes := map[string]bool{"yes": true, "是": true}
	for _, page := range pages {
		var got []string
		for _, m := range row.FindAllStringSubmatch(readPage(t, page), -1) {
			got = append(got, fmt.Sprint(m[1], " ", m[2], " ", yes[m[3]]))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: codes differ:\n%v\n%v", page, want, got)
		}
	}
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

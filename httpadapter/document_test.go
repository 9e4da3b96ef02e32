package httpadapter_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seckill-go/seckill/httpadapter"
)

// document is the OpenAPI document with what the tests need of it.
type document struct {
	t       *testing.T
	root    map[string]any
	schemas *jsonschema.Compiler
}

// operation is one method of one path.
type operation struct {
	id, method, path string
	params           map[string]string // examples of path parameters
	requests         map[string]any    // example bodies by name
	secured          string            // "session", "admin" or ""
	fields           []string          // of the body
	responses        map[string]response
}

// response is what may be answered with one status.
type response struct {
	pointer  string // to its schema; empty if it has no content
	content  string
	examples map[string]any
}

func readDocument(t *testing.T) *document {
	t.Helper()
	content, err := yaml.YAMLToJSON(httpadapter.Document())
	if err != nil {
		t.Fatal(err)
	}
	root, err := jsonschema.UnmarshalJSON(strings.NewReader(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(root)
	d := &document{t: t, root: root.(map[string]any), schemas: jsonschema.NewCompiler()}
	d.schemas.AssertFormat()
	if err := d.schemas.AddResource("openapi.json", root); err != nil {
		t.Fatal(err)
	}
	return d
}

// closeObjects makes the schemas refuse what they do not name: clients have to bear
// new fields, the document has to name those that there are.
func closeObjects(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, open := n["additionalProperties"]; !open && n["properties"] != nil && n["type"] != nil {
			n["additionalProperties"] = false
		}
		for _, inner := range n {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range n {
			closeObjects(inner)
		}
	}
}

// resolve follows references.
func (d *document) resolve(pointer string, node any) (string, map[string]any) {
	m, _ := node.(map[string]any)
	ref, ok := m["$ref"].(string)
	if !ok {
		return pointer, m
	}
	at := any(d.root)
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[part]
	}
	if at == nil {
		d.t.Fatalf("%s: %s leads nowhere", pointer, ref)
	}
	return d.resolve(ref, at)
}

func (d *document) operations() []operation {
	var list []operation
	paths := d.root["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(map[string]any)
		for _, method := range []string{"get", "post", "delete"} {
			if op, ok := item[method].(map[string]any); ok {
				pointer := "#/paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + method
				list = append(list, d.operation(pointer, strings.ToUpper(method), path, item, op))
			}
		}
	}
	return list
}

func (d *document) operation(pointer, method, path string, item, op map[string]any) operation {
	o := operation{id: op["operationId"].(string), method: method, path: path, params: make(map[string]string), responses: make(map[string]response)}
	list, _ := item["parameters"].([]any)
	for _, p := range list {
		_, p := d.resolve(pointer, p)
		o.params[p["name"].(string)] = p["example"].(string)
	}
	security, given := op["security"].([]any)
	if !given { // what is open to everybody says so
		d.t.Fatalf("%s has no security section", o.id)
	}
	if len(security) > 0 {
		o.secured = slices.Collect(maps.Keys(security[0].(map[string]any)))[0]
	}
	if body, ok := op["requestBody"].(map[string]any); ok {
		media := body["content"].(map[string]any)["application/json"].(map[string]any)
		o.requests = d.examples(pointer, media)
		_, schema := d.resolve(pointer, media["schema"])
		properties, _ := schema["properties"].(map[string]any)
		o.fields = slices.Collect(maps.Keys(properties))
		for name, example := range o.requests {
			if !strings.HasPrefix(name, "invalid_request") {
				d.conforms(pointer+"/requestBody/content/application~1json/schema", example, o.id+" request "+name)
			}
		}
	}
	for status, r := range op["responses"].(map[string]any) {
		at, r := d.resolve(pointer+"/responses/"+status, r)
		o.responses[status] = d.response(at, r)
	}
	return o
}

func (d *document) response(pointer string, r map[string]any) response {
	content, _ := r["content"].(map[string]any)
	for kind, media := range content {
		media := media.(map[string]any)
		at := pointer + "/content/" + strings.ReplaceAll(kind, "/", "~1") + "/schema"
		return response{at, kind, d.examples(pointer, media)}
	}
	return response{}
}

func (d *document) examples(pointer string, media map[string]any) map[string]any {
	values := make(map[string]any)
	examples, _ := media["examples"].(map[string]any)
	for name, e := range examples {
		_, e := d.resolve(pointer, e)
		values[name] = e["value"]
	}
	if len(values) == 0 {
		d.t.Errorf("%s has no examples", pointer)
	}
	return values
}

// conforms checks a value against the schema at the pointer.
func (d *document) conforms(pointer string, v any, what string) {
	d.t.Helper()
	schema, err := d.schemas.Compile("openapi.json" + escaped(pointer))
	if err != nil {
		d.t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		d.t.Errorf("%s: %v", what, err)
	}
}

// escaped makes a pointer fit for a URL.
func escaped(pointer string) string {
	return (&url.URL{Fragment: strings.TrimPrefix(pointer, "#")}).String()
}

func decoded(t *testing.T, raw string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(raw))
	if err != nil {
		t.Errorf("%v: %s", err, raw)
	}
	return v
}

func TestDocumentHasEveryRoute(t *testing.T) {
	d, w := readDocument(t), newWorld(t)
	patterns, err := httpadapter.Patterns(w.engine, w.options)
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, o := range d.operations() {
		documented = append(documented, o.method+" "+o.path)
	}
	slices.Sort(documented)
	slices.Sort(patterns)
	if !slices.Equal(documented, patterns) {
		t.Errorf("documented %v\nrouted     %v", documented, patterns)
	}
}

func TestDocumentHasEveryCode(t *testing.T) {
	d := readDocument(t)
	_, schema := d.resolve("", map[string]any{"$ref": "#/components/schemas/Code"})
	var named []string
	for _, c := range schema["enum"].([]any) {
		named = append(named, c.(string))
	}
	codes := httpadapter.Codes()
	slices.Sort(codes)
	slices.Sort(named)
	if !slices.Equal(codes, named) {
		t.Errorf("documented %v\nanswered   %v", named, codes)
	}
	examples := d.root["components"].(map[string]any)["examples"].(map[string]any)
	for _, code := range codes {
		if example, ok := examples[code].(map[string]any); !ok || example["value"].(map[string]any)["code"] != code {
			t.Errorf("%s has no example", code)
		}
	}
}

func TestDocumentIsServed(t *testing.T) {
	w := newWorld(t)
	a := w.do(call{method: "GET", path: "/api/openapi.yaml"})
	if a.status != http.StatusOK || a.raw != string(httpadapter.Document()) || a.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("got %d %v", a.status, a.header)
	}
}

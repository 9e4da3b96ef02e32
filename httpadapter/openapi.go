package httpadapter

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openapi []byte

// Document returns the OpenAPI 3.1 document that describes the API, in YAML.
func Document() []byte { return append([]byte(nil), openapi...) }

// document serves it, as the type that RFC 9512 registers.
func document(*http.Request) (reply, error) {
	return reply{status: http.StatusOK, body: text{[]string{"application/yaml"}, openapi}}, nil
}

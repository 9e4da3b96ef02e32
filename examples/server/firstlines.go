package main

import (
	"strings"
	"text/template"

	"github.com/seckill-go/seckill/examples/internal/clients"
)

// tokenOf cuts the token out of an answer, with nothing but sed.
const tokenOf = `sed 's/.*"token":"\([^"]*\)".*/\1/'`

var firstLines = template.Must(template.New("").Parse(`The shop is open at {{.URL}}

  console  {{.URL}}/console/ (log in with the admin token)
  API      {{.URL}}/api/openapi.yaml
  ready    {{.URL}}/readyz?verbose
  metrics  {{.URL}}/metrics
  admin    Authorization: Bearer {{.AdminToken}}
  kept     {{.Kept}}
{{- if .Join}}
  join     go run ./examples/server -config {{.Join}} -addr 127.0.0.1:0 -dev
{{- end}}
{{if .Login}}
Buy something, in another terminal:

  TOKEN=$(curl -s -X POST "{{.URL}}/api/auth/token?user_id=alice" | {{.TokenOf}})
  TICKET=$(curl -s -X POST -H "Authorization: Bearer $TOKEN" "{{.URL}}/api/seckill/token?goods_id=1001" | {{.TokenOf}})
  curl -s -X POST -H "Authorization: Bearer $TOKEN" "{{.URL}}/api/seckill?goods_id=1001&token=$TICKET"

Then pay it, or let the payment fail (ORDER_ID is in the answer):

  curl -s -X POST -H "Authorization: Bearer $TOKEN" "{{.URL}}/api/payment/simulate?order_id=ORDER_ID"
  curl -s -X POST -H "Authorization: Bearer $TOKEN" "{{.URL}}/api/payment/simulate?order_id=ORDER_ID&success=false"

{{end}}`))

// firstLines is what whoever started the server sees first.
func (s *shop) firstLines(url string) string {
	var text strings.Builder
	firstLines.Execute(&text, map[string]any{
		"URL": url, "AdminToken": s.adminToken, "Login": s.command.dev, "TokenOf": tokenOf, "Join": s.invitation, "Kept": s.kept(),
	})
	return text.String()
}

// kept says what outlives the process, and where.
func (s *shop) kept() string {
	c := s.command.conf
	switch {
	case !s.command.embedded:
		return "orders in " + clients.DatabaseName(c.Database) + "; settings, blacklist and leases in etcd at " + strings.Join(c.Etcd.Host, ",")
	case s.command.data != "":
		return "orders, settings, blacklist and keys in " + s.command.data + "; what Redis and Kafka have is lost at the end"
	}
	return "nothing: everything is in memory (-data FOLDER keeps the orders)"
}

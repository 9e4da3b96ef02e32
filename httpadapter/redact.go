package httpadapter

import (
	"fmt"
	"io"

	"github.com/seckill-go/seckill/internal/door"
)

// Format writes which options are set, and of the admin token no more than that,
// whatever the verb.
func (o Options) Format(w fmt.State, _ rune) { io.WriteString(w, o.summary()) }

// MarshalText does as Format; JSON and slog ask for it.
func (o Options) MarshalText() ([]byte, error) { return []byte(o.summary()), nil }

func (o Options) summary() string {
	return fmt.Sprintf("{Authenticate:%s AdminToken:%s AdminTokenSHA256:%s AuthenticateAdmin:%s Webhook:%s DevLogin:%s Hosts:%q Patience:%v}",
		isSet(o.Authenticate != nil), door.Redacted(o.AdminToken), door.Redacted(o.AdminTokenSHA256), isSet(o.AuthenticateAdmin != nil),
		isSet(o.Webhook != nil), isSet(o.DevLogin != nil), o.Hosts, o.Patience)
}

func isSet(yes bool) string {
	if yes {
		return "set"
	}
	return "none"
}

package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/ticket"
)

// What holds keys, and what was made from them, may stand in anybody's log line.
func TestNoWayOfPrintingShowsAKey(t *testing.T) {
	secret := bytes.Repeat([]byte("t"), 32)
	keys := []ticket.Key{{ID: "k1", Secret: secret}}
	engine, err := seckill.New(seckill.Options{TicketKeys: keys})
	signer, signerErr := ticket.NewSigner(keys...)
	logins := session.Options{Keys: []session.Key{{ID: "k1", Secret: secret}}}
	sessions, sessionsErr := session.New(new(session.Memory), logins)
	webhook, webhookErr := payment.NewWebhook("whsec_" + base64.StdEncoding.EncodeToString(secret))
	for _, err := range []error{err, signerErr, sessionsErr, webhookErr} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []any{
		keys[0], &keys[0], keys, seckill.Options{TicketKeys: keys}, engine, engine.Admin("a"), signer, *signer,
		logins.Keys[0], logins, sessions, *sessions, webhook, *webhook,
	} {
		var all strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c"} {
			fmt.Fprintf(&all, verb+"\n", v)
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&all, nil), slog.NewJSONHandler(&all, nil)} {
			slog.New(h).Info("starting", "value", v)
		}
		content, _ := json.Marshal(v) // some cannot be
		all.Write(content)
		for _, shape := range []string{
			"tttttttt", strings.Repeat("74", 8), strings.Repeat("116 ", 8), strings.Repeat("0x74, ", 8), strings.Repeat("t ", 8), strings.Repeat("'t' ", 8),
			base64.StdEncoding.EncodeToString(secret)[:16], hex.EncodeToString(secret)[:16],
		} {
			if strings.Contains(all.String(), shape) {
				t.Errorf("%T shows %q: %.400s", v, shape, all.String())
			}
		}
	}
}

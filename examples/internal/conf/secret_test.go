package conf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	c, err := conf.Parse("conf.yaml", whole, nil)
	require.NoError(t, err)

	var all bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10s", "%c", "%U"} {
		fmt.Fprintf(&all, verb+"\n", c, c)
		fmt.Fprintf(&all, verb+"\n", &c, &c)
		fmt.Fprintf(&all, verb+"\n", c.Server.AdminToken, c.Server.AdminToken)
		fmt.Fprintf(&all, verb+"\n", c.Server.TicketKeys, c.Server.TicketKeys[0])
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&all, nil), slog.NewJSONHandler(&all, nil)} {
		slog.New(h).Info("starting", "config", c, "token", c.Server.AdminToken, "keys", c.Server.TicketKeys)
	}
	asJSON, err := json.Marshal(c)
	require.NoError(t, err)
	asYAML, err := yaml.Marshal(c)
	require.NoError(t, err)
	all.Write(asJSON)
	all.Write(asYAML)

	for _, secret := range []conf.Secret{
		c.Server.AdminToken, c.Server.TicketKeys[0].Secret, c.Server.WebhookSecret, c.Database.Password, c.Redis.Password,
	} {
		plain := string(secret)
		for _, shape := range []string{plain, fmt.Sprintf("%x", plain), fmt.Sprintf("%X", plain), fmt.Sprintf("%d", []byte(plain)), fmt.Sprintf("%U", []rune(plain))} {
			require.NotContains(t, all.String(), shape)
		}
	}
	require.Contains(t, all.String(), "[redacted]")
	require.Contains(t, all.String(), "db.example")
	require.Empty(t, conf.Secret("").String())
}

func TestAMistakeInASecretDoesNotShowIt(t *testing.T) {
	for _, text := range []string{
		"server: {admin_token: 'hunter 2'}", "server: {ticket_keys: 'hunter 2'}", "server: {webhook_secret: 'hunter 2'}",
		"database: {password: \"hunter 2\\n\"}", "database: {password: {hunter 2: }}", "database:\n  password: 'hunter 2'\n bad: indent",
		"database: {password: 'hunter 2}", "database:\n password: hunter 2: hunter 2",
	} {
		_, err := conf.Parse("conf.yaml", enough+text, nil)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter 2", text)
	}
}

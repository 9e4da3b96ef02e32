package conf_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

const (
	ticketKey  = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	ticketBits = "01234567890123456789012345678901"
)

const whole = `
server:
  host: 0.0.0.0
  port: 8080
  admin_token: an-admin-token-of-enough-bits
  ticket_keys: ["k2:` + ticketKey + `", "k1:` + ticketKey + `"]
  session_keys: k1:` + ticketKey + `
  webhook_secret: whsec_` + ticketKey + `
database: {driver: mysql, host: db.example, port: 3307, user: shop, password: 0123, name: shop}
redis: {cluster_nodes: "127.0.0.1:7000, 127.0.0.1:7001", password: "se:cret"}
kafka: {brokers: ["a:9092", "b:9092"], topic: orders, payment_topic: payments, group_id: shop}
etcd: {host: "[::1]:2379", dial_timeout: 3, username: shop, password: "p"}
log: {level: debug, format: json}
`

const enough = `
redis: {addr: "127.0.0.1:6379"}
kafka: {brokers: "127.0.0.1:9092"}
etcd: {host: "127.0.0.1:2379"}
`

func TestReadsEveryKey(t *testing.T) {
	c, err := conf.Parse("conf.yaml", whole, nil)
	require.NoError(t, err)
	keys := []conf.Key{{ID: "k2", Secret: ticketBits}, {ID: "k1", Secret: ticketBits}}
	require.Equal(t, conf.Config{
		Server: conf.Server{
			Host: "0.0.0.0", Port: 8080, AdminToken: "an-admin-token-of-enough-bits",
			TicketKeys: keys, SessionKeys: keys[1:], WebhookSecret: "whsec_" + ticketKey,
		},
		Database: conf.Database{Driver: conf.MySQL, Host: "db.example", Port: 3307, User: "shop", Password: "0123", Name: "shop"},
		Redis:    conf.Redis{ClusterNodes: []string{"127.0.0.1:7000", "127.0.0.1:7001"}, Password: "se:cret"},
		Kafka:    conf.Kafka{Brokers: []string{"a:9092", "b:9092"}, Topic: "orders", PaymentTopic: "payments", GroupID: "shop"},
		Etcd:     conf.Etcd{Host: []string{"[::1]:2379"}, DialTimeout: 3 * time.Second, Username: "shop", Password: "p"},
		Log:      conf.Log{Level: slog.LevelDebug, Format: "json"},
	}, c)
	require.Equal(t, "0.0.0.0:8080", c.Server.Address())
}

func TestWhatIsNotGivenHasItsDefault(t *testing.T) {
	c, err := conf.Parse("conf.yaml", enough+"database: {password: }\n", nil)
	require.NoError(t, err)
	want := conf.Default()
	want.Redis.Addr = "127.0.0.1:6379"
	want.Kafka.Brokers = []string{"127.0.0.1:9092"}
	want.Etcd.Host = []string{"127.0.0.1:2379"}
	require.Equal(t, want, c)
}

func TestTheEnvironmentWins(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(secret, []byte("from a file\n"), 0o600))
	c, err := conf.Parse("conf.yaml", enough+"database: {password: from the text, port: 1}\n", []string{
		"SECKILL_DATABASE_PASSWORD_FILE=" + secret,
		"SECKILL_DATABASE_PORT=3309",
		"SECKILL_KAFKA_BROKERS=a:1, b:2",
		"SECKILL_KAFKA_PAYMENT_TOPIC=paid",
		"SECKILL_ADMIN_TOKEN=an-admin-token-of-enough-bits",
		"SECKILL_REDIS_PASSWORD=",
		"SECKILL_SERVICE_HOST=10.0.0.1",
		"PATH=/bin",
	})
	require.NoError(t, err)
	require.EqualValues(t, "from a file", c.Database.Password)
	require.Equal(t, 3309, c.Database.Port)
	require.Equal(t, []string{"a:1", "b:2"}, c.Kafka.Brokers)
	require.Equal(t, "paid", c.Kafka.PaymentTopic)
	require.EqualValues(t, "an-admin-token-of-enough-bits", c.Server.AdminToken)
	require.Empty(t, c.Redis.Password)
}

func TestAKeyMayNameAFileInTheTextToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(path, []byte("k1:"+ticketKey+"\n"), 0o600))
	c, err := conf.Parse("conf.yaml", enough+"server: {ticket_keys_file: "+path+"}\n", nil)
	require.NoError(t, err)
	require.Equal(t, []conf.Key{{ID: "k1", Secret: ticketBits}}, c.Server.TicketKeys)
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "conf.yaml")
	_, err := conf.Load(path, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, path)

	_, err = conf.Load(t.TempDir(), nil)
	require.ErrorContains(t, err, "not a regular file")

	require.NoError(t, os.WriteFile(path, []byte(enough), 0o600))
	_, err = conf.Load(path, nil)
	require.NoError(t, err)
}

func TestListsAreWrittenInEveryWay(t *testing.T) {
	for _, list := range []string{`"a:1,b:2"`, `a:1,b:2`, `["a:1", "b:2"]`, "\n  - a:1\n  - b:2", "\n - a:1\n - 'b:2'"} {
		c, err := conf.Parse("conf.yaml", "redis: {addr: 'a:1'}\nkafka: {brokers: 'a:1'}\netcd:\n host: "+list, nil)
		require.NoError(t, err, list)
		require.Equal(t, []string{"a:1", "b:2"}, c.Etcd.Host, list)
	}
}

func TestTheEnvironmentAloneIsEnoughWithoutBackends(t *testing.T) {
	c, err := conf.Environment([]string{"SECKILL_ADMIN_TOKEN=an-admin-token-of-enough-bits", "SECKILL_LOG_LEVEL=warn", "SECKILL_REDIS_NODES=x"})
	require.NoError(t, err)
	want := conf.Default()
	want.Server.AdminToken, want.Log.Level = "an-admin-token-of-enough-bits", slog.LevelWarn
	require.Equal(t, want, c)

	_, err = conf.Environment([]string{"SECKILL_LOG_LEVEL=loud", "SECKILL_SERVER_PROT=1"})
	require.ErrorContains(t, err, "SECKILL_LOG_LEVEL: want debug")
	require.ErrorContains(t, err, "SECKILL_SERVER_PROT: unknown key")
}

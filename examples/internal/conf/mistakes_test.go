package conf_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

// Each text is put behind what is enough; line numbers count from there.
var mistakes = []struct{ text, want string }{
	{"servers: {port: 1}", `conf.yaml:5: "servers": unknown section, want one of server, database, redis, kafka, etcd, log`},
	{"server: {prot: 1}", `conf.yaml:5: server.prot: unknown key, want one of host, port, admin_token, ticket_keys, session_keys, webhook_secret`},
	{"server: 8000", `conf.yaml:5: server: want keys with values`},
	{"server: {port: 1, port: 2}", `conf.yaml:5: port: given twice`},
	{"server: {host: a b}", `conf.yaml:5: server.host: want a host name or an IP address, got "a b"`},
	{"server: {port: abc}", `conf.yaml:5: server.port: want a whole number from 1 to 65535, got "abc"`},
	{"server: {port: 0}", `conf.yaml:5: server.port: want a whole number from 1 to 65535, got "0"`},
	{"server: {port: 65536}", `conf.yaml:5: server.port: want a whole number from 1 to 65535, got "65536"`},
	{"server: {port: 8000.5}", `conf.yaml:5: server.port: want a whole number from 1 to 65535, got "8000.5"`},
	{"server: {port: [1, 2]}", `conf.yaml:5: server.port: want a whole number from 1 to 65535, got a list`},
	{"server: {port: {a: 1}}", `conf.yaml:5: server.port: want a plain value or a list of them, in quotes if there is a colon in it`},
	{"server: {admin_token: short}", `conf.yaml:5: server.admin_token: want 22 to 256 letters, digits or ._~+/=-, got 5 other characters`},
	{"server: {ticket_keys: k1:c2hvcnQ=}", `conf.yaml:5: server.ticket_keys: want id:base64 of at least 32 random bytes, more with commas between them and other ids, got 11 other characters`},
	{"server: {session_keys: 'a:" + ticketKey + ",a:" + ticketKey + "'}", `conf.yaml:5: server.session_keys: want id:base64 of at least 32 random bytes, more with commas between them and other ids, got 93 other characters`},
	{"server: {webhook_secret: whsec_AAAA}", `conf.yaml:5: server.webhook_secret: want whsec_ and the base64 of 24 to 64 random bytes, got 10 other characters`},
	{"database: {driver: postgres}", `conf.yaml:5: database.driver: want mysql or sqlite, got "postgres"`},
	{"database: {driver: sqlite}", `database.path: want the path of a file with the driver sqlite, got none`},
	{"database: {path: a.db}", `database.path: want none with the driver mysql`},
	{"database: {host: '-'}", `conf.yaml:5: database.host: want a host name or an IP address, got "-"`},
	{"database: {port: -1}", `conf.yaml:5: database.port: want a whole number from 1 to 65535, got "-1"`},
	{`database: {user: "\x01"}`, `conf.yaml:5: database.user: want 1 to 255 characters, got "\x01"`},
	{`database: {password: "a\nb"}`, `conf.yaml:5: database.password: want 1 to 255 characters, none of them a control character, got 3 other characters`},
	{"database: {name: a`b}", "conf.yaml:5: database.name: want 1 to 64 letters, digits, _, $ or -, got \"a`b\""},
	{"database: {password: a, password_file: b}", `conf.yaml:5: database.password_file: want either this or conf.yaml:5: database.password, got both`},
	{"kafka: {brokers: 'a:1,b'}", `conf.yaml:5: kafka.brokers: want a list of host:port, got "a:1,b"`},
	{"kafka: {topic: a b}", `conf.yaml:5: kafka.topic: want 1 to 249 letters, digits, ., _ or -, got "a b"`},
	{"kafka: {payment_topic: '?'}", `conf.yaml:5: kafka.payment_topic: want 1 to 249 letters, digits, ., _ or -, got "?"`},
	{"kafka: {topic: seckill_payments}", `kafka.topic, kafka.payment_topic: want two names that differ`},
	{`kafka: {group_id: "\t"}`, `conf.yaml:5: kafka.group_id: want 1 to 255 characters, got "\t"`},
	{"etcd: {host: a}", `conf.yaml:5: etcd.host: want a list of host:port, got "a"`},
	{"etcd: {dial_timeout: 5s}", `conf.yaml:5: etcd.dial_timeout: want whole seconds from 1 to 60, got "5s"`},
	{"etcd: {username: \"\\0\"}", `conf.yaml:5: etcd.username: want 1 to 255 characters, got "\x00"`},
	{"log: {level: loud}", `conf.yaml:5: log.level: want debug, info, warn or error, got "loud"`},
	{"log: {format: xml}", `conf.yaml:5: log.format: want text or json, got "xml"`},
	{"redis: {addr: nowhere}", `conf.yaml:5: redis.addr: want host:port, got "nowhere"`},
	{"redis: {cluster_nodes: ['a:1'], addr: b:1}", `redis.cluster_nodes, redis.addr: want one of the two`},
	{"redis: {cluster_nodes: [a:1, {b: 1}]}", `conf.yaml:5: redis.cluster_nodes: want a plain value or a list of them, in quotes if there is a colon in it`},
	{"log:\n  level: info\n format: text", `conf.yaml:7: `},
	{"log: {}\n---\nlog: {}", `conf.yaml:6: want one document, got more`},
	{"- a", `conf.yaml:`},
}

// but returns what is enough without the section that the text gives, at the same
// number of lines.
func but(text string) string {
	var b strings.Builder
	for line := range strings.Lines(enough) {
		section, _, _ := strings.Cut(line, ":")
		if section != "\n" && strings.HasPrefix(text, section+":") {
			line = "\n"
		}
		b.WriteString(line)
	}
	return b.String() + text + "\n"
}

func TestNamesEachMistakeWithItsLine(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.text, func(t *testing.T) {
			_, err := conf.Parse("conf.yaml", but(m.text), nil)
			require.ErrorContains(t, err, m.want)
		})
	}
}

func TestNamesAllMistakesAtOnceInTheOrderOfTheFile(t *testing.T) {
	_, err := conf.Parse("conf.yaml", "log: {level: loud}\nserver:\n  prot: 1\n  port: x\n", []string{
		"SECKILL_REDIS_ADDR=x", "SECKILL_DATABASE_NAMES=x",
	})
	require.EqualError(t, err, strings.Join([]string{
		`conf.yaml:1: log.level: want debug, info, warn or error, got "loud"`,
		`conf.yaml:3: server.prot: unknown key, want one of host, port, admin_token, ticket_keys, session_keys, webhook_secret`,
		`conf.yaml:4: server.port: want a whole number from 1 to 65535, got "x"`,
		`SECKILL_DATABASE_NAMES: unknown key, want one of driver, host, port, user, password, name, path`,
		`SECKILL_REDIS_ADDR: want host:port, got "x"`,
	}, "\n"))
}

func TestNamesWhatIsMissing(t *testing.T) {
	_, err := conf.Parse("conf.yaml", "", nil)
	require.EqualError(t, err, strings.Join([]string{
		`redis.cluster_nodes, redis.addr: want one of the two`,
		`kafka.brokers: want a list of host:port, got none`,
		`etcd.host: want a list of host:port, got none`,
	}, "\n"))
}

func TestNamesMistakesOfTheEnvironment(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	for variable, want := range map[string]string{
		"SECKILL_SERVER_PORT=x":                                           `SECKILL_SERVER_PORT: want a whole number`,
		"SECKILL_SERVER_PROT=1":                                           `SECKILL_SERVER_PROT: unknown key`,
		"SECKILL_DATABASE_PASSWORD_FILE=" + gone:                          `SECKILL_DATABASE_PASSWORD_FILE: want the name of a readable file: `,
		"SECKILL_ADMIN_TOKEN=short":                                       `SECKILL_ADMIN_TOKEN: want 22 to 256`,
		"SECKILL_DATABASE_PASSWORD=a\x00SECKILL_DATABASE_PASSWORD_FILE=b": `SECKILL_DATABASE_PASSWORD_FILE: want either this or SECKILL_DATABASE_PASSWORD, got both`,
	} {
		_, err := conf.Parse("conf.yaml", enough, strings.Split(variable, "\x00"))
		require.ErrorContains(t, err, want)
	}
}

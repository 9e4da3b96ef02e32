// Package conf reads the configuration of the example programs: a YAML file with
// the sections server, database, redis, kafka, etcd and log.
//
// Each key may come from the file, database.password, or from the environment,
// SECKILL_DATABASE_PASSWORD, which wins. Under its name with _file behind it
// (password_file, SECKILL_DATABASE_PASSWORD_FILE) a key names a file that holds
// the value; giving both is a mistake. An empty value counts as not given.
//
// Mistakes are named all at once, each with where it is and what was expected.
// Secrets print as [redacted].
package conf

import (
	"log/slog"
	"net"
	"strconv"
	"time"
)

// Config is what a node needs to know before it starts.
type Config struct {
	Server   Server
	Database Database
	Redis    Redis
	Kafka    Kafka
	Etcd     Etcd
	Log      Log
}

// Server is this node. The keys and secrets are the same on every node of a shop;
// those that are not given are zero.
type Server struct {
	// Host and Port are where it listens. Default 127.0.0.1 and 8000.
	Host string
	Port int
	// AdminToken opens the admin API.
	AdminToken Secret
	// TicketKeys and SessionKeys sign with the first and accept all.
	TicketKeys, SessionKeys []Key
	// WebhookSecret signs the payment provider's callbacks: whsec_ and base64.
	WebhookSecret Secret
}

// Address is host:port.
func (s Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// The database drivers.
const (
	MySQL  = "mysql"
	SQLite = "sqlite"
)

// Database is the ledger's.
type Database struct {
	// Driver is MySQL or SQLite. Default MySQL.
	Driver string
	// Host, Port, User, Password and Name are for MySQL. Default 127.0.0.1, 3306,
	// root, none and seckill_db.
	Host     string
	Port     int
	User     string
	Password Secret
	Name     string
	// Path is the file, for SQLite, and has no default.
	Path string
}

// Redis is a cluster or one server, never both.
type Redis struct {
	// ClusterNodes are some of the cluster's nodes, host:port each.
	ClusterNodes []string
	// Addr is the one server, host:port.
	Addr     string
	Password Secret
}

// Kafka carries the events.
type Kafka struct {
	// Brokers are host:port each; at least one.
	Brokers []string
	// Topic takes order events, PaymentTopic payment events. Default seckill_orders
	// and seckill_payments.
	Topic, PaymentTopic string
	// GroupID is the consumers'. Default seckill_group.
	GroupID string
}

// Etcd keeps leases, settings and the blacklist.
type Etcd struct {
	// Host is a list of host:port; at least one.
	Host []string
	// DialTimeout is whole seconds in the file. Default 5 s.
	DialTimeout time.Duration
	Username    string
	Password    Secret
}

// Log says what is logged and how.
type Log struct {
	// Level is debug, info, warn or error in the file. Default info.
	Level slog.Level
	// Format is text or json. Default text.
	Format string
}

// Default returns the configuration before anything is given.
func Default() Config {
	return Config{
		Server:   Server{Host: "127.0.0.1", Port: 8000},
		Database: Database{Driver: MySQL, Host: "127.0.0.1", Port: 3306, User: "root", Name: "seckill_db"},
		Kafka:    Kafka{Topic: "seckill_orders", PaymentTopic: "seckill_payments", GroupID: "seckill_group"},
		Etcd:     Etcd{DialTimeout: 5 * time.Second},
		Log:      Log{Format: "text"},
	}
}

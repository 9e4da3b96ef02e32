package conf

import "github.com/seckill-go/seckill/payment"

// key is one key of the file: its section and name, and how it is read.
type key struct {
	name string
	kind kind
}

// table binds every key to its place in c.
func (c *Config) table() []key {
	s, d, r, k, e, l := &c.Server, &c.Database, &c.Redis, &c.Kafka, &c.Etcd, &c.Log
	return []key{
		{"server.host", host(&s.Host)},
		{"server.port", number(&s.Port, 1, 65535)},
		{"server.admin_token", secret(&s.AdminToken, "22 to 256 letters, digits or ._~+/=-", bearer.MatchString)},
		{"server.ticket_keys", keys(&s.TicketKeys)},
		{"server.session_keys", keys(&s.SessionKeys)},
		{"server.webhook_secret", secret(&s.WebhookSecret, "whsec_ and the base64 of 24 to 64 random bytes", isWebhookSecret)},

		{"database.driver", oneOf(&d.Driver, MySQL, SQLite)},
		{"database.host", host(&d.Host)},
		{"database.port", number(&d.Port, 1, 65535)},
		{"database.user", matching(&d.User, printable, "1 to 255 characters")},
		{"database.password", password(&d.Password)},
		{"database.name", matching(&d.Name, schema, "1 to 64 letters, digits, _, $ or -")},
		{"database.path", matching(&d.Path, printable, "the path of a file")},

		{"redis.cluster_nodes", addresses(&r.ClusterNodes)},
		{"redis.addr", address(&r.Addr)},
		{"redis.password", password(&r.Password)},

		{"kafka.brokers", addresses(&k.Brokers)},
		{"kafka.topic", matching(&k.Topic, topicName, "1 to 249 letters, digits, ., _ or -")},
		{"kafka.payment_topic", matching(&k.PaymentTopic, topicName, "1 to 249 letters, digits, ., _ or -")},
		{"kafka.group_id", matching(&k.GroupID, printable, "1 to 255 characters")},

		{"etcd.host", addresses(&e.Host)},
		{"etcd.dial_timeout", seconds(&e.DialTimeout, 1, 60)},
		{"etcd.username", matching(&e.Username, printable, "1 to 255 characters")},
		{"etcd.password", password(&e.Password)},

		{"log.level", level(&l.Level)},
		{"log.format", oneOf(&l.Format, "text", "json")},
	}
}

func isWebhookSecret(s string) bool {
	_, err := payment.NewWebhook(s)
	return err == nil
}

// relations returns what is wrong although each value is right by itself.
func (c *Config) relations() []fault {
	var faults []fault
	check := func(ok bool, name, want string) {
		if !ok {
			faults = append(faults, fault{line: atEnd, text: name + ": want " + want})
		}
	}
	check(c.Database.Driver != SQLite || c.Database.Path != "", "database.path", "the path of a file with the driver sqlite, got none")
	check(c.Database.Driver != MySQL || c.Database.Path == "", "database.path", "none with the driver mysql")
	check((len(c.Redis.ClusterNodes) > 0) != (c.Redis.Addr != ""), "redis.cluster_nodes, redis.addr", "one of the two")
	check(len(c.Kafka.Brokers) > 0, "kafka.brokers", "a list of host:port, got none")
	check(c.Kafka.Topic != c.Kafka.PaymentTopic, "kafka.topic, kafka.payment_topic", "two names that differ")
	check(len(c.Etcd.Host) > 0, "etcd.host", "a list of host:port, got none")
	return faults
}

// Package counting counts what a program asks of its backends: the claim that a
// crowd shares its round trips is then a number and not a hope.
//
//	calls := new(counting.Calls)
//	db, err := calls.DB(db)
//	calls.Redis(redis)
//	client := &kafka.Client{Addr: addr, Transport: calls.Transport(transport)}
//	etcd, err := clientv3.New(clientv3.Config{Endpoints: endpoints, DialOptions: calls.DialOptions()})
//	...
//	before := calls.Snapshot()
//	...
//	cost := calls.Snapshot().Minus(before)
//
// The clients do what they did before; a count costs a few nanoseconds. A call
// counts when it is about to be sent, whatever comes of it.
package counting

import "sync/atomic"

// Calls counts the calls of the clients that it was attached to. The zero value
// is ready. It is safe for concurrent use.
type Calls struct{ sql, commits, redis, produce, etcd atomic.Int64 }

// Counts are the calls up to a moment, or between two.
type Counts struct {
	// SQL counts statements, and Commits what the database makes durable: the COMMITs,
	// and the writes outside a transaction, which are statements too. BEGIN, COMMIT,
	// ROLLBACK and the preparing of a statement are no statements; SAVEPOINT is.
	SQL, Commits int64
	// Redis counts commands: a script is one, a pipeline as many as it has.
	Redis int64
	// Produce counts requests that write to Kafka.
	Produce int64
	// Etcd counts unary requests, the retries among them, and messages on streams:
	// opening a watch is one, and so is each keep-alive.
	Etcd int64
}

// Snapshot returns the counts so far. Calls that are made meanwhile may be in one
// of its numbers and not yet in another.
func (c *Calls) Snapshot() Counts {
	return Counts{
		SQL: c.sql.Load(), Commits: c.commits.Load(), Redis: c.redis.Load(),
		Produce: c.produce.Load(), Etcd: c.etcd.Load(),
	}
}

// Minus returns the calls since an earlier snapshot.
func (c Counts) Minus(earlier Counts) Counts {
	return Counts{
		SQL: c.SQL - earlier.SQL, Commits: c.Commits - earlier.Commits, Redis: c.Redis - earlier.Redis,
		Produce: c.Produce - earlier.Produce, Etcd: c.Etcd - earlier.Etcd,
	}
}

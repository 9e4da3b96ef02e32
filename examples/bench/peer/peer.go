// Package peer has the two usual designs of a flash sale, in which each order pays
// for itself, on the same clients as the engine's. The benchmark compares with
// them, so they are written as well as such a design allows: [NewP0] takes a lock
// in etcd for each order, [NewP2] no lock at all.
//
// Both take a unit in Redis by one script, then book the order in one transaction
// in which the database itself refuses the unit too many, and both write one event
// for each order to [Topic], keyed by the order's id. The same attempt again gets
// the same order. What they leave out, and the engine does: an outbox (an event is
// lost with the process that was to send it), a sweep (a unit of a process that
// died between script and transaction is sold only when its attempt comes again),
// and the user's limit in the database (Redis alone knows it, and may forget).
package peer

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/segmentio/kafka-go"

	"github.com/seckill-go/seckill/order/kafkaorder"
	"github.com/seckill-go/seckill/standard"
)

var (
	// ErrSoldOut says that no unit is left.
	ErrSoldOut = errors.New("peer: sold out")
	// ErrLimitReached says that the user has all units that a user may have.
	ErrLimitReached = errors.New("peer: limit reached")
)

// Topic takes the events: the order as JSON, its id as the key.
const Topic = "bench-events"

// Peer sells one goods. Its methods are safe for concurrent use.
type Peer interface {
	// Purchase buys one unit and returns the order's id, the same for the same
	// attempt. A purchase that has its unit in Redis is finished even if ctx ends.
	// Errors: [ErrSoldOut], [ErrLimitReached] or a fault, after which the same
	// attempt may be purchased again.
	Purchase(ctx context.Context, attempt, user string) (orderID string, err error)

	// Check reads the books. It is for a peer that nobody purchases at, before Close.
	Check(ctx context.Context) (Books, error)

	// Close waits until every event is written, and then removes the goods from
	// Redis; its rows stay. The error tells how many events Kafka did not take. It
	// is to be called once, when the last Purchase has returned.
	Close() error
}

// Sale is what a peer sells.
type Sale struct {
	// GoodsID is 1 to 64 letters, digits, _ and -, and was never on sale before.
	GoodsID string
	// Total is how many units there are, at least 1.
	Total int
	// Limit is how many units a user may buy. Zero means no limit.
	Limit int
}

// Books are the numbers of one goods. They agree when all four are the same.
type Books struct {
	// Sold is what the stock row says.
	Sold int
	// Orders is the number of orders, Attempts of the different ids among them.
	Orders, Attempts int
	// Taken is how many units are gone from Redis.
	Taken int
}

// Agree returns an error with the numbers unless all are the same.
func (b Books) Agree() error {
	if b.Sold == b.Orders && b.Orders == b.Attempts && b.Attempts == b.Taken {
		return nil
	}
	return fmt.Errorf("peer: the books do not agree: %+v", b)
}

var goodsPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (s Sale) validate() error {
	var wrong []error
	if !goodsPattern.MatchString(s.GoodsID) {
		wrong = append(wrong, fmt.Errorf("peer: GoodsID: want 1 to 64 letters, digits, _ or -, got %.80q", s.GoodsID))
	}
	if s.Total < 1 {
		wrong = append(wrong, fmt.Errorf("peer: Total: want at least 1, got %d", s.Total))
	}
	if s.Limit < 0 {
		wrong = append(wrong, fmt.Errorf("peer: Limit: want at least 0, got %d", s.Limit))
	}
	return errors.Join(wrong...)
}

// Drop removes what is left of all sales of all peers: the tables and the topic.
func Drop(ctx context.Context, c standard.Clients) error {
	deleted, err := kafkaClient(c.Kafka).DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{Topic}})
	if err == nil && !errors.Is(deleted.Errors[Topic], kafka.UnknownTopicOrPartition) {
		err = deleted.Errors[Topic]
	}
	for _, table := range []string{"bench_orders", "bench_stock"} {
		err = errors.Join(err, c.DB.WithContext(ctx).Exec("DROP TABLE IF EXISTS "+table).Error)
	}
	if err != nil {
		return fmt.Errorf("peer: drop: %w", err)
	}
	return nil
}

func ensureTopic(ctx context.Context, k standard.Kafka) error {
	return kafkaorder.EnsureTopics(ctx, kafkaClient(k), kafkaorder.TopicOptions{}, Topic)
}

func kafkaClient(k standard.Kafka) *kafka.Client {
	return &kafka.Client{Addr: kafka.TCP(k.Brokers...), Transport: k.Transport}
}

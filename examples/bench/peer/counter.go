package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/standard"
)

// counter is what both designs share: a gate with the ledger behind it.
type counter struct {
	sale   Sale
	gate   *Gate
	ledger ledger
}

// open makes what is missing and puts the goods on sale.
func open(ctx context.Context, c standard.Clients, s Sale) (*counter, error) {
	_, missing := standard.Options(c)
	if err := errors.Join(missing, s.validate()); err != nil {
		return nil, err
	}
	n := &counter{sale: s, gate: NewGate(c, s.GoodsID)}
	n.ledger = ledger{db: c.DB.Session(&gorm.Session{NewDB: true, SkipDefaultTransaction: true}), goodsID: s.GoodsID}
	if err := createTables(ctx, c.DB); err != nil {
		return nil, err
	}
	if err := ensureTopic(ctx, c.Kafka); err != nil {
		return nil, err
	}
	if err := n.ledger.open(ctx, s.Total); err != nil {
		return nil, err
	}
	return n, n.gate.Open(ctx, s.Total)
}

// sell takes the unit and books the order, which bears the attempt's id. The event
// is that of a new order, nil if the attempt had its order before.
func (n *counter) sell(ctx context.Context, attempt, user string) (event *kafka.Message, err error) {
	if err := n.gate.Reserve(ctx, attempt, user, n.sale.Limit); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	o := n.order(attempt, user)
	isNew, err := n.ledger.commit(ctx, o)
	switch {
	case errors.Is(err, ErrSoldOut):
		return nil, errors.Join(err, n.gate.Release(ctx, attempt, user))
	case err != nil || !isNew:
		return nil, err // after a fault the unit waits for the same attempt
	}
	value, err := json.Marshal(o)
	return &kafka.Message{Key: []byte(o.ID), Value: value}, err
}

// order is what is sold to whoever gets here.
func (n *counter) order(attempt, user string) order.Order {
	now := time.Now()
	return order.Order{
		ID: attempt, GoodsID: n.sale.GoodsID, UserID: user,
		Quantity: 1, Amount: 1999, Currency: "CNY", State: order.Pending, Version: 1,
		CreatedAt: now, UpdatedAt: now, PayBy: now.Add(15 * time.Minute),
	}
}

// Check implements [Peer].
func (n *counter) Check(ctx context.Context) (Books, error) {
	b, err := n.ledger.books(ctx)
	if err != nil {
		return Books{}, err
	}
	left, err := n.gate.Left(ctx)
	b.Taken = n.sale.Total - left
	return b, err
}

// close removes the goods from Redis and says how many events were not written.
func (n *counter) close(notWritten int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := n.gate.Forget(ctx)
	if notWritten > 0 {
		err = errors.Join(err, fmt.Errorf("peer: Kafka did not take %d events", notWritten))
	}
	return err
}

// Quickstart is a whole flash sale in one process, with nothing installed: the
// calls that a shop makes, in the order in which it makes them.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
)

func main() {
	ctx, now := context.Background(), time.Now()
	engine := must(seckill.New(seckill.Options{})) // in memory; package standard wires Redis, etcd, MySQL and Kafka
	go engine.Run(ctx)                             // sends events, takes payments in, cancels what nobody pays

	cup := goods.Goods{ID: "1001", Title: "Celadon cup", Price: 1999, Currency: "CNY", Total: 3, StartsAt: now, EndsAt: now.Add(time.Hour)}
	must(engine.Admin("quickstart").PutGoods(ctx, cup))
	must(engine.Admin("quickstart").Preload(ctx, cup.ID))

	ticket := must(engine.Ticket(ctx, "alice", cup.ID, 1))
	order := must(engine.Purchase(ctx, "alice", cup.ID, ticket.Token)).Order
	fmt.Println(order.UserID, "ordered", order.Quantity, "for", order.Amount, order.Currency, "- the order is", order.State)

	must(order, engine.Pay(ctx, "alice", order.ID, ""))
	for ; order.State == "pending"; time.Sleep(time.Millisecond) {
		order = must(engine.Order(ctx, "alice", order.ID)) // the payment comes back as an event
	}
	fmt.Println("the order is", order.State)
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

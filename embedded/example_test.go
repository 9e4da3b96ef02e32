package embedded_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/standard"
)

// The backends of production, on servers inside the process.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	servers, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	options, err := standard.Options(servers.Clients())
	if err != nil {
		fmt.Println(err)
		return
	}
	engine, err := seckill.New(options)
	if err != nil {
		fmt.Println(err)
		return
	}
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()

	now := time.Now()
	cup := goods.Goods{ID: "1001", Title: "Celadon cup", Price: 1999, Currency: "CNY", Total: 3, StartsAt: now, EndsAt: now.Add(time.Hour)}
	_, err = engine.Admin("ann").PutGoods(ctx, cup)
	fmt.Println("defined", err)
	counts, err := engine.Admin("ann").Preload(ctx, cup.ID)
	fmt.Println(counts.Left, "on sale", err)

	stop()
	fmt.Println("ended", <-done)
	fmt.Println("closed", servers.Close())
	// Output:
	// defined <nil>
	// 3 on sale <nil>
	// ended <nil>
	// closed <nil>
}

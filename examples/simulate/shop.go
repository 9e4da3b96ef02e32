package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/examples/simulate/client"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/session"
	"github.com/seckill-go/seckill/standard"
)

// shop is a shop inside the process, which the crowd reaches over HTTP as any
// other.
type shop struct {
	url, admin string
	close      func() error
}

// payWithin is short, so that units of abandoned orders come back during a run.
const payWithin = 3 * time.Second

// openShop puts the goods on sale on backends inside the process. It lives until
// it is closed.
func openShop(ctx context.Context, goodsID string, units int, logs io.Writer) (_ *shop, err error) {
	ctx = context.WithoutCancel(ctx)
	log := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelError}))
	redis.SetLogger(silent{})
	servers, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		return nil, err
	}
	s := &shop{admin: rand.Text(), close: servers.Close}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	options, err := standard.Options(servers.Clients())
	if err != nil {
		return nil, err
	}
	options.Logger, options.PayWithin, options.PayGrace = log, payWithin, time.Second
	engine, err := seckill.New(options)
	if err != nil {
		return nil, err
	}
	if err := stockUp(ctx, engine, goodsID, units); err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	rand.Read(key)
	sessions, err := session.New(standard.Sessions(servers.Clients()), session.Options{Keys: []session.Key{{ID: "k1", Secret: key}}})
	if err != nil {
		return nil, err
	}
	handler, err := httpadapter.New(engine, httpadapter.Options{
		Authenticate: httpadapter.Sessions(sessions), AdminToken: s.admin, DevLogin: sessions, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.url = "http://" + listener.Addr().String()
	server := httpadapter.Server("", handler)
	go server.Serve(listener)
	s.close = running(ctx, engine, server.Close, servers.Close)
	return s, nil
}

// running runs the engine until the function that it returns is called, which then
// closes the rest in order.
func running(ctx context.Context, e *seckill.Engine, closers ...func() error) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	return func() error {
		server, backends := closers[0](), closers[1]
		cancel()
		return errors.Join(server, <-ended, backends())
	}
}

func stockUp(ctx context.Context, e *seckill.Engine, goodsID string, units int) error {
	admin, now := e.Admin("simulate"), time.Now()
	cup := goods.Goods{
		ID: goodsID, Title: "Celadon tea cup · 青瓷茶杯", Price: 1999, OriginalPrice: 5900, Currency: "CNY", Total: units, LimitPerUser: 2,
		StartsAt: now.Add(-time.Minute), EndsAt: now.AddDate(0, 0, 1),
	}
	if _, err := admin.PutGoods(ctx, cup); err != nil {
		return fmt.Errorf("put goods %s: %w", goodsID, err)
	}
	if _, err := admin.Preload(ctx, goodsID); err != nil {
		return fmt.Errorf("preload goods %s: %w", goodsID, err)
	}
	return nil
}

// greet reads the goods, and says in plain words what stands in the way.
func greet(ctx context.Context, c *client.Client, session, goodsID, at string) (client.Goods, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	g, a := c.Goods(ctx, session, goodsID)
	switch {
	case a.OK():
		return g, nil
	case a.Code == "goods_not_found":
		return g, mistakef("-goods: want a goods that %s sells, got %s", at, goodsID)
	case a.Code == "unauthenticated":
		return g, mistakef("-sessions: want tokens that %s knows; it says that the first is none", at)
	case a.Status == 0:
		return g, fmt.Errorf("the server cannot be reached: %w", a.Err)
	}
	return g, fmt.Errorf("goods %s: %v", goodsID, a)
}

// silent hides what go-redis says beside the errors that it returns.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

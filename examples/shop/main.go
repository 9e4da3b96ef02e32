// Shop is a web shop with users and pages of its own, into which a flash sale has
// moved: docs/quickstart.md tells how. What it had before is in pages.go.
//
//	SECKILL_ADMIN_TOKEN=… go run ./examples/shop
//
// It sells on servers inside the process, and listens on 127.0.0.1:8080.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/standard"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `host:port`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, os.Getenv("SECKILL_ADMIN_TOKEN")); err != nil {
		log.Fatal(err)
	}
}

// run opens the shop until ctx ends. Whoever opens closes: the server first, then
// the engine, then what it lives on.
func run(ctx context.Context, addr, adminToken string) error {
	backends, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		return err
	}
	defer backends.Close()
	engine, err := newEngine(backends.Clients())
	if err != nil {
		return err
	}
	shop := pages()
	if err := mount(shop, engine, adminToken); err != nil {
		return err
	}

	background, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(background) }()
	err = serve(ctx, addr, shop)
	stop()
	return errors.Join(err, <-ended)
}

func newEngine(clients standard.Clients) (*seckill.Engine, error) {
	options, err := standard.Options(clients)
	if err != nil {
		return nil, err
	}
	options.PayWithin = 10 * time.Minute
	return seckill.New(options)
}

// mount puts the flash sale into the shop, below /flash and /console.
func mount(shop *http.ServeMux, engine *seckill.Engine, adminToken string) error {
	buyers, err := httpadapter.User(engine, httpadapter.Options{
		Authenticate: func(r *http.Request) (string, error) {
			if user := loggedIn(r); user != "" {
				return user, nil
			}
			return "", httpadapter.ErrUnauthenticated
		},
	})
	if err != nil {
		return err
	}
	operators, err := httpadapter.Admin(engine, httpadapter.Options{AdminToken: adminToken})
	if err != nil {
		return err
	}
	page, err := console.New(engine, console.Options{AdminToken: adminToken})
	if err != nil {
		return err
	}
	shop.Handle("/flash/", http.StripPrefix("/flash", buyers))
	shop.Handle("/flash/api/admin/", http.StripPrefix("/flash", operators))
	shop.Handle("/console/", http.StripPrefix("/console", page))
	return nil
}

// serve answers until ctx ends. The shop reads cookies, so pages of other origins
// are kept out.
func serve(ctx context.Context, addr string, shop http.Handler) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := httpadapter.Server("", http.NewCrossOriginProtection().Handler(shop))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Printf("The shop is open at http://%s\n", listener.Addr())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return server.Shutdown(patience)
}

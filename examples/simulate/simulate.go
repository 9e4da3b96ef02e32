package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/client"
	"github.com/seckill-go/seckill/examples/simulate/crowd"
	"github.com/seckill-go/seckill/examples/simulate/measure"
	"github.com/seckill-go/seckill/examples/simulate/report"
)

// auditPatience is how long the audit may take, beside what payments may.
const auditPatience = 2 * time.Minute

// simulate opens a shop if there is none, sends the crowd, looks at the shop, and
// reports.
func simulate(ctx context.Context, c command, stdout io.Writer, stderr *os.File) (err error) {
	fmt.Fprintf(stderr, "seed %d\n", c.plan.Seed)
	admin := ""
	if c.url == "" {
		s, err := openShop(ctx, c.goods, c.units, stderr)
		if err != nil {
			return fmt.Errorf("a shop inside the process: %w", err)
		}
		defer func() { s.close() }() // nothing in it is kept
		c.url, admin = s.url, s.admin
	}
	if c.admin != "" {
		all, err := tokens("admin", c.admin)
		if err != nil {
			return err
		}
		admin = all[0]
	}
	r, err := c.sell(ctx, admin, stderr)
	if err != nil {
		return err
	}
	if err := errors.Join(r.Table(stdout), save("html", c.html, r.HTML), save("json", c.json, r.JSON)); err != nil {
		return err
	}
	if !r.Passed() {
		return errBroken
	}
	return nil
}

// sell is the run itself.
func (c command) sell(ctx context.Context, admin string, stderr *os.File) (r report.Report, err error) {
	show := newProgress(stderr)
	defer show.end()
	shop := client.New(c.url, c.connections)
	defer shop.Close()
	aside := client.New(c.url, 2)
	defer aside.Close()
	look := audit.Look{Client: shop, GoodsID: c.goods, Fresh: c.sessions == "", Admin: admin, PaidWithin: c.paidWithin}
	if look.Sessions, err = c.admit(ctx, shop, show); err != nil {
		return r, err
	}
	if look.Before, err = greet(ctx, shop, look.Sessions[0], c.goods, c.url); err != nil {
		return r, err
	}
	book, recorder := new(audit.Book), measure.NewRecorder(c.plan.Duration)
	book.OnSale(look.Before.Total)
	crowd := &crowd.Crowd{
		Plan: c.plan, Client: shop, Aside: aside, GoodsID: c.goods, Sessions: look.Sessions, Fresh: look.Fresh,
		Recorder: recorder, Book: book, PaidWithin: c.paidWithin,
	}
	began := time.Now()
	stop := watch(show, func() (string, int, int) {
		arrived, orders, ended := recorder.Now()
		return fmt.Sprintf("%d arrived, %d with an order", arrived, orders), ended, c.plan.Visitors
	})
	crowd.Run(ctx)
	stop()
	stop = watch(show, func() (string, int, int) { return "looking at the books", c.plan.Visitors, c.plan.Visitors })
	defer stop()
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.paidWithin+auditPatience)
	defer cancel()
	facts := look.See(reading, book)
	return report.New(c.run(look.Before, began, ctx.Err() != nil), recorder.Figures(), audit.Judge(facts)), nil
}

// admit returns the visitors' sessions.
func (c command) admit(ctx context.Context, shop *client.Client, show progress) (sessions []string, err error) {
	if c.sessions != "" {
		return tokens("sessions", c.sessions)
	}
	if sessions, err = logIn(ctx, shop, c.plan.Visitors, show); err != nil && ctx.Err() != nil {
		return nil, errors.New("interrupted before the sale began")
	}
	return sessions, err
}

// run is what the report says of what was asked for.
func (c command) run(g client.Goods, began time.Time, interrupted bool) report.Run {
	p := c.plan
	return report.Run{
		URL: c.url, GoodsID: c.goods, Title: g.Title, Units: g.Total, At: began.UTC(), Users: p.Visitors, DurationSeconds: p.Duration.Seconds(),
		Curve: string(p.Curve), Mix: p.Mix.String(), BotsPercent: p.Bots, DoublesPercent: p.Doubles, Retries: p.Retries,
		Connections: c.connections, Seed: p.Seed, Interrupted: interrupted,
	}
}

// save writes a report to the file that a flag names, and makes its folder; "" is
// no file.
func save(flag, file string, write func(io.Writer) error) (err error) {
	if file == "" {
		return nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("-%s: %w", flag, err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

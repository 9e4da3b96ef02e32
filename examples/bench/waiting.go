package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/examples/bench/load"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// waiting is how many buyers wait at the same time.
const waiting = 5000

// measureWaiting compares the memory of buyers who wait for the engine with that
// of requests that wait in a handler of net/http which does nothing else, in KiB
// for each. In the engine they wait for a ledger that does not answer.
func (b *bench) measureWaiting(ctx context.Context) error {
	b.show.step(fmt.Sprintf("memory of %d waiting buyers", waiting))
	if err := b.market.logIn(ctx, waiting); err != nil {
		return err
	}
	b.market.ahead = 0
	release := make(chan struct{})
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // as every handler of a POST does
		<-release
		w.WriteHeader(http.StatusCreated)
	})
	plain, err := held(ctx, bare, b.market.purchases("any"), release)
	if err != nil {
		return err
	}
	release = make(chan struct{})
	o := b.market.options
	o.Orders, o.Catalog, o.Stock = slow{agreeable{new(order.Memory)}, release}, new(goods.Memory), new(stock.Memory)
	o.CommitPatience = time.Minute
	o.HoldTimeout = time.Hour
	e, err := seckill.New(o)
	if err != nil {
		return err
	}
	goodsID, err := b.market.sell(ctx, e, plenty)
	if err != nil {
		return err
	}
	h := b.market.http()
	h.Patience = time.Minute
	handler, err := httpadapter.User(e, h)
	if err != nil {
		return err
	}
	engine, err := held(ctx, handler, b.market.purchases(goodsID), release)
	b.more["E2"] = float64(int64(engine)-int64(plain)) / waiting / 1024
	return err
}

// slow is a ledger that answers when it is released.
type slow struct {
	order.Store
	release chan struct{}
}

func (s slow) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	<-s.release
	return s.Store.Commit(ctx, goodsID, fence, drafts)
}

// held returns how much memory the process has in use while all buyers wait in the
// handler, which it then releases.
func held(ctx context.Context, h http.Handler, next func(int) func(*fasthttp.Request), release chan struct{}) (used uint64, err error) {
	var came atomic.Int64
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came.Add(1)
		h.ServeHTTP(w, r)
	})
	call, closing, err := serve(stage{handler: counted, next: next, status: http.StatusCreated}, waiting)
	if err != nil {
		return 0, err
	}
	defer closing()
	loading, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan load.Result)
	go func() {
		done <- load.Run(loading, load.Plan{Buyers: waiting, Measured: time.Hour}, stopping(stop, call))
	}()
	for came.Load() < waiting && loading.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Second) // from the door to the queue
	var m runtime.MemStats
	for range 3 { // until pools are empty and stacks are as small as they get
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	stop()
	close(release)
	return m.HeapInuse + m.StackInuse, (<-done).Err
}

package seckill

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/ticket"
)

// Options are the engine's parts and numbers. The zero value is an engine in
// memory, for one process: good for a test, forgotten when the process ends.
//
// A part that also has a method Run(context.Context) error is run by
// [Engine.Run]; one that has Check(context.Context) error is asked by
// [Engine.Health].
type Options struct {
	// Locker grants the leases by which nodes share a goods. Zero means lock.Memory.
	Locker lock.Locker
	// Stock is the gate in front of the ledger. Zero means stock.Memory.
	Stock stock.Store
	// Limiter limits the tickets of a user. Zero means limiter.Memory.
	Limiter limiter.Limiter
	// Blacklist lists users who may not buy. Zero means blacklist.Memory.
	Blacklist blacklist.List
	// Settings are changed while the sale runs. Zero means settings.Memory.
	Settings settings.Store
	// Catalog keeps what is on sale. Zero means goods.Memory.
	Catalog goods.Catalog
	// Orders is the durable ledger. Zero means order.Memory.
	Orders order.Store
	// Sink is where events go, and Source where payment events come back from. Both
	// or none are given. Zero means one order.Bus for both.
	Sink   order.Sink
	Source order.Source
	// Gateway takes the money. Zero means payment.Sandbox.
	Gateway payment.Gateway

	// TicketKeys sign tickets, the first, and are accepted, all; every node needs
	// the same. Zero means a random key: tickets of this process only.
	TicketKeys []ticket.Key
	// TicketTTL is how long a ticket is good for, 1 s to 1 h. Zero means 5 minutes.
	TicketTTL time.Duration
	// MaxQuantity is how many units one ticket may ask for, 1 to 1000; a goods'
	// limit per user bounds it too. Zero means 10.
	MaxQuantity int
	// PayWithin is how long a buyer has to pay, 1 s to 30 days. Zero means 15
	// minutes.
	PayWithin time.Duration
	// PayGrace is how much later an unpaid order is cancelled, for money that is on
	// its way, 0 to 1 day. Zero means 5 s; negative means none.
	PayGrace time.Duration

	// MaxGroup is how many buyers of a goods share one commit, 1 to 1024. Zero means
	// 512.
	MaxGroup int
	// MaxQueue is how many buyers of a goods may wait on this node; more are refused
	// with Busy. At least MaxGroup. Zero means 20,000.
	MaxQueue int
	// CommitPatience is how long a group asks a ledger that does not answer before
	// its buyers are told OutcomeUnknown, 100 ms to 1 minute. Zero means 5 s.
	CommitPatience time.Duration
	// RetireAfter is how long after its end a goods is retired, once nothing of it is
	// pending: see [Admin.Retire]. Zero means 24 h; less means never.
	RetireAfter time.Duration
	// HoldTimeout is how old a hold must be before the sweep asks the ledger what
	// became of it, 1 s to 1 h; well above CommitPatience. Zero means 30 s.
	HoldTimeout time.Duration

	// Node names this process to operators: as the holder of leases, and as who
	// committed an order. 1 to 64 characters of A-Z a-z 0-9 and "_.:-", another on
	// each node. Zero means the host's name and the process id.
	Node string
	// Observer hears of every stage of the engine's work; one that is a [Carrier] too
	// has its traces carried on by the events. Zero means nobody does.
	Observer Observer
	// Logger gets what an operator should know. Zero means none.
	Logger *slog.Logger
	// Now is the clock. Zero means the ledger's, if it is an [order.Clock], from the
	// moment that Run has read it, to within a second; else time.Now.
	Now func() time.Time
}

// withDefaults returns o with every zero replaced.
func (o Options) withDefaults() Options {
	if o.Locker == nil {
		o.Locker = new(lock.Memory)
	}
	if o.Stock == nil {
		o.Stock = new(stock.Memory)
	}
	if o.Limiter == nil {
		o.Limiter = new(limiter.Memory)
	}
	if o.Blacklist == nil {
		o.Blacklist = new(blacklist.Memory)
	}
	if o.Settings == nil {
		o.Settings = new(settings.Memory)
	}
	if o.Catalog == nil {
		o.Catalog = new(goods.Memory)
	}
	if o.Orders == nil {
		o.Orders = new(order.Memory)
	}
	if o.Sink == nil && o.Source == nil {
		bus := new(order.Bus)
		o.Sink, o.Source = bus, bus
	}
	if o.Gateway == nil {
		o.Gateway = new(payment.Sandbox)
	}
	if o.TicketKeys == nil {
		secret := make([]byte, 32)
		rand.Read(secret)
		o.TicketKeys = []ticket.Key{{ID: "random", Secret: secret}}
	}
	if o.Node == "" {
		host, _ := os.Hostname()
		o.Node = nodeName(host, os.Getpid())
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.PayGrace == 0 {
		o.PayGrace = 5 * time.Second
	}
	o.TicketTTL = or(o.TicketTTL, 5*time.Minute)
	o.MaxQuantity = or(o.MaxQuantity, 10)
	o.PayWithin = or(o.PayWithin, 15*time.Minute)
	o.MaxGroup = or(o.MaxGroup, 512)
	o.MaxQueue = or(o.MaxQueue, 20_000)
	o.CommitPatience = or(o.CommitPatience, 5*time.Second)
	o.RetireAfter = or(o.RetireAfter, 24*time.Hour)
	o.HoldTimeout = or(o.HoldTimeout, 30*time.Second)
	return o
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// validate names every option that is out of its range, all at once. It returns
// what the keys are good for, as making it is what proves them.
func (o Options) validate() (*ticket.Signer, error) {
	var faults []error
	check := func(ok bool, field, want string, got any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s: want %s, got %v", field, want, got))
		}
	}
	span := func(field string, d, low, high time.Duration) {
		check(low <= d && d <= high, field, fmt.Sprintf("%v to %v", low, high), d)
	}
	check((o.Sink == nil) == (o.Source == nil), "Sink, Source", "both or none", "one")
	span("TicketTTL", o.TicketTTL, time.Second, time.Hour)
	check(1 <= o.MaxQuantity && o.MaxQuantity <= 1000, "MaxQuantity", "1 to 1000", o.MaxQuantity)
	span("PayWithin", o.PayWithin, time.Second, 30*24*time.Hour)
	check(o.PayGrace <= 24*time.Hour, "PayGrace", "at most 24h", o.PayGrace)
	check(1 <= o.MaxGroup && o.MaxGroup <= 1024, "MaxGroup", "1 to 1024", o.MaxGroup)
	check(o.MaxQueue >= o.MaxGroup, "MaxQueue", "at least MaxGroup", o.MaxQueue)
	span("CommitPatience", o.CommitPatience, 100*time.Millisecond, time.Minute)
	span("HoldTimeout", o.HoldTimeout, time.Second, time.Hour)
	check(o.HoldTimeout > o.CommitPatience, "HoldTimeout", "more than CommitPatience", o.HoldTimeout)
	check(len(o.Node) <= maxNode && lock.CheckName(o.Node) == nil, "Node", fmt.Sprintf(`1 to %d characters of A-Z a-z 0-9 and "_.:-"`, maxNode), o.Node)
	signer, err := ticket.NewSigner(o.TicketKeys...)
	if err != nil {
		faults = append(faults, fmt.Errorf("TicketKeys: %w", err))
	}
	return signer, errors.Join(faults...)
}

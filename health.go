package seckill

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"
)

// Health tells whether one part of the engine does its work.
type Health struct {
	Part string
	// Needed says that nothing can be sold without the part. Without any other,
	// sales go on by what was last known, and events wait in the outbox.
	Needed bool
	// Fault is why the part does not do its work, nil if it does.
	Fault error
}

const (
	// healthPatience bounds a look at all parts.
	healthPatience = 2 * time.Second
	// checkPatience bounds one Check: less, so that what it says at the end is heard.
	checkPatience = 1800 * time.Millisecond
	// healthFor is how long what a part said of itself is repeated: a Check may write.
	healthFor = time.Second
)

// Health asks every part that has a Check how it is, all at the same time and for
// at most 2 s. A part is asked once a second at most, however often Health is
// called, and not again while it owes an answer. A part without a Check is assumed
// to do its work.
func (e *Engine) Health(ctx context.Context) []Health {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	parts := e.parts()
	health := make([]Health, len(parts))
	var all sync.WaitGroup
	for i, p := range parts {
		health[i] = Health{Part: p.name, Needed: p.needed}
		if c, ok := p.part.(interface{ Check(context.Context) error }); ok {
			all.Go(func() { health[i].Fault = e.ask(ctx, p.name, c.Check) })
		}
	}
	all.Wait()
	return health
}

// ask returns what the part says of itself, or said within the last second. The
// part is asked beside the caller, who waits no longer than ctx allows.
func (e *Engine) ask(ctx context.Context, name string, check func(context.Context) error) error {
	answer, first := e.health.Find(name)
	if first {
		go func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkPatience)
			defer cancel()
			e.health.Fill(answer, checked(ctx, check), nil)
		}()
	}
	fault, late := answer.Wait(ctx)
	return cmp.Or(fault, late)
}

// checked returns what a check says, also if it panics: it may be the shop's own.
func checked(ctx context.Context, check func(context.Context) error) (fault error) {
	defer func() {
		if r := recover(); r != nil {
			fault = fmt.Errorf("the check panics: %v", r)
		}
	}()
	return check(ctx)
}

// Ready reports whether the engine can sell: every needed part does its work.
func Ready(parts []Health) bool {
	for _, h := range parts {
		if h.Needed && h.Fault != nil {
			return false
		}
	}
	return true
}

// part is a plug point; it may have a Run and a Check of its own.
type part struct {
	name   string
	part   any
	needed bool
}

func (e *Engine) parts() []part {
	return []part{
		{"stock", e.o.Stock, true}, {"orders", e.o.Orders, true}, {"catalog", e.o.Catalog, true}, {"limiter", e.o.Limiter, true},
		{"settings", e.o.Settings, false}, {"live settings", known{e}, true}, {"blacklist", e.o.Blacklist, false},
		{"locker", e.o.Locker, false}, {"sink", e.o.Sink, false}, {"source", e.o.Source, false}, {"gateway", e.o.Gateway, false},
	}
}

// known checks that the settings and the blacklist were ever read: an engine that
// does not know them sells nothing.
type known struct{ e *Engine }

func (k known) Check(ctx context.Context) error {
	if _, err := k.e.o.Settings.Get(ctx); err != nil {
		return err
	}
	_, _, err := k.e.o.Blacklist.Find(ctx, "nobody", k.e.o.Now())
	return err
}

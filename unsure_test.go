package seckill_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/settings"
)

// Writes take effect, and their answers are lost.
type (
	deafCatalog   struct{ goods.Catalog }
	deafSettings  struct{ settings.Store }
	deafBlacklist struct{ blacklist.List }
	deafOutbox    struct{ order.Store }
)

func (d deafCatalog) Put(ctx context.Context, g goods.Goods) (bool, error) {
	d.Catalog.Put(ctx, g)
	return false, errCut
}

func (d deafSettings) Update(ctx context.Context, change func(*settings.Settings) error) (settings.Settings, error) {
	d.Store.Update(ctx, change)
	return settings.Settings{}, errCut
}

func (d deafBlacklist) Add(ctx context.Context, e blacklist.Entry, now time.Time) error {
	d.List.Add(ctx, e, now)
	return errCut
}

func (d deafBlacklist) Remove(ctx context.Context, user string, now time.Time) (bool, error) {
	d.List.Remove(ctx, user, now)
	return false, errCut
}

func (d deafOutbox) Enqueue(ctx context.Context, events []order.Event) error {
	d.Store.Enqueue(ctx, events)
	return errCut
}

func (d deafOutbox) Open(ctx context.Context, goodsID string, fence int64, total int) (order.Stock, error) {
	d.Store.Open(ctx, goodsID, fence, total)
	return order.Stock{}, errCut
}

func TestBusyIsNeverSaidOfWhatMayHaveBeenDone(t *testing.T) {
	sound, gate := openForgetful(t, 10)
	o := sound.buy("user-1")
	sound.sound(1)
	gate.forget()
	e := *sound
	e.o.Catalog, e.o.Settings = deafCatalog{e.o.Catalog}, deafSettings{e.o.Settings}
	e.o.Blacklist, e.o.Orders = deafBlacklist{e.o.Blacklist}, deafOutbox{e.o.Orders}
	e.o.CommitPatience = 100 * time.Millisecond
	deaf, ctx := e.another(), t.Context()
	t.Cleanup(func() { // ends what it tries again
		over, cancel := context.WithCancel(context.Background())
		cancel()
		deaf.Run(over)
	})
	admin := deaf.Admin("test")
	more := sound.goods
	more.Total++
	for name, do := range map[string]func() error{
		"put goods":           func() error { _, err := admin.PutGoods(ctx, sound.goods); return err },
		"put a total":         func() error { _, err := admin.PutGoods(ctx, more); return err },
		"preload":             func() error { _, err := admin.Preload(ctx, "1001"); return err },
		"update the settings": func() error { _, err := admin.SetEnabled(ctx, true); return err },
		"ban":                 func() error { _, err := admin.Ban(ctx, "user-2", "", 0); return err },
		"unban":               func() error { _, err := admin.Unban(ctx, "user-2"); return err },
		"pay":                 func() error { return deaf.Pay(ctx, "user-1", o.ID, "") },
		"a callback": func() error {
			return deaf.PaymentEvent(ctx, payment.Event{ID: "e", PaymentID: "p", OrderID: o.ID, Status: payment.Succeeded, Amount: o.Amount, Currency: o.Currency})
		},
	} {
		if err := do(); !errors.Is(err, seckill.OutcomeUnknown) || errors.Is(err, seckill.Busy) {
			t.Errorf("%s: got %v, want outcome_unknown", name, err)
		}
	}
}

// hungAudit cannot write an audit row.
type hungAudit struct{ order.Store }

func (hungAudit) BeginAudit(context.Context, order.Audit) (int64, error) { return 0, errCut }

func TestWithoutAnAuditRowNothingIsDone(t *testing.T) {
	sound := open(t, 10, 0)
	e := *sound
	e.o.Orders = hungAudit{e.o.Orders}
	if _, err := e.another().Admin("test").Ban(t.Context(), "user-2", "", 0); !errors.Is(err, seckill.Busy) {
		t.Errorf("got %v, want busy", err)
	}
	if list, err := sound.Blacklisted(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("%v, %v, want nobody banned", list, err)
	}
}

// A second call with a ticket is refused for want of room while the first sells.
func TestAFullQueueIsNotBusyForATicketThatIsBeingSold(t *testing.T) {
	ledger := &slowLedger{Store: new(order.Memory), gate: make(chan struct{}, 100)}
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders, o.MaxGroup, o.MaxQueue = ledger, 1, 1 })
	first, second := s.ticket("user-1", 1), s.ticket("user-2", 1)
	var done atomic.Int64
	purchase := func(user, token string) {
		s.Purchase(context.Background(), user, "1001", token)
		done.Add(1)
	}
	go purchase("user-1", first)
	s.eventually("the first is in the ledger", func() bool { c, _ := s.o.Stock.Counts(t.Context(), "1001"); return c.Held == 1 })
	go purchase("user-2", second)
	s.eventually("the second waits", func() bool { return s.Waiting("1001") == 1 })
	if _, err := s.Purchase(t.Context(), "user-1", "1001", first); seckill.CodeOf(err) != seckill.OutcomeUnknown {
		t.Errorf("got %v, want outcome_unknown", err)
	}
	ledger.gate <- struct{}{}
	ledger.gate <- struct{}{}
	s.eventually("both are answered", func() bool { return done.Load() == 2 })
}

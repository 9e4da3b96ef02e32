package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
)

// journal is an observer and carrier that writes down what it hears. A trace is the
// number of its first stage.
type journal struct {
	mu      sync.Mutex
	entries []*entry
	long    bool // its traces are longer than a ledger takes
}

type entry struct {
	seckill.Stage
	id, parent string
	links      []string
	ended      int
	err        error
}

type stageKey struct{}

func idOf(ctx context.Context) string {
	if ctx == nil {
		return "nil"
	}
	id, _ := ctx.Value(stageKey{}).(string)
	return id
}

func (j *journal) Start(ctx context.Context, s seckill.Stage) (context.Context, func(error)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := &entry{Stage: s, id: fmt.Sprintf("%s-%d", s.Name, len(j.entries)), parent: idOf(ctx)}
	for _, l := range s.Links {
		e.links = append(e.links, idOf(l))
	}
	j.entries = append(j.entries, e)
	return context.WithValue(ctx, stageKey{}, e.id), func(err error) {
		j.mu.Lock()
		defer j.mu.Unlock()
		e.ended, e.err = e.ended+1, err
	}
}

func (j *journal) Inject(ctx context.Context) string {
	if j.long {
		return strings.Repeat("x", 200)
	}
	return idOf(ctx)
}

func (j *journal) Extract(ctx context.Context, trace string) context.Context {
	return context.WithValue(ctx, stageKey{}, trace)
}

// of returns the stages of a name that have ended.
func (j *journal) of(name seckill.StageName) (found []entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries {
		if e.Name == name && e.ended > 0 {
			found = append(found, *e)
		}
	}
	return found
}

func (j *journal) one(t *testing.T, name seckill.StageName) (found entry) {
	t.Helper()
	saletest.Eventually(t, "stage "+name.String()+" ends", func() bool { return len(j.of(name)) > 0 })
	return j.of(name)[0]
}

func openHeard(t *testing.T, total int, change ...func(*seckill.Options)) (*shop, *journal) {
	j := new(journal)
	s := open(t, total, 0, append(change, func(o *seckill.Options) { o.Observer = j })...)
	return s, j
}

func TestAPurchaseIsHeardStageByStage(t *testing.T) {
	s, j := openHeard(t, 3)
	s.run()
	s.buy("user-1")
	purchase, group := j.one(t, seckill.StagePurchase), j.one(t, seckill.StageGroup)
	if purchase.GoodsID != "1001" || purchase.Size != 1 || purchase.err != nil {
		t.Errorf("purchase: %+v", purchase)
	}
	if !slices.Equal(group.links, []string{purchase.id}) || group.parent != "" {
		t.Errorf("the group links %q, want %q", group.links, purchase.id)
	}
	for _, name := range []seckill.StageName{seckill.StageLease, seckill.StageReserve, seckill.StageCommit} {
		if e := j.one(t, name); e.parent != group.id || e.GoodsID != "1001" || e.Size != 1 || e.ended != 1 {
			t.Errorf("%s: %+v, want it in %s", name, e, group.id)
		}
	}
	if e := j.one(t, seckill.StageSettle); e.Size != 1 {
		t.Errorf("settle: %+v", e)
	}
	if _, err := s.Purchase(t.Context(), "user-1", "1001", "forged"); !errors.Is(err, seckill.InvalidTicket) {
		t.Fatal(err)
	}
	if refused := j.of(seckill.StagePurchase)[1]; !errors.Is(refused.err, seckill.InvalidTicket) {
		t.Errorf("a refused purchase ends with %v", refused.err)
	}
}

func TestAGroupIsLinkedToItsPurchasesAndToNoOther(t *testing.T) {
	s, j := openHeard(t, 200)
	saletest.Winners(t, rush(t, 200, 200, s.Engine))
	s.eventually("all groups have ended", func() bool {
		n := 0
		for _, g := range j.of(seckill.StageGroup) {
			n += g.Size
		}
		return n == 200
	})
	var linked, purchases []string
	for _, g := range j.of(seckill.StageGroup) {
		linked = append(linked, g.links...)
	}
	for _, p := range j.of(seckill.StagePurchase) {
		purchases = append(purchases, p.id)
	}
	slices.Sort(linked)
	slices.Sort(purchases)
	if !slices.Equal(linked, purchases) {
		t.Errorf("%d links to %d purchases", len(linked), len(purchases))
	}
}

func TestATraceTravelsWithTheEvents(t *testing.T) {
	s, j := openHeard(t, 1)
	o := s.buy("user-1")
	if err := s.Pay(t.Context(), "user-1", o.ID, ""); err != nil {
		t.Fatal(err)
	}
	purchase, pay := j.one(t, seckill.StagePurchase), j.one(t, seckill.StagePay)
	events := make(map[string]order.Trace)
	batches, _, err := s.o.Orders.Pending(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		for _, e := range b.Events {
			events[e.Type] = e.Trace
		}
	}
	want := map[string]order.Trace{"order.created": order.Trace(purchase.id), "payment.succeeded": order.Trace(pay.id)}
	if !maps.Equal(events, want) {
		t.Errorf("traces in the outbox: %v, want %v", events, want)
	}
	s.run()
	s.state(o, order.Paid)
	if a := j.one(t, seckill.StageApply); !slices.Equal(a.links, []string{pay.id}) || a.Size != 1 {
		t.Errorf("applied: %+v", a)
	}
	s.eventually("the new order is published with its trace, the payment and the paid order with the payment's", func() bool {
		links, size := make(map[string]int), 0
		for _, p := range j.of(seckill.StagePublish) {
			size += p.Size
			for _, l := range p.links {
				links[l]++
			}
		}
		return size == 3 && maps.Equal(links, map[string]int{purchase.id: 1, pay.id: 2})
	})
}

func TestATraceThatIsTooLongIsNotKept(t *testing.T) {
	s, j := openHeard(t, 1)
	j.long = true
	s.buy("user-1")
	batches, _, err := s.o.Orders.Pending(t.Context(), 1)
	if err != nil || batches[0].Events[0].Trace != "" {
		t.Errorf("kept %q, %v", batches[0].Events[0].Trace, err)
	}
}

func TestRareWorkIsHeard(t *testing.T) {
	s, gate := openForgetful(t, 5, func(o *seckill.Options) {
		o.PayWithin, o.PayGrace, o.Observer = time.Second, -1, new(journal)
	})
	j := s.o.Observer.(*journal)
	s.run()
	s.state(s.buy("user-1"), order.Cancelled)
	gate.forget()
	s.eventually("a ticket", func() bool { _, err := s.Ticket(t.Context(), "user-2", "1001", 1); return err == nil })
	if _, err := s.Admin("test").Reconcile(t.Context(), "1001", true); err != nil {
		t.Fatal(err)
	}
	for _, name := range []seckill.StageName{seckill.StageCancel, seckill.StageRestore, seckill.StageLoad, seckill.StageRebuild, seckill.StageReconcile} {
		j.one(t, name)
	}
	if load, rebuild := j.of(seckill.StageLoad)[1], j.one(t, seckill.StageRebuild); load.parent != rebuild.id {
		t.Errorf("load in %q, want %q", load.parent, rebuild.id)
	}
}

func TestStagesAreTimedAlsoWhenNobodyListens(t *testing.T) {
	s := open(t, 1, 0)
	s.buy("user-1")
	s.sound(1)
	tally := s.Tally()
	for _, name := range []seckill.StageName{seckill.StageTicket, seckill.StagePurchase, seckill.StageGroup, seckill.StageReserve, seckill.StageCommit, seckill.StageSettle} {
		s.eventually(name.String(), func() bool { return s.Tally().Stages[name].Count == 1 })
	}
	if len(tally.Stages) != len(seckill.Stages()) || tally.GroupSizes.Counts[0] != 1 || tally.GroupSizes.Sum != 1 || tally.Stages[seckill.StagePurchase].Sum <= 0 {
		t.Errorf("tally: %+v", tally)
	}
	seen := make(map[string]bool)
	for _, name := range seckill.Stages() {
		seen[name.String()] = true
	}
	if len(seen) != len(seckill.Stages()) || seen["unknown"] || seen[""] || seckill.StageName(99).String() != "unknown" {
		t.Errorf("names: %v", seen)
	}
}

func TestAStageThatNobodyHearsAllocatesNothing(t *testing.T) {
	s := open(t, 1, 0)
	ctx, what := t.Context(), seckill.Stage{Name: seckill.StagePurchase, GoodsID: "1001", Size: 1}
	if n := testing.AllocsPerRun(1000, func() { s.Stage(ctx, what, nil) }); n != 0 {
		t.Errorf("%v allocations for each stage", n)
	}
}

func TestDuplicatesAreCountedWhereTheyAreNoticed(t *testing.T) {
	bus := new(order.Bus)
	s, j := openHeard(t, 5, func(o *seckill.Options) { o.Sink, o.Source = bus, bus })
	token := s.ticket("user-1", 1)
	for range 3 {
		if _, err := s.Purchase(t.Context(), "user-1", "1001", token); err != nil {
			t.Fatal(err)
		}
		s.sound(1) // until then the gate knows of a hold alone, and the ledger notices as well
	}
	if n := s.Tally().Duplicates["gate"]; n != 2 {
		t.Errorf("gate: %d, want 2", n)
	}
	if _, err := s.Admin("test").SetEnabled(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	r, err := s.Purchase(t.Context(), "user-1", "1001", token)
	if err != nil || s.Tally().Duplicates["ledger"] != 1 {
		t.Errorf("ledger: %v, %v", s.Tally().Duplicates, err)
	}
	paid := []order.Event{{ID: "pay-1", Type: "payment.succeeded", Version: 1, Key: r.Order.ID, Data: fmt.Appendf(nil, `{"order_id":%q,"status":"succeeded"}`, r.Order.ID)}}
	s.run()
	for range 2 {
		s.eventually("published", func() bool { return bus.Publish(t.Context(), paid) == nil })
	}
	s.eventually("the inbox notices", func() bool { return s.Tally().Duplicates["inbox"] == 1 })
	j.one(t, seckill.StageApply)
}

func TestALeaseEndsForAReason(t *testing.T) {
	s := open(t, 10, 0)
	s.buy("user-1")
	s.preload()
	s.eventually("handed over", func() bool { return s.Tally().LeasesEnded["handed_over"] == 1 })
	s.buy("user-2")
	s.lock(func(l *settings.Lock) { l.Mode = settings.Exclusive })
	s.buy("user-3")
	tally := s.Tally()
	if tally.Leases != 3 || tally.LeasesEnded["mode"] != 1 {
		t.Errorf("%d leases, ended %v", tally.Leases, tally.LeasesEnded)
	}
}

func TestDifferencesThatAReconcileFindsAreCounted(t *testing.T) {
	s, gate := openForgetful(t, 5)
	gate.forget()
	r, err := s.Admin("test").Reconcile(t.Context(), "1001", true)
	if err != nil || len(r.Differences) == 0 || s.Tally().Differences != uint64(len(r.Differences)) {
		t.Errorf("%d of %v, %v", s.Tally().Differences, r.Differences, err)
	}
}

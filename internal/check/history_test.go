package check_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

func TestAFileOfManyWritersKeepsEveryOperation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	const writers, each = 4, 50
	var all sync.WaitGroup
	for _, node := range []string{"a", "b", "c", "d"} {
		h, err := check.Open(path, node)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		all.Go(func() {
			for range each {
				c := h.Begin(check.Op{Kind: check.Purchase, User: "alice", Attempt: "x"})
				c.Code = check.Accepted
				c.End()
			}
		})
	}
	all.Wait()
	ops, err := check.ReadHistory(path)
	if err != nil || len(ops) != writers*each {
		t.Fatalf("%d operations, %v, want %d", len(ops), err, writers*each)
	}
	seen := map[string]bool{}
	for i, op := range ops {
		if seen[op.ID] || op.Pending() || op.Return <= op.Call || op.Code != check.Accepted || op.Node == "" {
			t.Fatalf("%+v", op)
		}
		seen[op.ID] = true
		if i > 0 && op.Call < ops[i-1].Call {
			t.Fatal("not in the order of their calls")
		}
	}
}

func TestAKilledWriterLeavesItsOperationsPending(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h, err := check.Open(path, "a")
	if err != nil {
		t.Fatal(err)
	}
	h.Begin(check.Op{Kind: check.Purchase, User: "alice"})
	h.Mark("a", "kill -9")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"id":"torn","kin`)
	f.Close()
	ops, err := check.ReadHistory(path)
	if err != nil || len(ops) != 2 || !ops[0].Pending() || ops[1].Error != "kill -9" {
		t.Fatalf("%v %v", ops, err)
	}
}

func TestNoTwoMomentsAreTheSameWhenTheClockStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := check.NewHistory()
		h.Begin(check.Op{Kind: check.Ticket}).End()
		h.Begin(check.Op{Kind: check.Ticket}).End()
		if ops := h.Ops(); ops[0].Call >= ops[0].Return || ops[0].Return >= ops[1].Call || ops[1].Call >= ops[1].Return {
			t.Error(ops)
		}
	})
}

func TestAHistoryInMemoryShowsWhatIsUnderWay(t *testing.T) {
	h := check.NewHistory()
	c := h.Begin(check.Op{Kind: check.Ticket})
	if ops := h.Ops(); len(ops) != 1 || !ops[0].Pending() {
		t.Fatal(ops)
	}
	c.Code = "busy"
	c.End()
	if ops := h.Ops(); len(ops) != 1 || ops[0].Pending() || ops[0].Code != "busy" {
		t.Fatal(ops)
	}
}

// TestADumpIsReadThroughTheContracts judges a sale that was made without an engine.
func TestADumpIsReadThroughTheContracts(t *testing.T) {
	ctx := t.Context()
	ledger, gate := new(order.Memory), new(stock.Memory)
	g := goods.Goods{ID: "1001", Total: 3, StartsAt: base, EndsAt: base.Add(time.Hour)}
	drafts := []order.Draft{
		{ID: "o1", UserID: "alice", Quantity: 1, CreatedAt: base, PayBy: base.Add(time.Minute)},
		{ID: "o2", UserID: "bob", Quantity: 1, CreatedAt: base, PayBy: base.Add(time.Minute)},
	}
	_, err := ledger.Open(ctx, "1001", 1, 3)
	_, err2 := ledger.Commit(ctx, "1001", 1, drafts)
	_, err3 := gate.Load(ctx, "1001", 1, stock.Snapshot{Total: 3, Epoch: 1})
	_, err4 := gate.Reserve(ctx, "1001", 1, []stock.Request{{Attempt: "o1", User: "alice", Quantity: 1}})
	var err5 error
	for range 1100 { // more than a page
		_, err = ledger.BeginAudit(ctx, order.Audit{Actor: "x"})
		err5 = errors.Join(err5, err)
	}
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	d, err := check.ReadDump(ctx, check.Backends{Orders: ledger, Stock: gate, Now: base.Add(time.Hour)}, g)
	if err != nil {
		t.Fatal(err)
	}
	one := d.Goods[0]
	if len(d.Orders) != 2 || one.Ledger.Sold != 2 || one.Gate.Left != 2 || len(one.Holds) != 1 || len(d.Backlog.Overdue) != 2 || d.Backlog.Unsent != 1 || len(d.Audits) != 1100 {
		t.Fatalf("%+v, %d orders, %d audits", d.Goods, len(d.Orders), len(d.Audits))
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := check.ReadDump(cancelled, check.Backends{Orders: ledger, Stock: gate}, g); err == nil {
		t.Error("a dump that was not read is no fault")
	}
}

func TestALieLeavesEverythingAPersonNeeds(t *testing.T) {
	s := honest()
	s.refused("bob", "sold_out", 1)
	dir := filepath.Join(t.TempDir(), "failure")
	if err := check.Check(s.ops, s.dump, s.rules).Write(dir, s.ops, s.dump); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"report.txt": "sold out was said", "history.jsonl": `"kind":"purchase"`, "dump.json": `"orders"`, "answers.html": "<html",
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s: %v, want %q in it", name, err, want)
		}
	}
	again, err := check.ReadHistory(filepath.Join(dir, "history.jsonl"))
	if err != nil || len(again) != len(s.ops) {
		t.Errorf("%d operations, %v, want %d", len(again), err, len(s.ops))
	}
}

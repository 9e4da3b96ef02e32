package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
)

// pacedLedger takes its time for a commit.
type pacedLedger struct {
	order.Store
	before time.Duration // its statement is executed
	after  time.Duration // until the node hears of it
	log    *overlap
}

func (l pacedLedger) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	l.log.begin()
	defer l.log.end()
	time.Sleep(l.before)
	outcomes, err := l.Store.Commit(ctx, goodsID, fence, drafts)
	time.Sleep(l.after)
	return outcomes, err
}

// overlap counts the commits that are under way at once.
type overlap struct{ now, most atomic.Int64 }

func (o *overlap) begin() {
	now := o.now.Add(1)
	for most := o.most.Load(); now > most && !o.most.CompareAndSwap(most, now); most = o.most.Load() {
	}
}

func (o *overlap) end() { o.now.Add(-1) }

// nodes are engines on the shop's parts, of which each waits for its commits.
func (s *shop) nodes(n int, before, after time.Duration) (engines []*seckill.Engine, log *overlap) {
	ledger, log := s.o.Orders, new(overlap)
	for range n {
		s.o.Orders = pacedLedger{ledger, before, after, log}
		engines = append(engines, s.another())
	}
	s.o.Orders = ledger
	return engines, log
}

func (s *shop) lock(change func(*settings.Lock)) {
	s.t.Helper()
	_, err := s.o.Settings.Update(s.t.Context(), func(live *settings.Settings) error {
		change(&live.Lock)
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// exclusive hands the lease round in short slices, and lets nobody be refused for
// waiting.
func exclusive(l *settings.Lock) {
	l.Mode, l.Slice, l.Wait = settings.Exclusive, 10*time.Millisecond, time.Minute
}

// crowds has so many buyers at each engine, who come again as soon as they are
// answered, each so often.
func crowds(t *testing.T, buyers, times int, engines ...*seckill.Engine) []saletest.Bought {
	t.Helper()
	all := saletest.Crowd(buyers*len(engines), func(i int) (got []saletest.Bought) {
		for again := range times {
			b := saletest.Bought{User: fmt.Sprintf("user-%d-%d", i, again), Goods: "1001"}
			var tk seckill.Ticket
			e := engines[i%len(engines)]
			if tk, b.Err = e.Ticket(t.Context(), b.User, "1001", 1); b.Err == nil {
				b.Token = tk.Token
				b.Receipt, b.Err = e.Purchase(t.Context(), b.User, "1001", b.Token)
			}
			got = append(got, b)
		}
		return got
	})
	return slices.Concat(all...)
}

// queueLog notes how many grants others have between a node's asking and its grant.
type queueLog struct {
	mu      sync.Mutex
	passed  map[string]map[string]int // by who waits and who was granted
	longest int
	grants  int
}

func (l *queueLog) ask(node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passed[node] = make(map[string]int)
}

func (l *queueLog) grant(node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.grants++
	delete(l.passed, node)
	for _, others := range l.passed {
		others[node]++
		l.longest = max(l.longest, others[node])
	}
}

// queuer is one node's way to the lock.
type queuer struct {
	lock.Locker
	node string
	log  *queueLog
}

func (q queuer) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	q.log.ask(q.node)
	lease, err := q.Locker.Acquire(ctx, name, o)
	if err == nil {
		q.log.grant(q.node)
	}
	return lease, err
}

func TestNoNodeWaitsLongerThanTwoSlicesOfEachOther(t *testing.T) {
	s := open(t, 1_000_000, 0)
	s.lock(exclusive)
	log, locker := &queueLog{passed: make(map[string]map[string]int)}, s.o.Locker
	var engines []*seckill.Engine
	for i := range 3 {
		s.o.Locker = queuer{locker, fmt.Sprint(i), log}
		one, _ := s.nodes(1, 0, time.Millisecond)
		engines = append(engines, one...)
	}
	won := saletest.Winners(t, crowds(t, 4, 100, engines...))
	if len(won) != 3*4*100 {
		t.Errorf("%d orders, want %d", len(won), 3*4*100)
	}
	s.sound(len(won))
	if log.grants < 10 || log.longest > 2 {
		t.Errorf("in %d turns a node had %d while another waited", log.grants, log.longest)
	}
}

func TestAStuckNodeIsTakenOver(t *testing.T) {
	for name, change := range map[string]func(*settings.Lock){
		"shared": func(l *settings.Lock) {}, "exclusive": exclusive,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, 10, 0)
			s.lock(change)
			s.lock(func(l *settings.Lock) { l.TTL = 5 * time.Minute })
			ledger := &slowLedger{Store: s.o.Orders, gate: make(chan struct{})}
			s.o.Orders = ledger
			stuck := s.another()
			s.o.Orders = ledger.Store
			answer := make(chan saletest.Bought)
			token := s.ticket("user-1", 1)
			go func() {
				r, err := stuck.Purchase(context.Background(), "user-1", "1001", token)
				answer <- saletest.Bought{User: "user-1", Goods: "1001", Token: token, Receipt: r, Err: err}
			}()
			s.eventually("a group is stuck", func() bool { c, _ := s.o.Stock.Counts(t.Context(), "1001"); return c.Held == 1 })

			start := time.Now()
			s.preload()
			s.buy("user-2")
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("waited %v", took)
			}
			close(ledger.gate)
			won := saletest.Winners(t, []saletest.Bought{<-answer})
			saletest.Distinct(t, won, s.Engine)
			s.sound(2)
		})
	}
}

// Each node's commit takes longer than it may keep a wanted lease, so each is taken
// over in its commit, again and again.
func TestNodesThatAreTakenOverAgainAndAgainSell(t *testing.T) {
	for name, pace := range map[string][2]time.Duration{
		"slow before the commit": {1500 * time.Millisecond, 0}, "slow after it": {0, 1500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, 100, 0)
			s.lock(exclusive)
			engines, log := s.nodes(2, pace[0], pace[1])
			won := saletest.Winners(t, crowds(t, 3, 2, engines...))
			if len(won) != 2*3*2 {
				t.Errorf("%d orders, want %d", len(won), 2*3*2)
			}
			if log.most.Load() < 2 {
				t.Error("nobody was taken over")
			}
			saletest.Distinct(t, won, s.Engine)
			s.sound(len(won))
		})
	}
}

// slowLocker answers when the caller has left.
type slowLocker struct {
	lock.Locker
	slow  atomic.Bool
	asked atomic.Int64
}

func (l *slowLocker) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l.asked.Add(1)
	if !l.slow.Load() {
		return l.Locker.Acquire(ctx, name, o)
	}
	<-ctx.Done()
	return nil, fmt.Errorf("no answer yet: %w", ctx.Err())
}

func TestALockThatIsTooSlowHoldsUpOneGroup(t *testing.T) {
	for _, mode := range []string{settings.Shared, settings.Exclusive} {
		synctest.Test(t, func(t *testing.T) {
			locker := &slowLocker{Locker: new(lock.Memory)}
			s := open(t, 1000, 0, func(o *seckill.Options) { o.Locker = locker })
			s.lock(func(l *settings.Lock) { l.Mode = mode })
			locker.slow.Store(true)
			locker.asked.Store(0)
			start := time.Now()
			for i := range 300 {
				s.buy(fmt.Sprint("user-", i))
				time.Sleep(100 * time.Millisecond)
			}
			// One group waits lock.wait; the lock is asked again after 5 s, by nobody
			// who sells.
			if waited := time.Since(start) - 300*100*time.Millisecond; waited > settings.Default().Lock.Wait {
				t.Errorf("sales waited %v for the lock", waited)
			}
			if n := locker.asked.Load(); n < 4 || n > 7 {
				t.Errorf("asked %d times in 30 s, want about 5", n)
			}
			locker.slow.Store(false)
			for i := range 70 {
				s.buy(fmt.Sprint("later-", i))
				time.Sleep(100 * time.Millisecond)
			}
			st, err := s.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if l := st.Goods[0].Lease; l == nil || l.Mode != mode {
				t.Errorf("%+v: want a lease that is %s again", l, mode)
			}
			s.sound(370)
			time.Sleep(2 * time.Minute) // idle leases are given back
		})
	}
}

func TestWhoeverIsKeptOutIsBusy(t *testing.T) {
	s := open(t, 10, 0)
	s.lock(func(l *settings.Lock) { l.Wait = 20 * time.Millisecond })
	lease, err := s.o.Locker.TryAcquire(t.Context(), "goods.1001", lock.Options{Mode: lock.Exclusive})
	if err != nil {
		t.Fatal(err)
	}
	token := s.ticket("user-1", 1)
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); !errors.Is(err, seckill.Busy) {
		t.Errorf("got %v, want busy", err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); err != nil {
		t.Error(err)
	}
	s.sound(1)
}

func TestExclusiveSalesGoOnWithoutTheLock(t *testing.T) {
	s := open(t, 100, 0)
	s.lock(exclusive)
	s.o.Locker = deadLocker{}
	won := saletest.Winners(t, rush(t, 300, 300, s.another(), s.another()), seckill.SoldOut)
	if len(won) != 100 {
		t.Errorf("%d orders, want 100", len(won))
	}
	s.sound(100)
}

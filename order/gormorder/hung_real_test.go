//go:build real && unix

package gormorder_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/cutproxy"
	"github.com/seckill-go/seckill/internal/realtest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/gormorder"
)

// standstill is the longest that a node which stopped may keep the others from
// selling.
const standstill = 3 * time.Second

// ways are how a store's statements travel.
var ways = map[string]func(*mysql.Config){
	"in one packet": func(*mysql.Config) {},
	"one by one":    realtest.OneByOne,
}

// deeds are all that a store does to a stock row; orders are four, of buyers with a
// limit, and two.
var deeds = map[string]func(ctx context.Context, s *gormorder.Store, goodsID string, orders []order.Order) error{
	"a sale": func(ctx context.Context, s *gormorder.Store, goodsID string, _ []order.Order) error {
		_, err := s.Commit(ctx, goodsID, 0, buyers(3))
		return err
	},
	"a sale in doubt": func(ctx context.Context, s *gormorder.Store, goodsID string, orders []order.Order) error {
		drafts := buyers(3)
		drafts[1].ID = orders[0].ID
		_, err := s.Commit(ctx, goodsID, 0, drafts)
		return err
	},
	"a sale above the limit": func(ctx context.Context, s *gormorder.Store, goodsID string, orders []order.Order) error {
		drafts := buyers(3)
		drafts[1].UserID, drafts[1].Quantity = orders[0].UserID, 2
		_, err := s.Commit(ctx, goodsID, 0, drafts)
		return err
	},
	"a sale of too many": func(ctx context.Context, s *gormorder.Store, goodsID string, _ []order.Order) error {
		drafts := buyers(3)
		drafts[1].Quantity, drafts[1].Limit = 1<<30, 0
		_, err := s.Commit(ctx, goodsID, 0, drafts)
		return err
	},
	"a sale under an old fence": func(ctx context.Context, s *gormorder.Store, goodsID string, _ []order.Order) error {
		_, err := s.Commit(ctx, goodsID, 1, buyers(3))
		if errors.Is(err, order.ErrFenced) {
			return nil
		}
		return cmp.Or(err, errors.New("it was not fenced"))
	},
	"moves": func(ctx context.Context, s *gormorder.Store, _ string, orders []order.Order) error {
		_, err := s.Move(ctx, []order.Change{{EventID: "e-" + orders[0].ID, OrderID: orders[0].ID, Move: order.Pay}, {OrderID: orders[1].ID, Move: order.Cancel}})
		return err
	},
	"a tombstone": func(ctx context.Context, s *gormorder.Store, goodsID string, _ []order.Order) error {
		_, err := s.Bury(ctx, goodsID, []string{buyers(1)[0].ID})
		return err
	},
	"a new total": func(ctx context.Context, s *gormorder.Store, goodsID string, _ []order.Order) error {
		_, err := s.Resize(ctx, goodsID, 200_000_000)
		return err
	},
	"a correction": func(ctx context.Context, s *gormorder.Store, goodsID string, _ []order.Order) error {
		_, err := s.Amend(ctx, goodsID, 2)
		return err
	},
	"an opening": func(ctx context.Context, s *gormorder.Store, goodsID string, _ []order.Order) error {
		_, err := s.Open(ctx, goodsID, 2, 100_000_000)
		return err
	},
}

// A node that stops before any of the messages that it sends to the database stops no
// other.
func TestANodeThatStopsHoldsUpNoOther(t *testing.T) {
	for way, change := range ways {
		for deed, do := range deeds {
			t.Run(way+"/"+deed, func(t *testing.T) {
				t.Parallel()
				stopsAtEachMessage(t, change, do)
			})
		}
	}
}

func stopsAtEachMessage(t *testing.T, change func(*mysql.Config), do func(context.Context, *gormorder.Store, string, []order.Order) error) {
	direct := openMySQL(t)
	other := opened(t, direct)
	_, err := other.Open(t.Context(), "bench", 2, 100_000_000)
	require.NoError(t, err)
	for at := 1; ; at++ {
		out, err := other.Commit(t.Context(), "bench", 0, buyers(4))
		require.NoError(t, err)
		var orders []order.Order
		for _, o := range out {
			orders = append(orders, o.Order)
		}
		held := stopAt(t, direct, at, change, func(ctx context.Context, s *gormorder.Store) error { return do(ctx, s, "bench", orders) }, func() {
			began := time.Now()
			_, err := other.Commit(t.Context(), "bench", 0, buyers(3))
			require.NoError(t, err)
			require.Less(t, time.Since(began), standstill, "stopped before message %d", at)
		})
		if !held {
			require.Greater(t, at, 1)
			r, err := other.Recount(t.Context(), "bench")
			require.NoError(t, err)
			require.True(t, r.Sound(), "%+v", r)
			return
		}
	}
}

// stopAt has a store do something, stops it before its at-th message, and calls then
// while it stands still. It reports whether there was such a message.
func stopAt(t *testing.T, direct *gorm.DB, at int, change func(*mysql.Config), do func(context.Context, *gormorder.Store) error, then func()) bool {
	var armed atomic.Bool
	var messages atomic.Int64
	stopped := make(chan struct{})
	proxy, err := cutproxy.Start(cutproxy.Options{Server: realtest.MySQLAddr(t), Framer: cutproxy.MySQL, Hold: func([]byte) bool {
		n := 0
		if armed.Load() {
			n = int(messages.Add(1))
		}
		if n == at {
			close(stopped)
		}
		return n >= at
	}})
	require.NoError(t, err)
	defer proxy.Close()
	db := realtest.Again(t, direct, func(c *mysql.Config) { c.Addr = proxy.Addr }, change)
	pool, err := db.DB()
	require.NoError(t, err)
	defer pool.Close()
	s := gormorder.New(db, gormorder.Options{})
	_, err = s.Bury(t.Context(), "bench", []string{buyers(1)[0].ID}) // connects, and asks the driver
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	armed.Store(true)
	done := make(chan error, 1)
	go func() { done <- do(ctx, s) }()
	select {
	case <-stopped:
		then()
		cancel()
		proxy.Close()
		<-done
		return true
	case err := <-done:
		require.NoError(t, err)
		return false
	}
}

const childEnv = "SECKILL_TEST_SELLS_IN"

// A process that is stopped while it sells holds up no other, wherever it is caught.
func TestAProcessThatIsStoppedHoldsUpNoOther(t *testing.T) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			db := openMySQL(t)
			s := opened(t, db)
			var name string
			require.NoError(t, db.Raw("SELECT DATABASE()").Row().Scan(&name))
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestChildSells$")
			child.Env = append(os.Environ(), childEnv+"="+name, "SECKILL_TEST_WAY="+way)
			child.Stderr = os.Stderr
			out, err := child.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, child.Start())
			defer func() {
				_ = child.Process.Kill()
				_ = child.Wait()
			}()
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "selling\n", line)
			seed := uint64(time.Now().UnixNano())
			t.Log("seed", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			for range 12 {
				time.Sleep(time.Duration(random.IntN(20_000)) * time.Microsecond) // anywhere in its work
				require.NoError(t, child.Process.Signal(syscall.SIGSTOP))
				began := time.Now()
				_, err := s.Commit(t.Context(), "bench", 0, buyers(3))
				require.NoError(t, err)
				require.Less(t, time.Since(began), standstill)
				require.NoError(t, child.Process.Signal(syscall.SIGCONT))
			}
		})
	}
}

// TestChildSells is the process that is stopped.
func TestChildSells(t *testing.T) {
	name := os.Getenv(childEnv)
	if name == "" {
		return // it is not
	}
	db := realtest.Named(t, name, ways[os.Getenv("SECKILL_TEST_WAY")])
	s := gormorder.New(db, gormorder.Options{})
	fmt.Println("selling")
	for t.Context().Err() == nil {
		if _, err := s.Commit(t.Context(), "bench", 0, buyers(8)); err != nil {
			time.Sleep(10 * time.Millisecond) // it was given up while it stood still
		}
	}
}

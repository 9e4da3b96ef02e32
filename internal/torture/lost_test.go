//go:build unix

package torture_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/seckill-go/seckill/internal/cutproxy"
	"github.com/seckill-go/seckill/internal/kafkaserver"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

// scripts are all that the nodes run in Redis, by name.
func scripts(t testing.TB) map[string]*redis.Script {
	t.Helper()
	text := func(path string) string {
		b, err := os.ReadFile(filepath.Join("..", "..", path))
		require.NoError(t, err)
		return string(b)
	}
	all := map[string]*redis.Script{"allow": redis.NewScript(text("limiter/redislimiter/allow.lua"))}
	paths, err := filepath.Glob("../../stock/redisstock/*.lua")
	require.NoError(t, err)
	for _, p := range paths {
		name := strings.TrimSuffix(filepath.Base(p), ".lua")
		if name != "gate" { // it begins each of the others
			all[name] = redis.NewScript(text("stock/redisstock/gate.lua") + text("stock/redisstock/"+name+".lua"))
		}
	}
	return all
}

// loser loses the first answers to each script.
type loser struct {
	mu   sync.Mutex
	left map[string]int // by the script's hash
}

func (l *loser) lose(message []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for hash, n := range l.left {
		if n > 0 && cutproxy.Script(message, hash) {
			l.left[hash]--
			return true
		}
	}
	return false
}

// over reports whether every answer that was to be lost is.
func (l *loser) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.left {
		if n > 0 {
			return false
		}
	}
	return true
}

func TestALostAnswerOfAnyScriptChangesNothing(t *testing.T) {
	t.Parallel()
	const each = 2
	l := &loser{left: map[string]int{}}
	all := scripts(t)
	for _, script := range all {
		l.left[script.Hash()] = each
	}
	on := ownRedis(t)
	proxy, err := cutproxy.Start(cutproxy.Options{Server: on.redis.Addr, Framer: cutproxy.Redis, Lose: l.lose})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	s := openShop(t, on, plan{units: 60, limit: 1, on: func(n *nodeSpec) { n.Redis = proxy.Addr }})
	for _, script := range all { // so that none is sent as a text, which the proxy does not know
		require.NoError(t, script.Load(t.Context(), s.clients.Redis).Err())
	}
	s.openDoors(2)
	s.winners(s.rush(10, 10))
	s.buyAndPay()
	s.loseTheGate()
	s.driftAndReconcile()
	for range each { // one that was lost may not be asked again: the sweep compares totals
		s.growTheTotal()
	}
	s.leaveHolds() // for the sweep
	losesRetirements(t, proxy.Addr, each)
	banned := s.ticket(s.newUser()) // the gate is asked before a genuine ticket is refused
	s.operate("blacklist add", banned.user, "/api/admin/blacklist/add", fmt.Sprintf(`{"user_id":%q}`, banned.user))
	saletest.Eventually(t, "all answers are lost", func() bool {
		s.purchase(banned)
		return l.over()
	})
	s.finish()
	require.Equal(t, each*len(all), proxy.Lost(), "answers lost, of those left: %v", l.left)
}

// losesRetirements retires the gate of a goods that no node sells, until it hears the
// answer.
func losesRetirements(t *testing.T, addr string, lost int) {
	client := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, ContextTimeoutEnabled: true})
	defer client.Close()
	store, ctx := redisstock.New(client, redisstock.Options{Prefix: "over"}), t.Context()
	insist := func(what string, do func() error) {
		saletest.Eventually(t, what, func() bool { return do() == nil })
	}
	insist("stopped", func() error { return store.Stop(ctx, "over", 1) })
	insist("loaded", func() error {
		_, err := store.Load(ctx, "over", 1, stock.Snapshot{Total: 1, Epoch: 1})
		return err
	})
	for range lost {
		require.Error(t, store.Retire(ctx, "over", 1))
	}
	require.NoError(t, store.Retire(ctx, "over", 1))
	_, err := store.Counts(ctx, "over")
	require.ErrorIs(t, err, stock.ErrNotLoaded)
}

func TestSalesGoOnWithoutKafkaAndTheOutboxDrains(t *testing.T) {
	t.Parallel()
	on := *shared(t)
	var err error
	on.kafka, err = kafkaserver.Start(kafkaserver.Options{})
	require.NoError(t, err)
	t.Cleanup(on.kafka.Close)
	s := openShop(t, &on, plan{units: 200, limit: 1})
	s.openDoors(2)
	s.buyAndPay()

	var mu sync.Mutex
	away := true
	s.history.Mark("kafka", "goes away")
	on.kafka.Cluster.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		if away {
			on.kafka.Cluster.KeepControl()
		}
		return nil, errors.New("away"), away
	})
	start := time.Now()
	for time.Since(start) < *kafkaAway {
		s.buyAndPay()
	}
	mu.Lock()
	away = false
	mu.Unlock()
	s.history.Mark("kafka", "is back")
	s.finish()
}

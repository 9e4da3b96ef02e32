package redisstock_test

import (
	"context"
	"errors"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

// Every call is sent twice, as by a client that retries after a lost reply.
func TestEveryCallMayBeSentTwice(t *testing.T) {
	_, client := start(t)
	client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, send redis.ProcessHook) error {
		if err := send(ctx, cmd); err != nil {
			return err
		}
		return send(ctx, cmd)
	}))
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 2000, crowd(0, 1200)...)
	fresh := crowd(3, 600)
	_, err := store.Reserve(t.Context(), "1001", 1, fresh)
	require.NoError(t, err)
	require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Confirm, fresh[:100])))
	require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Release, fresh[100:200])))
	require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Restore, fresh[:50])))
	c, err := store.Counts(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, stock.Counts{Total: 2000, Left: 350, Held: 400, Sold: 1250, Fence: 1}, c)
	group, err := store.Reserve(t.Context(), "1001", 1, []stock.Request{{Attempt: "last", User: "last", Quantity: 1}})
	require.NoError(t, err)
	require.Equal(t, []stock.Status{stock.Held}, group.Statuses, "of the second answer")
	require.NoError(t, store.Stop(t.Context(), "1001", 1))
	requireNotLoaded(t, store)
}

// A group that is confirmed twice is settled once; the second answer does not know
// it any more.
func TestConfirmMayBeSentTwice(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 10)
	r, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 3))
	require.NoError(t, err)
	for _, want := range [][]string{nil, {r.Group}} {
		unknown, err := store.Confirm(t.Context(), "1001", []string{r.Group})
		require.NoError(t, err)
		require.Equal(t, want, unknown)
		c, err := store.Counts(t.Context(), "1001")
		require.NoError(t, err)
		require.Equal(t, stock.Counts{Total: 10, Left: 7, Sold: 3, Fence: 1}, c)
	}
}

// hook stands between a client and its server.
type hook func(ctx context.Context, cmd redis.Cmder, send redis.ProcessHook) error

func (h hook) ProcessHook(send redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return h(ctx, cmd, send) }
}

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// A load of 1200 sales is five calls: begin, three chunks, finish. Each case
// does something else in the place of one of them.
func TestLoadCountsItsChunks(t *testing.T) {
	type calls []func() error
	for _, c := range []struct {
		name    string
		call    int
		instead func(calls) error
		fails   bool
	}{
		{"BeginComesAgainLate", 3, func(c calls) error { return errors.Join(c[1](), c[3]()) }, false},
		{"ChunkComesAgainLate", 4, func(c calls) error { return errors.Join(c[2](), c[4]()) }, false},
		{"ChunkIsForgotten", 3, func(calls) error { return nil }, true},
		{"LastChunkIsForgotten", 4, func(calls) error { return nil }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, client := start(t)
			store := redisstock.New(client, redisstock.Options{})
			open(t, store, 1, crowd(0, 1)...) // the server knows the scripts now
			sent := calls{nil}
			client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, send redis.ProcessHook) error {
				sent = append(sent, func() error { return send(ctx, cmd) })
				if len(sent)-1 == c.call {
					cmd.(*redis.Cmd).SetVal([]any{"ok"})
					return c.instead(sent)
				}
				return send(ctx, cmd)
			}))
			_, err := store.Load(t.Context(), "1001", 1, stock.Snapshot{Total: 2000, Sales: sales(crowd(0, 1200))})
			if c.fails {
				require.ErrorContains(t, err, "came in between")
				requireNotLoaded(t, store)
				return
			}
			require.NoError(t, err)
			counts, err := store.Counts(t.Context(), "1001")
			require.NoError(t, err)
			require.Equal(t, stock.Counts{Total: 2000, Left: 800, Sold: 1200, Fence: 1}, counts)
		})
	}
}

// What comes in just before the last call of a load ends the load.
func TestLoadIsCheckedWhenItOpens(t *testing.T) {
	for name, intrude := range map[string]func(testing.TB, *miniredis.Miniredis){
		"AnotherLoad": func(t testing.TB, s *miniredis.Miniredis) {
			open(t, redisstock.New(dial(t, s.Addr()), redisstock.Options{}), 9, crowd(0, 3)...)
			require.NoError(t, redisstock.New(dial(t, s.Addr()), redisstock.Options{}).Stop(t.Context(), "1001", 1))
		},
		"LostKey": func(_ testing.TB, s *miniredis.Miniredis) { s.Del("seckill:{1001}:sale:attempts") },
	} {
		t.Run(name, func(t *testing.T) {
			server, client := start(t)
			store := redisstock.New(client, redisstock.Options{})
			open(t, store, 1, crowd(0, 1)...)
			n := 0
			client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, send redis.ProcessHook) error {
				if n++; n == 3 { // begin, one chunk, finish
					intrude(t, server)
				}
				return send(ctx, cmd)
			}))
			_, err := store.Load(t.Context(), "1001", 1, stock.Snapshot{Total: 5, Sales: sales(crowd(0, 3))})
			require.ErrorContains(t, err, "came in between")
			requireNotLoaded(t, store)
		})
	}
}

package redisstock_test

import (
	"context"
	"testing"

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

// A Load that comes again late takes nothing from those who bought meanwhile.
func TestLoadThatComesAgainLateChangesNothing(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	var again func() error
	client.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, send redis.ProcessHook) error {
		if again == nil {
			again = func() error { return send(ctx, cmd) }
		}
		return send(ctx, cmd)
	}))
	open(t, store, 10)
	_, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 3))
	require.NoError(t, err)
	require.NoError(t, again())
	c, err := store.Counts(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, stock.Counts{Total: 10, Left: 7, Held: 3, Fence: 1}, c)

	require.NoError(t, store.Stop(t.Context(), "1001", 2))
	require.NoError(t, again())
	requireNotLoaded(t, store)
}

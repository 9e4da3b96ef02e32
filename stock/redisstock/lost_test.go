package redisstock_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

func requireNotLoaded(t *testing.T, store stock.Store) {
	t.Helper()
	request := stock.Request{Attempt: "new", User: "new", Quantity: 1}
	_, err := store.Reserve(t.Context(), "1001", 0, []stock.Request{request})
	require.ErrorIs(t, err, stock.ErrNotLoaded)
	require.ErrorIs(t, store.Settle(t.Context(), "1001", verdict(stock.Confirm, []stock.Request{request})), stock.ErrNotLoaded)
	_, err = store.Counts(t.Context(), "1001")
	require.ErrorIs(t, err, stock.ErrNotLoaded)
	_, err = store.Holds(t.Context(), "1001", 0, 1)
	require.ErrorIs(t, err, stock.ErrNotLoaded)
	all, err := store.CountsOf(t.Context(), []string{"1001"})
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestFlushIsNotSoldOut(t *testing.T) {
	server, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 2)
	_, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 2))
	require.NoError(t, err)
	server.FlushAll()
	requireNotLoaded(t, store)
	open(t, store, 2, crowd(0, 1)...)
	r, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 2))
	require.NoError(t, err)
	require.Equal(t, []stock.Status{stock.Sold, stock.Reserved}, r.Statuses)
}

func TestLossOfOneKeyIsNoticed(t *testing.T) {
	for _, key := range []string{"sale", "sale:attempts", "sale:users"} {
		for _, confirmed := range []int{0, 1, 2} {
			t.Run(fmt.Sprintf("%s with %d of 2 sold", key, confirmed), func(t *testing.T) {
				server, client := start(t)
				store := redisstock.New(client, redisstock.Options{})
				open(t, store, 10)
				_, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 2))
				require.NoError(t, err)
				require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Confirm, crowd(0, confirmed))))
				require.True(t, server.Del("seckill:{1001}:"+key))
				requireNotLoaded(t, store)
			})
		}
	}
}

// The Load counted what was sold before: no key stands for that.
func TestAGateOfCountedUnitsAloneHasLostNothing(t *testing.T) {
	server, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	want := stock.Counts{Total: 10, Left: 4, Sold: 6, Epoch: 2, Fence: 3}
	_, err := store.Load(t.Context(), "1001", 3, stock.Snapshot{Total: 10, Sold: 6, Epoch: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"seckill:{1001}:sale"}, server.Keys())
	all, err := store.CountsOf(t.Context(), []string{"1001"})
	require.NoError(t, err)
	require.Equal(t, map[string]stock.Counts{"1001": want}, all)
}

func TestScriptFlushIsNotNoticed(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 10)
	_, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 2))
	require.NoError(t, err)
	require.NoError(t, client.ScriptFlush(t.Context()).Err())
	_, err = store.Reserve(t.Context(), "1001", 1, crowd(1, 2))
	require.NoError(t, err)
	c, err := store.Counts(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, stock.Counts{Total: 10, Left: 6, Held: 4, Fence: 1}, c)
}

func TestSilentServerEndsWithTheContext(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	store := redisstock.New(dial(t, silent.Addr().String()), redisstock.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err = store.Counts(ctx, "1001")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.True(t, strings.HasPrefix(err.Error(), `redisstock: read the counts of goods "1001": `), err)
}

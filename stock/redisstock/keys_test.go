package redisstock_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

func TestKeysOfOneGoodsShareTheirHashTagAndNeverExpire(t *testing.T) {
	server, client := start(t)
	store := redisstock.New(client, redisstock.Options{Prefix: "shop"})
	open(t, store, 10, crowd(1, 3)...)
	_, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 2))
	require.NoError(t, err)
	require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Confirm, crowd(0, 1))))
	require.Equal(t, []string{"shop:{1001}:sale", "shop:{1001}:sale:attempts", "shop:{1001}:sale:users"}, server.Keys())
	for _, key := range server.Keys() {
		require.Zero(t, server.TTL(key), key)
	}
}

func TestPrefixesAreIndependent(t *testing.T) {
	_, client := start(t)
	a, b := redisstock.New(client, redisstock.Options{Prefix: "a"}), redisstock.New(client, redisstock.Options{})
	open(t, a, 10)
	requireNotLoaded(t, b)
}

func TestSoldAttemptsStayTiny(t *testing.T) {
	server, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 10)
	_, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 2))
	require.NoError(t, err)
	third := []stock.Request{{Attempt: "third", User: "third", Quantity: 2}}
	r, err := store.Reserve(t.Context(), "1001", 1, third)
	require.NoError(t, err)
	unknown, err := store.Confirm(t.Context(), "1001", []string{r.Group})
	require.NoError(t, err)
	require.Empty(t, unknown)
	require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Confirm, crowd(0, 2))))
	require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Restore, crowd(0, 1))))
	require.Equal(t, "r", server.HGet("seckill:{1001}:sale:attempts", crowd(0, 2)[0].Attempt))
	require.Equal(t, "s1", server.HGet("seckill:{1001}:sale:attempts", crowd(0, 2)[1].Attempt))
	require.Equal(t, "g2:"+r.Group, server.HGet("seckill:{1001}:sale:attempts", "third"))
	fields, err := server.HKeys("seckill:{1001}:sale")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"state", "total", "left", "held", "sold", "epoch", "fence", "load", "loaded", "since", "counted"}, fields, "no group")
	users, err := server.HKeys("seckill:{1001}:sale:users")
	require.NoError(t, err)
	require.Len(t, users, 2, "a user of no units is forgotten")
}

// The numbers of a goods and its groups share a hash.
func TestOnlyGroupsAreConfirmed(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 10)
	r, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 2))
	require.NoError(t, err)
	none := []string{"left", "held", "total", "state", "", "0", "of:" + r.Group}
	unknown, err := store.Confirm(t.Context(), "1001", none)
	require.NoError(t, err)
	require.Equal(t, none, unknown)
	c, err := store.Counts(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, stock.Counts{Total: 10, Left: 8, Held: 2, Fence: 1}, c)
}

// An earlier version kept its numbers in :stock. They are not taken over: the ledger
// has them.
func TestGateOfAnEarlierFormatIsNotLoaded(t *testing.T) {
	server, client := start(t)
	server.HSet("seckill:{1001}:stock", "state", "open", "total", "10", "left", "10", "held", "0", "sold", "0", "epoch", "0", "fence", "1")
	requireNotLoaded(t, redisstock.New(client, redisstock.Options{}))
}

func TestGoodsIDIsChecked(t *testing.T) {
	store := redisstock.New(dial(t, "127.0.0.1:1"), redisstock.Options{})
	for _, id := range []string{"", "a{b}", "a b", "秒", "a\n", strings.Repeat("x", 65)} {
		_, err := store.Counts(t.Context(), id)
		require.ErrorContains(t, err, "want 1 to 64 letters, digits, _ or -")
	}
}

func TestFenceBeyondLuaIsAFault(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 1)
	_, err := store.Reserve(t.Context(), "1001", 1<<53+1, nil)
	require.ErrorContains(t, err, "want at most 2^53")
	require.ErrorContains(t, store.Stop(t.Context(), "1001", 1<<53+1), "want at most 2^53")
	_, err = store.Load(t.Context(), "1001", 1<<53+1, stock.Snapshot{})
	require.ErrorContains(t, err, "want at most 2^53")
	require.NoError(t, store.Stop(t.Context(), "1001", 1<<53))
	require.ErrorIs(t, store.Stop(t.Context(), "1001", 1<<53-1), stock.ErrFenced)
}

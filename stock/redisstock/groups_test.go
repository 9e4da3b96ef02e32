package redisstock_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
)

// Whatever bytes and lengths names have, and wherever those stand that got nothing.
func TestHoldsAreThoseThatWereTaken(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 12, stock.Request{Attempt: "sold", User: "early", Quantity: 1})
	long := strings.Repeat(":\x00秒1", 128)
	r, err := store.Reserve(t.Context(), "1001", 1, []stock.Request{
		{Attempt: "sold", User: "early", Quantity: 1},
		{Attempt: long[:128], User: "1", Quantity: 2},
		{Attempt: "a", User: long[1:129], Quantity: 1, Limit: 1},
		{Attempt: "a", User: long[1:129], Quantity: 1, Limit: 1},
		{Attempt: "b", User: long[1:129], Quantity: 1, Limit: 1},
		{Attempt: "c", User: "u", Quantity: 9},
		{Attempt: ":", User: ":", Quantity: 8, Limit: 8},
	})
	require.NoError(t, err)
	require.Equal(t, []stock.Status{stock.Sold, stock.Reserved, stock.Reserved, stock.Held, stock.LimitReached, stock.SoldOut, stock.Reserved}, r.Statuses)
	require.Equal(t, 0, r.Left)
	holds, err := store.Holds(t.Context(), "1001", -time.Hour, 10)
	require.NoError(t, err)
	for i := range holds {
		holds[i].Age = 0
	}
	require.Equal(t, []stock.Hold{
		{Attempt: long[:128], User: "1", Quantity: 2},
		{Attempt: "a", User: long[1:129], Quantity: 1},
		{Attempt: ":", User: ":", Quantity: 8},
	}, holds)
}

// An attempt that was released and came again is its new group's, while the old one
// holds others.
func TestAttemptThatCameAgainIsHeldOnce(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 10)
	both := crowd(0, 2)
	old, err := store.Reserve(t.Context(), "1001", 1, both)
	require.NoError(t, err)
	require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Release, both[:1])))
	_, err = store.Reserve(t.Context(), "1001", 1, both[:1])
	require.NoError(t, err)
	holds, err := store.Holds(t.Context(), "1001", -time.Hour, 10)
	require.NoError(t, err)
	require.Len(t, holds, 2)
	unknown, err := store.Confirm(t.Context(), "1001", []string{old.Group})
	require.NoError(t, err)
	require.Empty(t, unknown)
	holds, err = store.Holds(t.Context(), "1001", -time.Hour, 10)
	require.NoError(t, err)
	require.Len(t, holds, 1)
	require.Equal(t, both[0].Attempt, holds[0].Attempt)
}

// Quantity and limit are sent once for all when they are the same, and one limit is
// not another's.
func TestLimitsOfOneGroupMayDiffer(t *testing.T) {
	_, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 10, crowd(0, 2)...)
	for limit, want := range map[int]stock.Status{0: stock.Reserved, 1: stock.LimitReached, 2: stock.Reserved} {
		two := []stock.Request{
			{Attempt: "a", User: "another", Quantity: 1, Limit: 9},
			{Attempt: "b", User: crowd(0, 2)[1].User, Quantity: 1, Limit: limit},
		}
		r, err := store.Reserve(t.Context(), "1001", 1, two)
		require.NoError(t, err)
		require.Equal(t, []stock.Status{stock.Reserved, want}, r.Statuses, "limit %d", limit)
		require.NoError(t, store.Settle(t.Context(), "1001", verdict(stock.Release, two)))
	}
	r, err := store.Reserve(t.Context(), "1001", 1, nil)
	require.NoError(t, err)
	require.Equal(t, stock.Reservation{Statuses: []stock.Status{}, Fence: 1, Left: 8}, r)
}

package redisstock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/stock/redisstock"
)

func TestHoldsAgeByTheClockOfTheServer(t *testing.T) {
	server, client := start(t)
	store := redisstock.New(client, redisstock.Options{})
	open(t, store, 10)
	reserved := time.Date(2026, 11, 11, 0, 0, 0, 999_999_000, time.UTC)
	server.SetTime(reserved)
	_, err := store.Reserve(t.Context(), "1001", 1, crowd(0, 1))
	require.NoError(t, err)
	for later, listed := range map[time.Duration]time.Duration{
		time.Microsecond: time.Microsecond, // over the turn of a second
		24 * time.Hour:   24 * time.Hour,
		-time.Minute:     0, // a step back
	} {
		server.SetTime(reserved.Add(later))
		holds, err := store.Holds(t.Context(), "1001", -time.Hour, 10)
		require.NoError(t, err)
		require.Len(t, holds, 1)
		require.Equal(t, listed, holds[0].Age)
	}
	server.SetTime(reserved)
	holds, err := store.Holds(t.Context(), "1001", time.Nanosecond, 10)
	require.NoError(t, err)
	require.Empty(t, holds, "a hold of no age is younger than a nanosecond")
}

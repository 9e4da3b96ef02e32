package boltstock_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/seckill-go/seckill/examples/boltstock"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/stocktest"
)

func file(t *testing.T, path string) *bbolt.DB {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true}) // a test need not outlive a power cut
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestConforms(t *testing.T) {
	stocktest.Run(t, func(t *testing.T) stocktest.Fixture {
		now := time.Now()
		s, err := boltstock.Open(t.Context(), file(t, filepath.Join(t.TempDir(), "stock.db")), func() time.Time { return now })
		require.NoError(t, err)
		return stocktest.Fixture{Store: s, Advance: func(d time.Duration) { now = now.Add(d) }}
	})
}

func TestAFileKeepsTheNumbers(t *testing.T) {
	db := file(t, filepath.Join(t.TempDir(), "stock.db"))
	s, err := boltstock.Open(t.Context(), db, time.Now)
	require.NoError(t, err)
	_, err = s.Load(t.Context(), "1001", 3, stock.Snapshot{Total: 10, Epoch: 1})
	require.NoError(t, err)
	for _, attempt := range []string{"a", "b"} {
		_, err = s.Reserve(t.Context(), "1001", 4, []stock.Request{{Attempt: attempt, User: "ada", Quantity: 2}})
		require.NoError(t, err)
	}
	require.NoError(t, s.Settle(t.Context(), "1001", []stock.Settlement{{Attempt: "a", User: "ada", Quantity: 2, Verdict: stock.Confirm}}))

	again, err := boltstock.Open(t.Context(), db, time.Now)
	require.NoError(t, err)
	counts, err := again.Counts(t.Context(), "1001")
	require.NoError(t, err)
	require.Equal(t, stock.Counts{Total: 10, Left: 6, Held: 2, Sold: 2, Epoch: 1, Fence: 4}, counts)
	held, err := again.Holds(t.Context(), "1001", 0, 10)
	require.NoError(t, err)
	require.Len(t, held, 1)
	require.Equal(t, "b", held[0].Attempt)
}

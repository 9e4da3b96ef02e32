package main_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/sqlitedb"
)

func TestReconcileTellsAndMendsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	p := open(t, nil, "-data", dir)
	_, err := buy(http.DefaultClient, always(p.url), "alice", "1001")
	require.NoError(t, err)
	p.stop(t)
	run := func(status int, args ...string) *process {
		t.Helper()
		r := launch(t, nil, append([]string{"reconcile", "-data", dir}, args...)...)
		require.Equal(t, status, r.wait(t), r.stderr.String())
		return r
	}
	require.Contains(t, run(0).stdout.String(), "1001: nothing differs: total 100, sold 1, left 99")

	db, err := sqlitedb.Open(filepath.Join(dir, "seckill.db"))
	require.NoError(t, err)
	require.NoError(t, db.Exec("UPDATE seckill_stock SET sold = 7 WHERE goods_id = '1001'").Error)
	pool, err := db.DB()
	require.NoError(t, err)
	require.NoError(t, pool.Close())
	for range 2 { // looking changes nothing
		r := run(1, "1001")
		require.Contains(t, r.stdout.String(), "1001: differs: ledger: stock row says 7 sold, live orders have 1")
		require.Contains(t, r.stderr.String(), "1 of 1 goods differ")
	}
	mended := run(0, "-mend")
	require.Contains(t, mended.stdout.String(), "1001: mended: stock row and entries amended to the 1 units of live orders")
	require.Contains(t, mended.stdout.String(), "1001: nothing differs")
	run(0)
}

func TestMistakesOfReconcileAreNamed(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"want -config or -data":             {},
		"want -config or -data: ":           {"-config", "a", "-data", "b"},
		"-data: ":                           {"-data", filepath.Join(t.TempDir(), "gone")},
		"flag provided but not defined: -x": {"-x"},
		"no such file":                      {"-config", filepath.Join(t.TempDir(), "gone")},
	} {
		r := launch(t, nil, append([]string{"reconcile"}, args...)...)
		require.Equal(t, 2, r.wait(t))
		require.Contains(t, r.stderr.String(), want)
	}
	help := launch(t, nil, "reconcile", "-h")
	require.Equal(t, 0, help.wait(t))
	require.Contains(t, help.stdout.String(), "-mend")
}

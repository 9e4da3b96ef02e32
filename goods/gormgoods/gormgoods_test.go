package gormgoods_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/goods/goodstest"
	"github.com/seckill-go/seckill/goods/gormgoods"
	"github.com/seckill-go/seckill/internal/sqlitedb"
)

func TestCatalogKeepsTheLaws(t *testing.T) {
	goodstest.Run(t, func(t *testing.T) goods.Catalog {
		db, err := sqlitedb.Open(filepath.Join(t.TempDir(), "goods.db"))
		require.NoError(t, err)
		pool, err := db.DB()
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, pool.Close()) })
		require.NoError(t, gormgoods.Migrate(t.Context(), db))
		require.NoError(t, gormgoods.Migrate(t.Context(), db), "a second time")
		return gormgoods.New(db, gormgoods.Options{})
	})
}

func TestCheckNamesWhatKeepsTheCatalogFromBeingRead(t *testing.T) {
	db, err := sqlitedb.Open("") // of one connection, so that a PRAGMA holds
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	defer pool.Close()
	catalog := gormgoods.New(db, gormgoods.Options{})
	require.ErrorContains(t, catalog.Check(t.Context()), "no such table")
	require.NoError(t, gormgoods.Migrate(t.Context(), db))
	require.NoError(t, db.Exec("PRAGMA query_only = ON").Error)
	require.NoError(t, catalog.Check(t.Context()), "it is only read")
	require.NoError(t, db.Exec("PRAGMA query_only = OFF").Error)
	require.NoError(t, db.Exec("ALTER TABLE seckill_goods DROP COLUMN subtitle").Error)
	require.ErrorContains(t, catalog.Check(t.Context()), "no such column: subtitle")
}

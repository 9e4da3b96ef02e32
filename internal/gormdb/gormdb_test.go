package gormdb_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/sqlitedb"
)

func open(t *testing.T) *gorm.DB {
	db, err := sqlitedb.Open("")
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return db
}

func TestMomentIsTheSameHoweverItIsRead(t *testing.T) {
	at := time.Date(2026, 11, 11, 20, 0, 0, 123456000, time.UTC)
	wrote, err := gormdb.Moment(at.In(time.FixedZone("CST", 8*3600))).Value()
	require.NoError(t, err)
	require.Equal(t, "2026-11-11 20:00:00.123456", wrote)
	shifted := time.Date(2026, 11, 11, 20, 0, 0, 123456000, time.FixedZone("CST", 8*3600)) // what loc makes of it
	for _, read := range []any{wrote, []byte("2026-11-11 20:00:00.123456"), shifted} {
		var m gormdb.Moment
		require.NoError(t, m.Scan(read))
		require.True(t, time.Time(m) == at, "%T", read)
	}
	var m gormdb.Moment
	require.NoError(t, m.Scan(nil))
	require.Zero(t, m)
	require.Error(t, m.Scan(7))
	require.Error(t, m.Scan("noon"))
}

func TestMigrationsRunOnceAndInOrder(t *testing.T) {
	db := open(t)
	files := fstest.MapFS{
		"migrations/sqlite/0002_b.sql": {Data: []byte("INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n")},
		"migrations/sqlite/0001_a.sql": {Data: []byte("-- A table.\nCREATE TABLE t (n INTEGER);\n")},
		"migrations/mysql/0001_a.sql":  {Data: []byte("this is not for SQLite;\n")},
	}
	for range 2 {
		require.NoError(t, gormdb.Migrate(t.Context(), db, "test", files))
	}
	files["migrations/sqlite/0003_c.sql"] = &fstest.MapFile{Data: []byte("INSERT INTO t VALUES (3);\n")}
	require.NoError(t, gormdb.Migrate(t.Context(), db, "test", files))
	var n int
	require.NoError(t, db.Raw("SELECT COUNT(*) FROM t").Row().Scan(&n))
	require.Equal(t, 3, n)
}

func TestAMigrationThatFailsIsNamedAndRunsAgain(t *testing.T) {
	db := open(t)
	files := fstest.MapFS{"migrations/sqlite/0001_a.sql": {Data: []byte("CREATE TABLE t (n INTEGER);\nnonsense;\n")}}
	require.ErrorContains(t, gormdb.Migrate(t.Context(), db, "test", files), "0001_a.sql")
	files["migrations/sqlite/0001_a.sql"].Data = []byte("CREATE TABLE t (n INTEGER);\n")
	require.NoError(t, gormdb.Migrate(t.Context(), db, "test", files))
}

func TestADialectWithoutMigrationsIsNamed(t *testing.T) {
	require.ErrorContains(t, gormdb.Migrate(t.Context(), open(t), "test", fstest.MapFS{}), `"sqlite"`)
}

func TestDuplicateIsSeenThroughWrapping(t *testing.T) {
	db := open(t)
	db.Config.TranslateError = false
	require.NoError(t, db.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)").Error)
	require.NoError(t, db.Exec("INSERT INTO t VALUES (1)").Error)
	err := db.Exec("INSERT INTO t VALUES (1)").Error
	require.NotErrorIs(t, err, gorm.ErrDuplicatedKey)
	require.True(t, gormdb.Duplicate(db, err))
	require.True(t, gormdb.Duplicate(db, errors.Join(gorm.ErrDuplicatedKey)))
	require.False(t, gormdb.Duplicate(db, db.Exec("nonsense").Error))
}

func TestCauseTellsWhyTheCallEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	interrupted := errors.New("interrupted (9)")
	require.Equal(t, interrupted, gormdb.Cause(ctx, interrupted))
	cancel()
	require.NoError(t, gormdb.Cause(ctx, nil))
	require.ErrorIs(t, gormdb.Cause(ctx, interrupted), context.Canceled)
	require.ErrorIs(t, gormdb.Cause(ctx, interrupted), interrupted)
	require.Equal(t, context.Canceled, gormdb.Cause(ctx, context.Canceled))
}

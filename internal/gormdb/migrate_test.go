package gormdb_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/gormdb"
)

func TestWhatIsMigratedOnlyReads(t *testing.T) {
	db := open(t)
	files := fstest.MapFS{"migrations/sqlite/0001_a.sql": {Data: []byte("CREATE TABLE t (n INTEGER);\n")}}
	require.NoError(t, gormdb.Migrate(t.Context(), db, "test", files))
	require.NoError(t, db.Exec("PRAGMA query_only = ON").Error)
	require.NoError(t, gormdb.Migrate(t.Context(), db, "test", files))
	files["migrations/sqlite/0002_b.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE u (n INTEGER);\n")}
	require.ErrorContains(t, gormdb.Migrate(t.Context(), db, "test", files), "readonly")
}

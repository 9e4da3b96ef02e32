package sqlitedb_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/sqlitedb"
)

func open(t *testing.T, path string) *gorm.DB {
	db, err := sqlitedb.Open(path)
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return db
}

func count(t *testing.T, db *gorm.DB) (n int) {
	require.NoError(t, db.Raw("SELECT COUNT(*) FROM t").Row().Scan(&n))
	return n
}

func TestManyWritersNeverMeetABusyDatabase(t *testing.T) {
	for name, path := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "a b?c%20#.db")} {
		t.Run(name, func(t *testing.T) {
			db := open(t, path)
			require.NoError(t, db.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)").Error)
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() {
					addOne(t, db)
					if err := db.Exec("INSERT INTO t VALUES (?)", 1000+i).Error; err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			require.Equal(t, 200, count(t, db))
		})
	}
}

func TestReadersOfAFileDoNotWaitForTheWriter(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	require.NoError(t, db.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)").Error)
	require.NoError(t, db.Transaction(func(tx *gorm.DB) error {
		require.NoError(t, tx.Exec("INSERT INTO t VALUES (1)").Error)
		require.Zero(t, count(t, db))
		return nil
	}))
	require.Equal(t, 1, count(t, db))
}

func TestTwoProcessesNeverMeetABusyDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	dbs := []*gorm.DB{open(t, path), open(t, path)} // Two pools know as little of each other.
	require.NoError(t, dbs[0].Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)").Error)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() { addOne(t, dbs[i%2]) })
	}
	wg.Wait()
	require.Equal(t, 40, count(t, dbs[0]))
}

// addOne reads before it writes.
func addOne(t *testing.T, db *gorm.DB) {
	err := db.Transaction(func(tx *gorm.DB) error {
		var n int
		if err := tx.Raw("SELECT COUNT(*) FROM t WHERE n < 1000").Row().Scan(&n); err != nil {
			return err
		}
		return tx.Exec("INSERT INTO t VALUES (?)", n).Error
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAWriterGivesUpWithItsContext(t *testing.T) {
	for name, path := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "a.db")} {
		t.Run(name, func(t *testing.T) {
			db := open(t, path)
			require.NoError(t, db.Transaction(func(*gorm.DB) error {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
				defer cancel()
				require.ErrorIs(t, db.WithContext(ctx).Begin().Error, context.DeadlineExceeded)
				require.ErrorIs(t, db.WithContext(ctx).Exec("SELECT 1").Error, context.DeadlineExceeded)
				return nil
			}))
			require.NoError(t, db.Exec("SELECT 1").Error, "the next writer is let in")
		})
	}
}

func TestAFailedTransactionLetsTheNextWriterIn(t *testing.T) {
	db := open(t, "")
	for range 3 {
		require.ErrorIs(t, db.Transaction(func(*gorm.DB) error { return context.Canceled }), context.Canceled)
	}
	require.NoError(t, db.Transaction(func(*gorm.DB) error { return nil }))
}

func TestDuplicateKeysAreTold(t *testing.T) {
	db := open(t, "")
	require.NoError(t, db.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)").Error)
	require.NoError(t, db.Exec("INSERT INTO t VALUES (1)").Error)
	require.ErrorIs(t, db.Exec("INSERT INTO t VALUES (1)").Error, gorm.ErrDuplicatedKey)
}

func TestEachDatabaseInMemoryIsItsOwn(t *testing.T) {
	a, b := open(t, ""), open(t, "")
	require.NoError(t, a.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)").Error)
	require.NoError(t, b.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)").Error)
}

func TestFilesAreDurable(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "60000"} {
		var got string
		require.NoError(t, db.Raw("PRAGMA "+pragma).Row().Scan(&got))
		require.Equal(t, want, got, pragma)
	}
}

func TestOpenTellsWhichFile(t *testing.T) {
	_, err := sqlitedb.Open(filepath.Join(t.TempDir(), "no", "such", "folder.db"))
	require.ErrorContains(t, err, "folder.db")
}

func TestAFileIsOpenedByManyAtOnce(t *testing.T) {
	for range 100 {
		path := filepath.Join(t.TempDir(), "a.db")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				db, err := sqlitedb.Open(path)
				if err != nil {
					t.Error(err)
					return
				}
				var mode string
				if err := db.Raw("PRAGMA journal_mode").Row().Scan(&mode); err != nil || mode != "wal" {
					t.Error("journal", mode, err)
				}
				if err := db.Exec("CREATE TABLE IF NOT EXISTS t (n INTEGER)").Error; err != nil {
					t.Error(err)
				}
				pool, err := db.DB()
				if err == nil {
					err = pool.Close()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

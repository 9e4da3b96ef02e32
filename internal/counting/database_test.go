package counting_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seckill-go/seckill/internal/counting"
	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/sqlitedb"
)

type row struct {
	ID int `gorm:"primaryKey"`
	N  int
}

var errRollback = errors.New("roll it back")

// costs is what GORM's calls cost, whether or not statements are prepared. Each is
// made twice, as a prepared statement takes another way the second time.
var costs = map[string]struct {
	call func(db *gorm.DB) error
	want counting.Counts
}{
	"a read":                  {func(db *gorm.DB) error { return db.Raw("SELECT ?", 1).Row().Err() }, counting.Counts{SQL: 1}},
	"a read into a struct":    {func(db *gorm.DB) error { return db.Take(&row{}, 1).Error }, counting.Counts{SQL: 1}},
	"a count":                 {func(db *gorm.DB) error { return db.Model(&row{}).Count(new(int64)).Error }, counting.Counts{SQL: 1}},
	"a write":                 {func(db *gorm.DB) error { return db.Exec("UPDATE rows SET n = ?", 1).Error }, counting.Counts{SQL: 1, Commits: 1}},
	"an update":               {func(db *gorm.DB) error { return db.Model(&row{ID: 1}).Update("n", 2).Error }, counting.Counts{SQL: 1, Commits: 1}},
	"a deletion":              {func(db *gorm.DB) error { return db.Delete(&row{}, 7).Error }, counting.Counts{SQL: 1, Commits: 1}},
	"a creation":              {func(db *gorm.DB) error { return db.Create(&row{}).Error }, counting.Counts{SQL: 1, Commits: 1}},
	"batches, each committed": {func(db *gorm.DB) error { return plain(db).CreateInBatches(make([]row, 5), 2).Error }, counting.Counts{SQL: 3, Commits: 3}},
	"batches, in one":         {func(db *gorm.DB) error { return db.CreateInBatches(make([]row, 5), 5).Error }, counting.Counts{SQL: 1, Commits: 1}},
	"a dry run": {func(db *gorm.DB) error {
		return db.Session(&gorm.Session{DryRun: true, SkipDefaultTransaction: true}).Delete(&row{}, 7).Error
	}, counting.Counts{}},
	"statements never prepared": {
		func(db *gorm.DB) error { return gormdb.Plain(db).Exec("UPDATE rows SET n = ?", 1).Error }, counting.Counts{SQL: 1, Commits: 1},
	},
	"statements always prepared": {
		func(db *gorm.DB) error {
			return db.Session(&gorm.Session{PrepareStmt: true}).Exec("UPDATE rows SET n = ?", 1).Error
		}, counting.Counts{SQL: 1, Commits: 1},
	},
	"a write on a connection": {
		func(db *gorm.DB) error {
			return db.Connection(func(c *gorm.DB) error { return c.Exec("UPDATE rows SET n = ?", 1).Error })
		}, counting.Counts{SQL: 1, Commits: 1},
	},
	"a transaction": {
		func(db *gorm.DB) error {
			return db.Transaction(func(tx *gorm.DB) error { return errors.Join(three(tx)...) })
		}, counting.Counts{SQL: 3, Commits: 1},
	},
	"one that is rolled back": {
		func(db *gorm.DB) error {
			err := db.Transaction(func(tx *gorm.DB) error { return errors.Join(append(three(tx), errRollback)...) })
			if errors.Is(err, errRollback) {
				return nil
			}
			return err
		}, counting.Counts{SQL: 3},
	},
	"one in another, with its savepoint": {
		func(db *gorm.DB) error {
			return db.Transaction(func(tx *gorm.DB) error {
				return tx.Transaction(func(tx *gorm.DB) error { return errors.Join(three(tx)...) })
			})
		}, counting.Counts{SQL: 4, Commits: 1},
	},
}

func plain(db *gorm.DB) *gorm.DB {
	return db.Session(&gorm.Session{SkipDefaultTransaction: true})
}

func three(tx *gorm.DB) []error {
	return []error{tx.Exec("UPDATE rows SET n = ?", 1).Error, tx.Create(&row{}).Error, tx.Take(&row{}, 1).Error}
}

func TestStatementsAndCommitsAreCounted(t *testing.T) {
	for name, prepared := range map[string]bool{"prepared": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			raw := open(t, prepared)
			calls := new(counting.Calls)
			db, err := calls.DB(raw)
			require.NoError(t, err)
			for name, c := range costs {
				for range 2 {
					before := calls.Snapshot()
					require.NoError(t, c.call(raw), name)
					require.Equal(t, before, calls.Snapshot(), "%s by a handle that is not counted", name)
					require.NoError(t, c.call(db), name)
					require.Equal(t, c.want, calls.Snapshot().Minus(before), name)
				}
			}
		})
	}
}

func TestTheSameConnectionsAreUsed(t *testing.T) {
	for _, prepared := range []bool{true, false} {
		raw := open(t, prepared)
		db, err := new(counting.Calls).DB(raw)
		require.NoError(t, err)
		for _, handle := range []*gorm.DB{db, db.Begin()} {
			got, err := handle.DB()
			require.NoError(t, err)
			want, err := raw.DB()
			require.NoError(t, err)
			require.Same(t, want, got)
			handle.Rollback()
		}
	}
}

func TestTwoMayCountHandlesOfTheSameDatabase(t *testing.T) {
	raw := open(t, false)
	one, two := new(counting.Calls), new(counting.Calls)
	a, err := one.DB(raw)
	require.NoError(t, err)
	b, err := two.DB(raw)
	require.NoError(t, err)
	require.NoError(t, a.Exec("SELECT 1").Error)
	require.NoError(t, b.Raw("SELECT 1").Row().Err())
	require.Equal(t, counting.Counts{SQL: 1, Commits: 1}, one.Snapshot())
	require.Equal(t, counting.Counts{SQL: 1}, two.Snapshot())
	_, err = two.DB(a)
	require.ErrorContains(t, err, "not counted yet")
}

// open returns a database with a table; writers queue as they do in a shop.
func open(t *testing.T, prepared bool) *gorm.DB {
	base, err := sqlitedb.Open(filepath.Join(t.TempDir(), "a.db"))
	require.NoError(t, err)
	db, err := gorm.Open(&sqlite.Dialector{Conn: base.ConnPool}, &gorm.Config{PrepareStmt: prepared, Logger: logger.Discard})
	require.NoError(t, err)
	t.Cleanup(func() {
		if p, ok := db.ConnPool.(*gorm.PreparedStmtDB); ok {
			p.Close()
		}
		connections, err := base.DB()
		require.NoError(t, err)
		require.NoError(t, connections.Close())
	})
	require.NoError(t, db.AutoMigrate(&row{}))
	require.NoError(t, db.Create(&row{ID: 1}).Error)
	return db
}
